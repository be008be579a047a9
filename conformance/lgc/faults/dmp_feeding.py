"""Faults of the feeding of the DMP: what goes, what does not, and what becomes of it during an outage."""

from __future__ import annotations

from dataclasses import replace
from time import sleep
from uuid import uuid4

from conformance.exchange.dmp import requests
from conformance.exchange.dmp.authorisations import Action as Authorise
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted, single
from conformance.lgc.dmp.book import NO_CHOICE, Action, Order
from conformance.lgc.dmp.client import DmpRefusal, Unreachable
from conformance.lgc.dmp.feeding import ALREADY_THERE, Feeding
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.refusals import Refused
from conformance.lgc.store import StoredDocument
from conformance.sut.contract import (
    DepositState,
    DocumentStatus,
    DocumentView,
    FeedingChoice,
    FeedingState,
    Identity,
    Oppositions,
)

# What goes


class FeedsEveryOtherDocument(Feeding):
    """Feeds the first, the third, the fifth document of a patient, and so on.

    Envoie au DMP un document du patient sur deux.
    """

    def forbidden(self, document: StoredDocument) -> str | None:
        validated = [
            each.id for each in self.store.documents(document.patient_id) if each.status is not DocumentStatus.DRAFT
        ]
        if document.id in validated and validated.index(document.id) % 2 == 1 and document.replaces is None:
            return "un document sur deux"
        return super().forbidden(document)


class FeedsDrafts(Feeding):
    """Feeds, with a document that is validated, the drafts that were left.

    Envoie, avec un document validé, les brouillons laissés en plan.
    """

    def validated(self, document: StoredDocument) -> None:
        super().validated(document)
        for patient in self.store.patients() if self.user() is not None else ():
            for other in self.store.documents(patient.patient_id):
                left = other.status is DocumentStatus.DRAFT and other.created <= document.created
                if left and not self.book.waiting(other.id) and self.forbidden(other) is None:
                    self.order(other, Action.FEED)


class WaitsForTheDmp(Feeding):
    """Feeds while the user waits for the answer.

    Envoie pendant que l’utilisateur attend la réponse du DMP.
    """

    def validated(self, document: StoredDocument) -> None:
        super().validated(document)
        while self.book.waiting(document.id) and not self._failing:
            sleep(0.01)


class AsksAnAuthorisation(Feeding):
    """Sets an access authorisation (TD0.3) before it feeds.

    Pose une autorisation d’accès (TD0.3) avant d’alimenter.
    """

    def has_record(self, user: DmpUser, record: str) -> bool:
        found = super().has_record(user, record)
        if found:
            assertion = self.link.voucher.assertion(user, record)
            self.link.client.ask(user.endpoint, requests.set_authorisation(user.endpoint.url, assertion, Authorise.ADD))
        return found


class SearchesAfterEachDeposit(Feeding):
    """Searches the whole DMP after each deposit, to see whether the document is there.

    Cherche dans tout le DMP après chaque dépôt, pour voir si le document y est.
    """

    def send(self, user: DmpUser, record: str, document: StoredDocument, replaced: str | None) -> None:
        super().send(user, record, document, replaced)
        query = StoredQuery(
            Queries.FIND_DOCUMENTS,
            {
                "$XDSDocumentEntryPatientId": (single(record),),
                "$XDSDocumentEntryStatus": (quoted(names.APPROVED),),
            },
        )
        try:
            self.link.search(user, record, query)
        except DmpRefusal:
            return


class FeedsWithoutLookingForTheDmp(Feeding):
    """Sends documents without asking whether the patient has a DMP.

    Envoie les documents sans demander si le patient a un DMP.
    """

    def has_record(self, user: DmpUser, record: str) -> bool:
        return True


class FeedsUnqualifiedIdentities(Feeding):
    """Asks and feeds the DMP with a matricule that is not qualified.

    Interroge et alimente le DMP avec un matricule qui n’est pas qualifié.
    """

    def record_of(self, identity: Identity) -> str | None:
        return str(Cx(identity.ins.matricule, identity.ins.oid, "NH")) if identity.ins else None


# What the user holds back


class IgnoresTheBlock(Feeding):
    """Feeds a document that the user holds back.

    Envoie un document que l’utilisateur retient.
    """

    def blocked(self, document: StoredDocument) -> bool:
        return False


class RemembersFormerBlocks(Feeding):
    """Holds back every document of a patient after one that the user held back.

    Retient tout document d’un patient après un document que l’utilisateur a retenu.
    """

    def blocked(self, document: StoredDocument) -> bool:
        return any(self.book.standing(each.id).choice.blocked for each in self.store.documents(document.patient_id))


class BlocksTheNextVersions(Feeding):
    """Holds back the new version of a document that was held back.

    Retient la nouvelle version d’un document qui a été retenu.
    """

    def blocked(self, document: StoredDocument) -> bool:
        former = document.replaces is not None and self.book.standing(document.replaces).choice.blocked
        return former or super().blocked(document)


class NeverLetsGo(Feeding):
    """Keeps holding a document back when the user lets it go.

    Continue de retenir un document que l’utilisateur laisse partir.
    """

    def choose(self, document: StoredDocument, choice: FeedingChoice) -> None:
        held = self.book.standing(document.id).state is FeedingState.BLOCKED
        if not (held and not choice.blocked):
            super().choose(document, choice)


# What the patient refuses


class IgnoresTheOpposition(Feeding):
    """Feeds the documents of a patient who objects.

    Envoie les documents d’un patient qui s’oppose.
    """

    def opposed(self, patient_id: str) -> bool:
        return False


class KeepsLiftedOppositions(Feeding):
    """Goes on refusing for a patient who objects no more, until the product restarts.

    Continue de refuser pour un patient qui ne s’oppose plus, jusqu’au redémarrage.
    """

    _once: frozenset[str] = frozenset()

    def opposed(self, patient_id: str) -> bool:
        if super().opposed(patient_id):
            self._once |= {patient_id}
        return patient_id in self._once


class IgnoresAnOppositionThatComesLater(Feeding):
    """Looks at the objection when a document is validated, not when it is sent.

    Regarde l’opposition quand le document est validé, pas quand il part.
    """

    def deposit(self, user: DmpUser, record: str, order: Order, document: StoredDocument) -> None:
        opposed = self.opposed
        self.opposed = lambda patient_id: False  # type: ignore[method-assign]  # for this one deposit
        try:
            super().deposit(user, record, order, document)
        finally:
            self.opposed = opposed  # type: ignore[method-assign]  # as it was


class DeletesNothingUnderAnOpposition(Feeding):
    """Refuses to delete a document of a patient who objects to feeding.

    Refuse de supprimer un document d’un patient qui s’oppose à l’alimentation.
    """

    def remove(self, document: StoredDocument) -> None:
        if self.opposed(document.patient_id):
            raise Refused(409, "opposition", "Le patient s’oppose à l’alimentation de son DMP.")
        super().remove(document)


# Outages


class GivesUpAtTheFirstFailure(Feeding):
    """Takes an outage for a refusal: nothing is sent again.

    Prend une panne pour un refus : rien n’est renvoyé.
    """

    def deposit(self, user: DmpUser, record: str, order: Order, document: StoredDocument) -> None:
        try:
            super().deposit(user, record, order, document)
        except Unreachable as error:
            raise DmpRefusal(("?",), str(error)) from error


class KeepsOneWaitingDocument(Feeding):
    """Keeps but the last document of those that wait during an outage.

    Ne garde que le dernier des documents qui attendent pendant une panne.
    """

    def order(self, document: StoredDocument, action: Action) -> None:
        if self._failing:
            for each in self.book.orders():
                if each.state is DepositState.PENDING and each.error and each.document_id != document.id:
                    self.book.withdraw(each)
        super().order(document, action)


class ForgetsWhatWaits(Feeding):
    """Shows as waiting a document that could not be sent, and never sends it.

    Montre comme en attente un document qui n’a pas pu partir, et ne l’envoie jamais.
    """

    def deposit(self, user: DmpUser, record: str, order: Order, document: StoredDocument) -> None:
        try:
            super().deposit(user, record, order, document)
        except Unreachable:
            self.book.withdraw(order)


class LosesTheQueueOnRestart(Feeding):
    """Keeps what waits in memory: a restart loses it.

    Garde en mémoire ce qui attend : un redémarrage le perd.
    """

    def resume(self) -> None:
        for order in self.book.orders():
            if order.state is DepositState.PENDING:
                self.book.withdraw(order)


class KeepsNoHistory(Feeding):
    """Shows that a document was sent, and writes nothing of it in its history.

    Montre qu’un document est envoyé, et n’en écrit rien dans son historique.
    """

    def deposited(self, order: Order, document: StoredDocument) -> None:
        self.done(order)
        self.book.set_state(document.id, FeedingState.SENT)


class ForgetsBlocksOnRestart(Feeding):
    """Keeps in memory what the user holds back: a restart lets it go.

    Garde en mémoire ce que l’utilisateur retient : un redémarrage le laisse partir.
    """

    def resume(self) -> None:
        for patient in self.store.patients():
            for document in self.store.documents(patient.patient_id):
                self.book.save(replace(self.book.standing(document.id), choice=NO_CHOICE))
        super().resume()


class ForgetsOppositionsOnRestart(Feeding):
    """Keeps in memory the objections of patients: a restart forgets them.

    Garde en mémoire les oppositions des patients : un redémarrage les oublie.
    """

    def resume(self) -> None:
        for patient in self.store.patients():
            self.oppositions.record(patient.patient_id, Oppositions())
        super().resume()


class SendsAgainUnderAnotherId(Feeding):
    """Gives the document a new id when it sends it a second time.

    Donne un nouvel identifiant au document quand il l’envoie une deuxième fois.
    """

    def deposit(self, user: DmpUser, record: str, order: Order, document: StoredDocument) -> None:
        if "Disconnected" in order.error:
            former = document.numbering.unique_id
            anew = f"2.25.{uuid4().int}"
            body = document.body.replace(former.encode(), anew.encode())
            document = replace(document, body=body)
        super().deposit(user, record, order, document)


class TakesDuplicatesForFailures(Feeding):
    """Says that a document was refused when the DMP answers that it is there already.

    Dit qu’un document a été refusé quand le DMP répond qu’il y est déjà.
    """

    def judge_refusal(self, refusal: DmpRefusal) -> None:
        raise refusal


class TakesRefusalsForSuccesses(Feeding):
    """Says that a document which the DMP refused was sent.

    Dit qu’un document refusé par le DMP a été envoyé.
    """

    def judge_refusal(self, refusal: DmpRefusal) -> None:
        if set(refusal.codes) & ALREADY_THERE:
            super().judge_refusal(refusal)


class HidesRefusals(Feeding):
    """Goes on showing as waiting a document that the DMP refused.

    Continue de montrer comme en attente un document que le DMP a refusé.
    """

    def shown(self, view: DocumentView) -> DocumentView:
        shown = super().shown(view)
        return replace(shown, feeding=FeedingState.PENDING) if shown.feeding is FeedingState.FAILED else shown


def authorise(link: Link, user: DmpUser, record: str) -> None:
    """Set an access authorisation (TD0.3)."""
    assertion = link.voucher.assertion(user, record)
    link.client.ask(user.endpoint, requests.set_authorisation(user.endpoint.url, assertion, Authorise.ADD))

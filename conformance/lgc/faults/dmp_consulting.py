"""Faults of the consultation of the DMP: rights, searches, what is filed, what is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.exchange.metadata import DocumentEntry
from conformance.exchange.vihf import AccessMode
from conformance.lgc.dmp.consultation import ENTRY, Consultation, Given
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import (
    DmpEntry,
    DmpQuery,
    DocumentView,
    Notice,
    NoticeKind,
    Origin,
    Patient,
    RecordOpening,
)

# Rights


class SearchesWithoutCheckingTheRights(Consultation):
    """Searches without asking first whether the user may (TD0.2).

    Cherche sans demander d’abord si l’utilisateur en a le droit (TD0.2).
    """

    def check_rights(self, user: DmpUser, record: str, access: AccessMode) -> None:
        if access is AccessMode.NORMAL:
            self._ask(lambda: self.link.authorise(user, record))


class LeavesTheAuthorisationToTheUser(Consultation):
    """Refuses to search as long as the user is not authorised, and does nothing about it.

    Refuse de chercher tant que l’utilisateur n’est pas autorisé, et n’y fait rien.
    """

    def check_rights(self, user: DmpUser, record: str, access: AccessMode) -> None:
        if access is AccessMode.NORMAL and self.link.existence(user, record).authorisation != "VALIDE":
            raise Refused(409, "not_authorised", "Vous n’êtes pas autorisé à consulter ce DMP.")
        super().check_rights(user, record, access)


class AsksForTheAuthorisationEachTime(Consultation):
    """Sets the authorisation (TD0.3) at each search, even when there is one.

    Pose l’autorisation (TD0.3) à chaque recherche, même quand elle existe.
    """

    def check_rights(self, user: DmpUser, record: str, access: AccessMode) -> None:
        super().check_rights(user, record, access)
        if access is AccessMode.NORMAL:
            self._ask(lambda: self.link.authorise(user, record))


class ConsultsDespiteAnOpposition(Consultation):
    """Searches for a user who asks, even when the patient objects.

    Cherche à la demande de l’utilisateur, même quand le patient s’y oppose.
    """

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        opposed = self.opposed
        self.opposed = lambda patient_id: False  # type: ignore[method-assign]  # for this one search
        try:
            return super().search(patient, query)
        finally:
            self.opposed = opposed  # type: ignore[method-assign]  # as it was


class LooksIntoTheDmpAtOpeningDespiteAnOpposition(Consultation):
    """Looks for news when a record is opened, even when the patient objects.

    Cherche les nouveautés à l’ouverture du dossier, même quand le patient s’y oppose.
    """

    def open(self, patient: Patient) -> RecordOpening:
        opposed = self.opposed
        self.opposed = lambda patient_id: False  # type: ignore[method-assign]  # for this one opening
        try:
            return super().open(patient)
        finally:
            self.opposed = opposed  # type: ignore[method-assign]  # as it was


class NeverForgetsAnOpposition(Consultation):
    """Goes on refusing to consult for a patient who objects no more.

    Continue de refuser la consultation pour un patient qui ne s’y oppose plus.
    """

    _once: frozenset[str] = frozenset()

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        if self.opposed(patient.patient_id):
            self._once |= {patient.patient_id}
        if patient.patient_id in self._once:
            raise Refused(409, "opposition", "Le patient refuse la consultation de son DMP.")
        return super().search(patient, query)


class StaysInEmergencyAccess(Consultation):
    """Goes on in emergency access (bris de glace) with a patient after one such search.

    Reste en bris de glace avec un patient après une telle recherche.
    """

    _broken: AccessMode | None = None

    def access(self, query: DmpQuery) -> AccessMode:
        access = self._broken or super().access(query)
        self._broken = access if access is AccessMode.BREAK_GLASS and self._broken is None else None
        return access


class AsksForNoReason(Consultation):
    """Opens a DMP in an emergency without asking why.

    Ouvre un DMP en urgence sans demander pourquoi.
    """

    def access(self, query: DmpQuery) -> AccessMode:
        return super().access(replace(query, reason=query.reason or "?"))


# Searches


class IgnoresTheTypesAskedFor(Consultation):
    """Shows the documents of every type, whatever the user asked for.

    Montre les documents de tous les types, quoi que l’utilisateur ait demandé.
    """

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        return super().search(patient, replace(query, types=()))


class WritesListsWithoutParentheses(Consultation):
    """Writes the lists of a search without the parentheses that they need.

    Écrit les listes d’une recherche sans les parenthèses qu’il leur faut.
    """

    def parameters(self, record: str, query: DmpQuery) -> dict[str, tuple[str, ...]]:
        asked = super().parameters(record, query)
        return {name: tuple(value.strip("()") for value in values) for name, values in asked.items()}


class SearchesInLocalTime(Consultation):
    """Writes the dates of a search in local time.

    Écrit les dates d’une recherche en heure locale.
    """

    def parameters(self, record: str, query: DmpQuery) -> dict[str, tuple[str, ...]]:
        asked = super().parameters(record, query)
        if query.created_from is not None:
            asked[f"{ENTRY}CreationTimeFrom"] = (f"{query.created_from + timedelta(hours=2):%Y%m%d%H%M%S}",)
        return asked


class ShowsUniversalTimesAsLocal(Consultation):
    """Shows the times of the DMP two hours off, as if they were local.

    Montre les heures du DMP avec deux heures d’écart, comme si elles étaient locales.
    """

    def moment(self, time: str) -> datetime:
        return super().moment(time) - timedelta(hours=2)


class HidesTheVisibility(Consultation):
    """Does not show from whom a document is hidden.

    Ne montre pas à qui un document est caché.
    """

    def hidden(self, entry: DocumentEntry) -> tuple[str, ...]:
        return ()


class ShowsTheFirstDocumentOnly(Consultation):
    """Shows one document, whatever the search found.

    Montre un seul document, quoi que la recherche ait trouvé.
    """

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        return super().search(patient, query)[:1]


# The record


class FilesWhatIsLookedAt(Consultation):
    """Files a document that the user only looks at.

    Classe un document que l’utilisateur ne fait que regarder.
    """

    def read(self, patient: Patient, unique_id: str) -> bytes:
        body = super().read(patient, unique_id)
        if not self.stored(patient, unique_id):
            with suppress(Refused):  # the user sees the document whatever becomes of that
                self.integrate(patient, unique_id)
        return body


class SaysThatItCameByMail(Practice):
    """Shows a document of the DMP as received by MSSanté.

    Montre un document du DMP comme reçu par MSSanté.
    """

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return tuple(
            replace(view, origin=Origin.MSSANTE) if view.origin is Origin.DMP else view
            for view in super().list_documents(patient_id)
        )


class DoesNotSayWhatIsThere(Consultation):
    """Does not say in the list that a document is in the record already.

    Ne dit pas dans la liste qu’un document est déjà au dossier.
    """

    def line(self, entry: DocumentEntry, patient: Patient, newer: set[str]) -> DmpEntry:
        return replace(super().line(entry, patient, newer), in_record=False)


class DoesNotSayWhatIsNewer(Consultation):
    """Does not say in the list that a document is a newer version of one in the record.

    Ne dit pas dans la liste qu’un document est une version plus récente de celui du dossier.
    """

    def newer(self, user: DmpUser, record: str, patient: Patient, access: AccessMode) -> set[str]:
        return set()


# What is told at the opening


class TellsNoNewVersion(Consultation):
    """Does not tell that a document of the record has a newer version in the DMP.

    Ne signale pas qu’un document du dossier a une version plus récente au DMP.
    """

    def notices(self, user: DmpUser, record: str, patient: Patient) -> tuple[Notice, ...]:
        told = super().notices(user, record, patient)
        return tuple(each for each in told if each.kind is not NoticeKind.NEW_VERSION)


class TellsNoDeletion(Consultation):
    """Does not tell that a document of the record was deleted from the DMP.

    Ne signale pas qu’un document du dossier a été supprimé du DMP.
    """

    def notices(self, user: DmpUser, record: str, patient: Patient) -> tuple[Notice, ...]:
        told = super().notices(user, record, patient)
        return tuple(each for each in told if each.kind is not NoticeKind.DELETED)


class CountsAgainWhatWasSeen(Consultation):
    """Tells at each opening documents that the user was told of already.

    Annonce à chaque ouverture des documents déjà annoncés.
    """

    def new_ones(self, patient: Patient, found: tuple[DocumentEntry, ...]) -> tuple[Notice, ...]:
        with self.store.writing() as database:
            database.execute("DELETE FROM dmp_seen WHERE patient_id = ?", (patient.patient_id,))
        return super().new_ones(patient, found)


class CountsAllTypesTogether(Consultation):
    """Counts the new documents without their types.

    Compte les nouveaux documents sans leurs types.
    """

    def new_ones(self, patient: Patient, found: tuple[DocumentEntry, ...]) -> tuple[Notice, ...]:
        told = super().new_ones(patient, found)
        if not told:
            return ()
        number = sum(each.count for each in told)
        return (Notice(kind=NoticeKind.NEW_DOCUMENTS, text=f"{number} nouveaux documents", count=number),)


class FetchesEverythingAtTheOpening(Consultation):
    """Retrieves every new document when a record is opened.

    Consulte tous les nouveaux documents à l’ouverture du dossier.
    """

    def new_ones(self, patient: Patient, found: tuple[DocumentEntry, ...]) -> tuple[Notice, ...]:
        user, record = self.admitted(patient)
        for entry in found:
            self.link.retrieve(user, record, entry.unique_id or "")
        return super().new_ones(patient, found)


# Refusals of the DMP


class ShowsRefusalsAsAnEmptyDmp(Consultation):
    """Shows an empty list when the DMP refuses a search.

    Montre une liste vide quand le DMP refuse une recherche.
    """

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        try:
            return super().search(patient, query)
        except Refused as refused:
            if refused.code != "dmp_refused":
                raise
            return ()


class StopsFeedingAfterTooManySearches(Consultation):
    """Feeds nothing more once the DMP refuses to search for over-use.

    N’alimente plus rien une fois que le DMP refuse de chercher pour sur-utilisation.
    """

    def _ask(self, call: Callable[[], Given]) -> Given:
        try:
            return super()._ask(call)
        except Refused as refused:
            if "Threshold" in str(refused):
                self.feeding.stop()
            raise

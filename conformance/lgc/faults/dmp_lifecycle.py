"""Faults of what becomes of a document in the DMP: replaced, deleted, shown to some and not to others."""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange.metadata import names
from conformance.lgc.dmp.book import Action, Standing
from conformance.lgc.dmp.feeding import Feeding
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.faults.dmp_feeding import authorise
from conformance.lgc.practice import Practice
from conformance.lgc.store import StoredDocument
from conformance.sut.contract import DocumentStatus, DocumentView, FeedingChoice, FeedingState, Visibility


class FeedsTheNewVersionBesideTheOld(Feeding):
    """Feeds the new version of a document without saying that it replaces the former one.

    Envoie la nouvelle version d’un document sans dire qu’elle remplace l’ancienne.
    """

    def replaced_entry(self, user: DmpUser, record: str, document: StoredDocument) -> str | None:
        return None


class ArchivesInsteadOfDeleting(Feeding):
    """Archives a document in the DMP when the user deletes it there.

    Archive le document dans le DMP quand l’utilisateur l’y supprime.
    """

    def take_away(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        entry = self.link.look_up(user, record, document.numbering.unique_id)
        if entry is not None:
            objects = self.lots.status_change(user, record, entry, names.APPROVED, names.ARCHIVED)
            self.link.update(user, record, objects)
        self.book.set_state(document.id, FeedingState.REMOVED)


class SaysDeletedWithoutDeleting(Feeding):
    """Says that a document was deleted from the DMP, and asks nothing of the DMP.

    Dit qu’un document a été supprimé du DMP, sans rien demander au DMP.
    """

    def take_away(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        self.book.set_state(document.id, FeedingState.REMOVED)


class AsksAnAuthorisationToDelete(Feeding):
    """Sets an access authorisation (TD0.3) before it deletes.

    Pose une autorisation d’accès (TD0.3) avant de supprimer.
    """

    def take_away(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        authorise(self.link, user, record)
        super().take_away(user, record, document)


class DeletesTheLocalDocumentToo(Practice):
    """Deletes the document of the record when the user deletes it from the DMP.

    Supprime aussi le document du dossier quand l’utilisateur le supprime du DMP.
    """

    def remove_from_dmp(self, document_id: str) -> DocumentView:
        super().remove_from_dmp(document_id)
        self.store.save_document(replace(self.store.document(document_id), status=DocumentStatus.DELETED))
        return self.view_of(document_id)


class LeavesDeletedDocumentsInTheDmp(Feeding):
    """Leaves in the DMP a document that the user deletes from the record.

    Laisse au DMP un document que l’utilisateur supprime du dossier.
    """

    def deleted(self, document: StoredDocument) -> None:
        return


class MasksByDefault(Feeding):
    """Masks every document from professionals when it feeds it, unless the user chose otherwise.

    Masque tout document aux professionnels au moment du dépôt, sauf autre choix de l’utilisateur.
    """

    def visibility(self, document: StoredDocument) -> Visibility:
        chosen = super().visibility(document)
        fed = self.book.standing(document.id).state is FeedingState.SENT
        return chosen if fed or chosen != Visibility() else replace(chosen, masked_to_professionals=True)


class RemembersFormerVisibilities(Feeding):
    """Gives a document the visibility that the user chose for another of the same patient, when he chose none.

    Donne à un document la visibilité choisie pour un autre du même patient, faute d’autre choix.
    """

    def visibility(self, document: StoredDocument) -> Visibility:
        chosen = super().visibility(document)
        if chosen != Visibility() or self.book.standing(document.id).state is FeedingState.SENT:
            return chosen
        for other in self.store.documents(document.patient_id):
            chosen = self.book.standing(other.id).choice.visibility
            if chosen != Visibility():
                return chosen
        return Visibility()


class ForgetsTheVisibility(Feeding):
    """Hides the document from nobody, whatever the user chose.

    Ne cache le document à personne, quoi que l’utilisateur ait choisi.
    """

    def visibility(self, document: StoredDocument) -> Visibility:
        standing = self.book.standing(document.id)
        return Visibility() if standing.state is FeedingState.PENDING else super().visibility(document)


class MasksOnlyAtHome(Feeding):
    """Notes a masking that the user chooses later, and tells the DMP nothing of it.

    Note un masquage choisi après le dépôt, et n’en dit rien au DMP.
    """

    def order(self, document: StoredDocument, action: Action) -> None:
        if action is not Action.SHOW:
            super().order(document, action)


class HidesAgainWhatWasVisible(Feeding):
    """Lets the user hide from the patient a document that is visible, and asks the DMP to.

    Laisse l’utilisateur cacher au patient un document visible, et le demande au DMP.
    """

    def refuse_hiding(self, document_id: str, after: Visibility) -> None:
        return


class ShowsOnlyAtHome(Feeding):
    """Notes that a document is visible to the patient again, and tells the DMP nothing of it.

    Note qu’un document redevient visible du patient, et n’en dit rien au DMP.
    """

    def _change(self, document: StoredDocument, standing: Standing, choice: FeedingChoice) -> None:
        if standing.choice.visibility.hidden_from_patient and not choice.visibility.hidden_from_patient:
            self.book.save(replace(standing, choice=choice))
        else:
            super()._change(document, standing, choice)

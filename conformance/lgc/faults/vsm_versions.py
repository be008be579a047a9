"""Faults of the VSM: identifiers and versions."""

from __future__ import annotations

from dataclasses import replace

from conformance.lgc.header import Numbering
from conformance.lgc.practice import Practice
from conformance.lgc.vsm import Vsm
from conformance.sut.contract import DocumentRequest, DocumentStatus, DocumentView


class StaleVersionNumber(Vsm):
    """Gives a new version the number of the version before.

    Donne à une nouvelle version le numéro de la précédente.
    """

    def number(self, previous: Numbering | None) -> Numbering:
        numbering = super().number(previous)
        return replace(numbering, version_number=previous.version_number) if previous else numbering


class DuplicateDocumentId(Vsm):
    """Gives every document the same id.

    Donne à tous les documents le même identifiant.
    """

    def new_oid(self) -> str:
        return "2.25.329800735698586629295641978511506172918"

    def number(self, previous: Numbering | None) -> Numbering:
        numbering = super().number(previous)
        return numbering if previous else replace(numbering, set_id=super().new_oid())


class ChangesSetId(Vsm):
    """Gives a new version another ``setId`` than the version before.

    Donne à une nouvelle version un autre ``setId`` que la précédente.
    """

    def number(self, previous: Numbering | None) -> Numbering:
        return replace(super().number(previous), set_id=self.new_oid())


class ForgetsRelatedDocument(Vsm):
    """Does not say which document a new version replaces.

    Ne dit pas quel document une nouvelle version remplace.
    """

    def number(self, previous: Numbering | None) -> Numbering:
        return replace(super().number(previous), replaced_id=None)


class ReplacesAnotherDocument(Vsm):
    """Says of a new version that it replaces a document that nobody knows.

    Dit d’une nouvelle version qu’elle remplace un document que personne ne connaît.
    """

    def number(self, previous: Numbering | None) -> Numbering:
        numbering = super().number(previous)
        return replace(numbering, replaced_id=self.new_oid()) if previous else numbering


class KeepsReplacedDocumentCurrent(Practice):
    """Shows the version that was replaced as still current.

    Montre comme encore en vigueur la version qui a été remplacée.
    """

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return tuple(
            replace(view, status=DocumentStatus.CURRENT) if view.status is DocumentStatus.REPLACED else view
            for view in super().list_documents(patient_id)
        )


class StopsCountingVersions(Vsm):
    """Gives every version after the first the number 2.

    Donne le numéro 2 à toute version qui suit la première.
    """

    def number(self, previous: Numbering | None) -> Numbering:
        numbering = super().number(previous)
        return replace(numbering, version_number=2) if previous else numbering


class RemembersTheFirstRecord(Practice):
    """Makes every version from the record as it was at the first one.

    Fait chaque version avec le dossier tel qu’il était à la première.
    """

    def generate_document(self, patient_id: str, request: DocumentRequest) -> DocumentView:
        if request.replaces and request.content is None:
            request = replace(request, content=self.store.document(request.replaces).content)
        return super().generate_document(patient_id, request)


class ShowsDraftsAsCurrent(Practice):
    """Shows a document as current before the user has validated it.

    Montre un document comme en vigueur avant que l’utilisateur l’ait validé.
    """

    def generate_document(self, patient_id: str, request: DocumentRequest) -> DocumentView:
        return replace(super().generate_document(patient_id, request), status=DocumentStatus.CURRENT)


class ShowsDocumentsOfOthers(Practice):
    """Lists the documents of all patients in the file of each.

    Liste les documents de tous les patients dans le dossier de chacun.
    """

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        others = [patient.patient_id for patient in self.store.patients() if patient.patient_id != patient_id]
        listed = (super(ShowsDocumentsOfOthers, self).list_documents(one) for one in (patient_id, *others))
        return tuple(view for views in listed for view in views)

"""Faults of biology: the lists that show a report from outside, and the roads by which it comes."""

from __future__ import annotations

from dataclasses import replace

from conformance.lgc.practice import Practice
from conformance.sut.contract import DocumentStatus, DocumentView, Flag, FlagKind, IntegrationRequest, WorklistItem

_LABORATORY = (FlagKind.ABNORMAL, FlagKind.URGENT, FlagKind.COMMENT)


def _quiet(flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    return tuple(flag for flag in flags if flag.kind not in _LABORATORY)


class NoFlagInWorklist(Practice):
    """Does not flag abnormal reports in the list of documents to read.

    Ne signale pas les comptes rendus anormaux dans la liste des documents à lire.
    """

    def worklist(self) -> tuple[WorklistItem, ...]:
        return tuple(replace(item, flags=_quiet(item.flags)) for item in super().worklist())


class NoFlagInRecord(Practice):
    """Does not flag abnormal reports in the patient's list of documents.

    Ne signale pas les comptes rendus anormaux dans la liste des documents du patient.
    """

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return tuple(replace(view, flags=_quiet(view.flags)) for view in super().list_documents(patient_id))


class HidesDeletion(Practice):
    """Shows a report that its laboratory deleted as still in force.

    Montre comme encore en vigueur un compte rendu que son laboratoire a supprimé.
    """

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return tuple(
            replace(view, status=DocumentStatus.CURRENT) if view.status is DocumentStatus.DELETED else view
            for view in super().list_documents(patient_id)
        )


class LeavesReportsOfTheDmpUnread(Practice):
    """Files a report that comes from the DMP as any document: its results are not read, and nothing is flagged.

    Classe un compte rendu venu du DMP comme n’importe quel document : ses résultats ne sont pas lus, rien n’est signalé.
    """

    def integrate(self, request: IntegrationRequest) -> DocumentView:
        if request.origin != "dmp":
            return super().integrate(request)
        readers, self.desk.on_filed = self.desk.on_filed, []
        try:
            return super().integrate(request)
        finally:
            self.desk.on_filed = readers

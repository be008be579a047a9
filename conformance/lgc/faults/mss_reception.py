"""Faults of secure mail: what arrives, how it is recognised, filed and shown."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

from conformance.core.errors import DocumentError
from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.mail import Attachment, Message
from conformance.exchange.metadata import DocumentEntry
from conformance.exchange.xdm import Archive, ArchiveLimits, Member, read_archive
from conformance.exchange.xdm_writing import write_zip
from conformance.lgc.mail.courier import Mailbox
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.intake import Taken
from conformance.lgc.mail.reading import Found, Incoming, Kind, Reader
from conformance.lgc.mail.vigilance import Match
from conformance.lgc.mail.worklist import KeptItem
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.lgc.versions import Placement
from conformance.sut.contract import (
    DocumentStatus,
    DocumentView,
    FlagKind,
    Origin,
    Patient,
    PollReport,
    SenderKind,
    WorklistItem,
    WorklistReason,
)


class RefusesUnstructuredDocuments(Reader):
    """Does not file documents of level 1.

    Ne classe pas les documents de niveau 1.
    """

    def check(self, entry: DocumentEntry, file: Member, header: CdaHeader) -> str:
        return "Format non pris en charge." if header.body_type else super().check(entry, file, header)


class FilesTheFirstDocumentOnly(Reader):
    """Looks at the first document of an archive only.

    Ne regarde que le premier document d’une archive.
    """

    def documents(self, archive: Archive) -> list[Found]:
        return super().documents(archive)[:1]


class DatesDocumentsByTheirArrival(Desk):
    """Shows the moment of arrival as the date of a document.

    Montre le moment de l’arrivée comme date du document.
    """

    def view(self, found: Found, patient_id: str) -> DocumentView:
        return replace(super().view(found, patient_id), created=datetime.now(UTC))


class ShowsTheTypeAsTitle(Desk):
    """Shows the label of the type instead of the title of the document.

    Montre le libellé du type à la place du titre du document.
    """

    def view(self, found: Found, patient_id: str) -> DocumentView:
        return replace(super().view(found, patient_id), title=found.header.code.label or "Document")


class ShowsMailAsImported(Desk):
    """Shows documents that came by MSSanté as imported from a file.

    Montre comme importés d’un fichier les documents venus par MSSanté.
    """

    def view(self, found: Found, patient_id: str) -> DocumentView:
        return replace(super().view(found, patient_id), origin=Origin.IMPORTED)


class RewritesDocuments(Desk):
    """Keeps a document rewritten, not as it came.

    Garde le document réécrit, et non tel qu’il est arrivé.
    """

    def file(self, view: DocumentView, found: Found, placement: Placement, source: str) -> DocumentView:
        return super().file(view, replace(found, body=found.body.rstrip() + b"\n\n"), placement, source)


class WantsOneSpellingOfTheName(Reader):
    """Recognises an archive only when it is called IHE_XDM.zip, to the letter.

    Ne reconnaît une archive que si elle s’appelle IHE_XDM.zip, à la lettre près.
    """

    def archives(self, message: Message) -> tuple[Attachment, ...]:
        return tuple(one for one in super().archives(message) if one.name == "IHE_XDM.zip")


class WantsTheTypeApplicationZip(Reader):
    """Recognises an archive only when it is attached as application/zip.

    Ne reconnaît une archive que si elle est jointe en application/zip.
    """

    def archives(self, message: Message) -> tuple[Attachment, ...]:
        return tuple(one for one in super().archives(message) if one.media_type == "application/zip")


class WantsTheSubjectOfArchives(Reader):
    """Looks for an archive only under a subject that begins with XDM/1.0/DDM.

    Ne cherche une archive que sous un objet qui commence par XDM/1.0/DDM.
    """

    def archives(self, message: Message) -> tuple[Attachment, ...]:
        return super().archives(message) if message.subject.startswith("XDM/1.0/DDM") else ()


class TakesEverythingForRead(Practice):
    """Shows nothing as unread.

    Ne montre rien comme non lu.
    """

    def worklist(self) -> tuple[WorklistItem, ...]:
        return tuple(item for item in super().worklist() if item.reason is not WorklistReason.UNREAD)

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return tuple(
            replace(view, flags=tuple(flag for flag in view.flags if flag.kind is not FlagKind.UNREAD))
            for view in super().list_documents(patient_id)
        )


class ShowsTheOldestFirst(Practice):
    """Puts the oldest items of the worklist on top.

    Met en tête de la liste des tâches les éléments les plus anciens.
    """

    def worklist(self) -> tuple[WorklistItem, ...]:
        return tuple(reversed(super().worklist()))


class DropsDocumentsOfUnknownPatients(Desk):
    """Drops the documents of patients whom it does not know.

    Perd les documents des patients qu’il ne connaît pas.
    """

    def _wait(self, incoming: Incoming, found: Found, match: Match, taken: Taken) -> None:
        if match.reason is not WorklistReason.UNKNOWN_PATIENT:
            super()._wait(incoming, found, match, taken)


class HidesWhoWroteTheDocument(Practice):
    """Shows neither author nor organisation on the worklist.

    Ne montre ni auteur ni organisation dans la liste des tâches.
    """

    def worklist(self) -> tuple[WorklistItem, ...]:
        return tuple(replace(item, author="", organization="") for item in super().worklist())


class LosesWhatTheUserFiles(Desk):
    """Takes an item off the worklist without filing its document.

    Retire un élément de la liste des tâches sans classer son document.
    """

    def file(self, view: DocumentView, found: Found, placement: Placement, source: str) -> DocumentView:
        by_hand = found.entry.id == "-"
        return view if by_hand else super().file(view, found, placement, source)


class HidesMessagesWithOnlyPdfs(Desk):
    """Does not show messages that carry a PDF and no archive.

    Ne montre pas les messages qui portent un PDF sans archive.
    """

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        if incoming.kind is not Kind.PLAIN or not incoming.message.pdfs:
            super()._treat(incoming, taken)


class ShowsThePrefix(Desk):
    """Shows the prefix XDM/1.0/DDM+ of subjects.

    Montre le préfixe XDM/1.0/DDM+ des objets.
    """

    def _keep(
        self,
        taken: Taken,
        reason: WorklistReason,
        title: str,
        data: bytes,
        incoming: Incoming | None = None,
        text: str = "",
    ) -> None:
        title = incoming.message.subject if incoming else title
        super()._keep(taken, reason, title, data, incoming, text)


class TakesPatientsForProfessionals(Practice):
    """Shows the messages of patients as those of professionals.

    Montre les messages des patients comme ceux de professionnels.
    """

    def worklist(self) -> tuple[WorklistItem, ...]:
        return tuple(
            replace(item, sender_kind=item.sender_kind and SenderKind.PROFESSIONAL) for item in super().worklist()
        )


class ReadsDeletionsInWords(Desk):
    """Takes the word “supprimer” in a patient's reply for a request to delete the documents.

    Prend le mot « supprimer » dans la réponse d’un patient pour une demande de suppression.
    """

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        super()._treat(incoming, taken)
        sender = incoming.message.sender
        patient = self._writer_of(sender.address) if sender and incoming.kind is Kind.PATIENT else None
        if patient is not None and "supprimer" in incoming.message.body:
            for view in self.received.of_patient(patient.patient_id):
                self.received.set_status(view, DocumentStatus.DELETED)


class FollowsDangerousPaths(Reader):
    """Integrates archives with paths that lead outside, links or doubled names.

    Intègre les archives dont des chemins mènent dehors, ou avec des liens ou des noms en double.
    """

    def open(self, archive: Attachment) -> Archive:
        try:
            return super().open(archive)
        except DocumentError as error:
            if error.code not in ("archive.zip-slip", "archive.link", "archive.duplicate-name"):
                raise
        with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
            kept = [one for one in opened.infolist() if one.filename.upper().startswith("IHE_XDM/SUBSET01/")]
            named = {one.filename.upper(): one for one in reversed(kept) if one.external_attr >> 30 != 2}
            files = [(one.filename, opened.read(one)) for one in named.values() if ".." not in one.filename]
        return read_archive(write_zip(files), archive.name)


class HidesDamagedArchives(Desk):
    """Shows nothing of a message whose archive is damaged or encrypted.

    Ne montre rien d’un message dont l’archive est endommagée ou chiffrée.
    """

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        try:
            for archive in incoming.message.archives if incoming.kind is Kind.REFUSED else ():
                self.reader.open(archive)
        except DocumentError as error:
            if error.code in ("archive.corrupt", "archive.truncated", "archive.empty", "archive.encrypted"):
                return
        super()._treat(incoming, taken)


class UnpacksBombs(Reader):
    """Unpacks archives whatever their size.

    Déplie les archives quelle que soit leur taille.
    """

    def open(self, archive: Attachment) -> Archive:
        endless = ArchiveLimits(unpacked=1 << 40, ratio=1 << 30, entries=1 << 20, seconds=60)
        return read_archive(archive.data, archive.name, endless)


class LosesMessagesAfterRefusedOnes(Desk):
    """Loses the message behind one whose archive it refused.

    Perd le message qui suit celui dont il a refusé l’archive.
    """

    _refused = False

    def poll(self) -> PollReport:
        self._refused = False
        return super().poll()

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        lost, self._refused = self._refused, incoming.kind is Kind.REFUSED
        if not lost:
            super()._treat(incoming, taken)


class IgnoresTheHashAndSize(Reader):
    """Does not compare a file with the hash and size that the metadata give.

    Ne compare pas le fichier à l’empreinte et à la taille que donnent les métadonnées.
    """

    def check(self, entry: DocumentEntry, file: Member, header: CdaHeader) -> str:
        return super().check(replace(entry, hash=None, size=None), file, header)


class HidesArchivesWithoutMetadata(Desk):
    """Shows nothing of a message whose archive has no METADATA.XML.

    Ne montre rien d’un message dont l’archive n’a pas de METADATA.XML.
    """

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        archives = incoming.message.archives if incoming.kind is Kind.REFUSED else ()
        try:
            bare = any(not self.reader.open(archive).subsets for archive in archives)
        except DocumentError:
            bare = False
        if not bare:
            super()._treat(incoming, taken)


class LosesMailWhenTheOperatorDrops(Desk):
    """Counts a message as treated before it has come.

    Compte un message comme traité avant qu’il soit arrivé.
    """

    def fetch(self, mailbox: Mailbox, validity: int, uid: int) -> bytes | None:
        self.progress.done(self.address, validity, uid, str(uid).encode())
        return super().fetch(mailbox, validity, uid)


class ForgetsWhatWasRead(Desk):
    """Trusts the numbers of the operator alone to know what it has treated.

    Ne se fie qu’aux numéros de l’opérateur pour savoir ce qu’il a traité.
    """

    def treated(self, data: bytes) -> bool:
        return False


class LocksTheRecordsWithoutMail(Practice):
    """Shows no record as long as the operator cannot be reached.

    Ne montre plus aucun dossier tant que l’opérateur ne répond pas.
    """

    _down = False

    def poll_mailbox(self) -> PollReport:
        self._down = True
        report = super().poll_mailbox()
        self._down = False
        return report

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        if self._down:
            raise Refused(409, "mail_unreachable", "La messagerie ne répond pas.")
        return super().list_documents(patient_id)


class IsSilentAboutDuplicates(Desk):
    """Does not say that a document received is in the record already.

    Ne dit pas qu’un document reçu est déjà dans le dossier.
    """

    def _say_known(self, incoming: Incoming, found: Found, view: DocumentView, taken: Taken) -> None:
        return


class MergesDocumentsWithoutSetId(Desk):
    """Takes all documents without setId for versions of one.

    Prend tous les documents sans setId pour les versions d’un seul.
    """

    def versions_of(self, view: DocumentView) -> list[DocumentView]:
        if view.set_id:
            return super().versions_of(view)
        return [each for each in self.received.of_patient(view.patient_id) if not each.set_id]


class DeletesWithoutAsking(Desk):
    """Deletes a document as soon as its sender asks for it.

    Supprime un document dès que l’émetteur le demande.
    """

    def _deletion(self, incoming: Incoming, found: Found, patient: Patient, taken: Taken) -> None:
        super()._deletion(incoming, found, patient, taken)
        target = self.received.known(found.header.unique_id)
        if target is not None:
            self.received.set_status(target.view, DocumentStatus.DELETED)


class IgnoresDeletionNotices(Desk):
    """Takes a request to delete for one more copy of the document.

    Prend une demande de suppression pour un exemplaire de plus du document.
    """

    def is_deletion(self, incoming: Incoming, found: Found) -> bool:
        return False


class ForgetsConfirmedDeletions(Desk):
    """Leaves a document in force after the user confirmed its deletion.

    Laisse en vigueur un document dont l’utilisateur a confirmé la suppression.
    """

    def delete(self, item: WorklistItem) -> None:
        return


class DeletesWhatTheUserKeeps(Desk):
    """Deletes a document even when the user refuses to.

    Supprime un document même quand l’utilisateur le refuse.
    """

    def settle(self, item_id: str, accepted: bool) -> None:
        kept: KeptItem | None = self.worklist.find(item_id)
        target = self.received.known(kept.item.unique_id or "") if kept is not None else None
        if kept is not None and kept.item.reason is WorklistReason.DELETION and target is not None and not accepted:
            self.received.set_status(target.view, DocumentStatus.DELETED)
        super().settle(item_id, accepted)

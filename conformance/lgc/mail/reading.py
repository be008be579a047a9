"""Opens a received message: who wrote, what it carries, what is wrong with it. Decides nothing, trusts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from conformance.cda.paths import path
from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.exchange.mail import Attachment, Message, read_message
from conformance.exchange.metadata import DocumentEntry
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon
from conformance.exchange.naming import PREFIX, patient_of
from conformance.exchange.xdm import Archive, Member, Subset, read_archive
from conformance.exchange.xdm_writing import file_hash
from conformance.sut.contract import Coded, SenderKind


class Kind(StrEnum):
    """What a message is for."""

    DOCUMENTS = "documents"
    REFUSED = "refused"
    REPORT = "report"
    PATIENT = "patient"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Found:
    """One document of an archive: its bytes, its header, its entry in the metadata, what is wrong with it."""

    body: bytes
    header: CdaHeader
    entry: DocumentEntry
    patient_id: Cx
    act: str = ""
    performer: str = ""
    encounter: str = ""
    style_sheet: bytes | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the product understands it. ``problem``: why nothing of it may be filed, for the user."""

    message: Message
    kind: Kind
    documents: tuple[Found, ...] = ()
    problem: str = ""

    @property
    def sender_kind(self) -> SenderKind:
        """Who wrote."""
        sender = self.message.sender
        return SenderKind.PATIENT if sender and patient_of(sender.address) else SenderKind.PROFESSIONAL


class Reader:
    """Reads messages, archives and documents."""

    def read(self, data: bytes) -> Incoming:
        """A message from its bytes. Raises ``DocumentError`` when it is none."""
        message = read_message(data)
        if message.report_type:
            return Incoming(message, Kind.REPORT)
        if message.sender and patient_of(message.sender.address):
            return Incoming(message, Kind.PATIENT)
        archives = self.archives(message)
        if not archives:
            return Incoming(message, Kind.PLAIN)
        try:
            found = [each for archive in archives for each in self.documents(self.open(archive))]
        except DocumentError as error:
            return Incoming(message, Kind.REFUSED, problem=error.sentence.fr)
        if not found:
            return Incoming(message, Kind.REFUSED, problem="L’archive ne contient aucun document décrit.")
        return Incoming(message, Kind.DOCUMENTS, tuple(found), self.problem(found))

    def archives(self, message: Message) -> tuple[Attachment, ...]:
        """The attachments that are XDM archives: by name in any case, whatever their media type."""
        return message.archives

    def open(self, archive: Attachment) -> Archive:
        """An archive; one that could harm is refused whole. Raises ``DocumentError``."""
        return read_archive(archive.data, archive.name)

    def documents(self, archive: Archive) -> list[Found]:
        """The documents that the metadata describe. Raises ``DocumentError`` when one cannot be read."""
        for subset in archive.subsets:
            if subset.error is not None:
                raise subset.error
        return [self._found(archive, *each) for each in archive.documents()]

    def problem(self, found: list[Found]) -> str:
        """What keeps the whole message from being filed: one that is wrong, two patients."""
        wrong = next((each.problem for each in found if each.problem), "")
        if not wrong and len({(str(each.patient_id), each.header.patient.ins) for each in found}) > 1:
            return "Le message porte les documents de plusieurs patients."
        return wrong

    def _found(self, archive: Archive, subset: Subset, entry: DocumentEntry, file: Member | None) -> Found:
        if file is None:
            raise _unreadable(f"Le fichier « {entry.uri or '?'} » n’est pas dans l’archive.")
        clinical = read_document(file.data, file.path).clinical
        if clinical is None:
            raise _unreadable(f"« {file.path} » n’est pas un document CDA.")
        header = read_header(clinical)
        performer = path("documentationOf/serviceEvent/performer/assignedEntity/assignedPerson/name").elements(clinical)
        act = path("documentationOf/serviceEvent/code").elements(clinical)
        encounter = path("componentOf/encompassingEncounter/code").elements(clinical)
        return Found(
            body=file.data,
            header=header,
            entry=entry,
            patient_id=Cx.parse(entry.patient_id or ""),
            act=act[0].get("displayName", "") if act else "",
            performer=" ".join(str(performer[0].xpath("string()")).split()) if performer else "",
            encounter=encounter[0].get("displayName", "") if encounter else "",
            style_sheet=self.style_sheet(archive, file),
            problem=self.check(entry, file, header),
        )

    def style_sheet(self, archive: Archive, file: Member) -> bytes | None:
        """The style sheet that the producer put beside a document."""
        sheets = [each for each in archive.members if each.file_name.upper().endswith((".XSL", ".XSLT"))]
        named = [each for each in sheets if each.file_name.encode() in file.data[:4096]]
        return named[0].data if named else None

    def check(self, entry: DocumentEntry, file: Member, header: CdaHeader) -> str:
        """Is the file the one that the metadata describe? Empty when it is."""
        if entry.hash and entry.hash.casefold() != file_hash(file.data):
            return "Le fichier n’est pas celui que METADATA.XML décrit (empreinte)."
        if entry.size is not None and entry.size != len(file.data):
            return "Le fichier n’est pas celui que METADATA.XML décrit (taille)."
        if not header.code.code or not header.code.system:
            return "Le document ne dit pas de quel type il est."
        return ""


def shown_subject(subject: str) -> str:
    """The subject without what is for machines (ECO.3.1.3)."""
    before, found, after = subject.partition(PREFIX)
    return f"{before}{after.removeprefix('+')}".strip() if found else subject.strip()


def title_of(header: CdaHeader) -> str:
    """What the user reads in lists."""
    return header.title or header.code.label or header.code.code


def type_of(header: CdaHeader) -> Coded:
    """The type of a document, by its code."""
    code = header.code
    return Coded(code=code.code, code_system=code.system, label=code.label or code.code)


def author_of(header: CdaHeader) -> tuple[str, str]:
    """Names and organisation of the first author."""
    if not header.authors:
        return "", ""
    author = header.authors[0]
    person = Xcn.parse(author.person)
    return f"{person.given} {person.family}".strip(), Xon.parse(
        author.institutions[0]
    ).name if author.institutions else ""


_PARIS = ZoneInfo("Europe/Paris")


def moment_of(time: str) -> datetime | None:
    """A time of the document; without offset it is that of Paris; ``None`` when it is no time."""
    digits, zone = time[:14].split("+")[0].split("-")[0], time[-5:] if time[-5:-4] in ("+", "-") else ""
    if not digits.isdigit() or len(digits) < 8:
        return None
    try:
        moment = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    if not zone:
        return moment.replace(tzinfo=_PARIS)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return (moment - offset if zone[0] == "+" else moment + offset).replace(tzinfo=UTC)


def _unreadable(words: str) -> DocumentError:
    from conformance.core.language import Text

    return DocumentError("lgc.unreadable", Text(words, words), Text("", ""))

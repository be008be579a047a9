"""Checks of the CDA documents against the metadata that describe them: file, patient, codes, dates, authors.

``differences`` compares and judges nothing, so that the DMP may use it too.
Sources: CI-SIS (metadata follow from the CDA header); volet Transmission au LPS, error 904, for the patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.cda_header import CdaHeader, entry_of, read_header
from conformance.exchange.checks.rules import RuleBook
from conformance.exchange.metadata import Coded, DocumentEntry
from conformance.exchange.metadata.hl7 import Cx, Xcn, pid_fields
from conformance.exchange.xdm import Archive, Member, Subset
from conformance.exchange.xdm_writing import file_hash
from conformance.identity.traits import strict_name
from conformance.terminology.labels import same_label

BOOK: Final = RuleBook("crosscheck")

_REQUIREMENTS: Final = ("MSS/va1.01",)
_MAPPING: Final = "CI-SIS, correspondance entre l’en-tête CDA et les métadonnées XDS"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document of an archive: its entry, its file, and its header when the file is a CDA that can be read."""

    subset: Subset
    entry: DocumentEntry
    file: Member | None
    header: CdaHeader | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that metadata and CDA do not give alike. Both sides are empty for what would show an identity."""

    name: str
    expected: str = ""
    found: str = ""


def open_documents(archive: Archive) -> tuple[OpenedDocument, ...]:
    """Every document that the metadata of an archive describe, with its header."""
    return tuple(OpenedDocument(s, entry, file, _header(file)) for s, entry, file in archive.documents())


def _header(file: Member | None) -> CdaHeader | None:
    if file is None:
        return None
    try:
        clinical = read_document(file.data, file.path).clinical
    except DocumentError:
        return None  # the pipeline says why
    return read_header(clinical) if clinical is not None else None


# The comparison ---------------------------------------------------------------------------------------------


def differences(entry: DocumentEntry, header: CdaHeader) -> Iterator[Difference]:
    """Where an entry does not say what the header of its document says. What the entry leaves out is not compared."""
    expected = entry_of(header, entry.id)
    yield from _patient(entry, header)
    texts = (
        ("uniqueId", entry.unique_id, expected.unique_id),
        ("languageCode", entry.language_code, expected.language_code),
    )
    for name, given, wanted in texts:
        if given is not None and wanted and given != wanted:
            yield Difference(name, wanted, given)
    if entry.title is not None and expected.title and not same_label(entry.title, expected.title):
        yield Difference("title", expected.title, entry.title)
    times = (
        ("creationTime", entry.creation_time, expected.creation_time),
        ("serviceStartTime", entry.service_start_time, expected.service_start_time),
        ("serviceStopTime", entry.service_stop_time, expected.service_stop_time),
    )
    for name, given, wanted in times:
        if given and wanted and not _same_moment(given, wanted):
            yield Difference(name, wanted, given)
    codes = (
        ("typeCode", entry.type_code, expected.type_code),
        ("formatCode", entry.format_code, expected.format_code),
        ("healthcareFacilityTypeCode", entry.healthcare_facility_type, expected.healthcare_facility_type),
        ("practiceSettingCode", entry.practice_setting, expected.practice_setting),
    )
    for name, code, meant in codes:
        if code and meant and meant.code and code.code != meant.code:
            yield Difference(name, meant.code, code.code)
    if entry.confidentiality and header.confidentiality.code and header.confidentiality.code not in _codes(entry):
        yield Difference("confidentialityCode", header.confidentiality.code, ", ".join(_codes(entry)))
    yield from _people(entry, header)
    if header.version and header.version > 1 and entry.action not in ("C", "D"):
        yield Difference("action", "C", entry.action or "—")


def _codes(entry: DocumentEntry) -> list[str]:
    return [code.code for code in entry.confidentiality if isinstance(code, Coded)]


def _same_moment(one: str, other: str) -> bool:
    """The same time at the precision that both have."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _patient(entry: DocumentEntry, header: CdaHeader) -> Iterator[Difference]:
    if entry.patient_id:
        cx, patient = Cx.parse(entry.patient_id), header.patient
        known = (*([patient.ins] if patient.ins else []), *(() if patient.ins else patient.local_ids))
        if (cx.authority, cx.id) not in known:
            yield Difference("patientId")
    fields = pid_fields(entry.source_patient_info)
    birth = [value.split("^")[0] for value in fields.get("PID-5", ()) if value.endswith("^L")]
    traits = (
        ("birthName", birth, header.patient.birth_name),
        ("birthDate", [value[:8] for value in fields.get("PID-7", ())], header.patient.birth_date),
        ("sex", list(fields.get("PID-8", ())), header.patient.sex),
    )
    for name, given, wanted in traits:
        if given and wanted and strict_name(wanted) not in [strict_name(value) for value in given]:
            yield Difference(name)


def _people(entry: DocumentEntry, header: CdaHeader) -> Iterator[Difference]:
    if entry.authors and len(entry.authors) != len(header.authors):
        yield Difference("author.count", str(len(header.authors)), str(len(entry.authors)))
    wanted = {Xcn.parse(author.person).id for author in header.authors}
    for author in entry.authors:
        person = Xcn.parse(author.person).id
        if person and person not in wanted:
            yield Difference("author", ", ".join(sorted(wanted)), person)
    if entry.legal_authenticator and header.legal_authenticator:
        given, meant = Xcn.parse(entry.legal_authenticator).id, Xcn.parse(header.legal_authenticator).id
        if given != meant:
            yield Difference("legalAuthenticator", meant, given)


# The rules --------------------------------------------------------------------------------------------------

_GRAVE: Final = {
    "patientId": ("MSS/va1.01", "SC.MSS/CONF.24"),
    "uniqueId": _REQUIREMENTS,
    "typeCode": _REQUIREMENTS,
}
"""Differences that send a document to the wrong patient, or make it another document."""

_NAMED: Final = {
    "patientId": Text("le patient de METADATA.XML (patientId) est celui du CDA", "the patient of METADATA.XML (patientId) is that of the CDA"),
    "birthName": Text("le nom de naissance de sourcePatientInfo est celui du CDA", "the birth name in sourcePatientInfo is that of the CDA"),
    "birthDate": Text("la date de naissance de sourcePatientInfo est celle du CDA", "the birth date in sourcePatientInfo is that of the CDA"),
    "sex": Text("le sexe de sourcePatientInfo est celui du CDA", "the sex in sourcePatientInfo is that of the CDA"),
    "author.count": Text("les métadonnées ont autant d’auteurs que le CDA", "the metadata have as many authors as the CDA"),
    "action": Text("l’action d’un document dont versionNumber dépasse 1 est C", "the action of a document whose versionNumber exceeds 1 is C"),
}  # fmt: skip

_COMPARED: Final = (
    "patientId", "birthName", "birthDate", "sex", "uniqueId", "languageCode", "title", "creationTime",
    "serviceStartTime", "serviceStopTime", "typeCode", "formatCode", "healthcareFacilityTypeCode",
    "practiceSettingCode", "confidentialityCode", "author.count", "author", "legalAuthenticator", "action",
)  # fmt: skip

_RULES: Final = {
    name: BOOK.rule(
        name,
        _NAMED[name].fr if name in _NAMED else f"« {name} » de METADATA.XML dit la même chose que le CDA",
        _NAMED[name].en if name in _NAMED else f"“{name}” of METADATA.XML says the same as the CDA",
        _MAPPING,
        severity=Severity.ERROR if name in _GRAVE else Severity.WARNING,
        trust=Trust.SECOND_HAND,
        requirements=_GRAVE.get(name, _REQUIREMENTS),
    )
    for name in _COMPARED
}
_HASH: Final = BOOK.rule(
    "hash",
    "le hash d’un document est le SHA-1 des octets de son fichier",
    "the hash of a document is the SHA-1 of the bytes of its file",
    "IHE ITI TF-3 §4.2.3.2.10", requirements=_REQUIREMENTS,
)  # fmt: skip
_SIZE: Final = BOOK.rule(
    "size",
    "la taille (size) d’un document est le nombre d’octets de son fichier",
    "the size of a document is the number of bytes of its file",
    "IHE ITI TF-3 §4.2.3.2.21", requirements=_REQUIREMENTS,
)  # fmt: skip
_MIME: Final = BOOK.rule(
    "mime-type",
    "le mimeType d’un document CDA est text/xml",
    "the mimeType of a CDA document is text/xml",
    "CI-SIS, métadonnées XDS (mimeType)", requirements=_REQUIREMENTS,
)  # fmt: skip


def check_against_metadata(document: OpenedDocument) -> Iterator[Finding]:
    """One document against its entry. Places are those of METADATA.XML."""
    entry, file, metadata = document.entry, document.file, document.subset.metadata
    if file is None or metadata is None:
        return
    place = metadata.place(entry.element)
    if entry.hash and entry.hash.lower() != file_hash(file.data):
        yield _HASH.finding(_hash_words(entry.hash, file), place)
    if entry.size is not None and entry.size != len(file.data):
        words = Text(f"{file.path} fait {len(file.data)} octets, trouvé {entry.size}",
                     f"{file.path} has {len(file.data)} bytes, found {entry.size}")  # fmt: skip
        yield _SIZE.finding(words, place)
    if document.header is None:
        return
    if entry.mime_type and entry.mime_type != "text/xml":
        yield _MIME.finding(Text(f"trouvé « {entry.mime_type} »", f"found “{entry.mime_type}”"), place)
    for difference in differences(entry, document.header):
        yield _RULES[difference.name].finding(_words(difference), place)


def _hash_words(given: str, file: Member) -> Text:
    actual = file_hash(file.data)
    if file.data.startswith(_BOM) and given.lower() == file_hash(file.data[len(_BOM) :]):
        return Text(
            "il a été calculé sans la marque d’ordre des octets (BOM) que porte le fichier",
            "it was computed without the byte order mark (BOM) that the file carries",
        )
    return Text(f"celui de {file.path} est {actual}, trouvé {given}", f"that of {file.path} is {actual}, found {given}")


def _words(difference: Difference) -> Text:
    if not difference.expected and not difference.found:
        return Text("les deux diffèrent", "the two differ")
    return Text(
        f"attendu « {difference.expected} », trouvé « {difference.found} »",
        f"expected “{difference.expected}”, found “{difference.found}”",
    )

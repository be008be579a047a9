"""Checks of one METADATA.XML as a whole: one submission set, one patient, documents tied to the set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.archive_values import BOOK, DOCUMENT_RULES, SET_RULES
from conformance.exchange.checks.rules import found_words
from conformance.exchange.metadata import Association, DocumentEntry, MetadataFile, SubmissionSet, names
from conformance.exchange.metadata.hl7 import Cx, pid_fields
from conformance.terminology.document_classes import dmp_class_of

_SOURCE: Final = "IHE ITI TF-3 §4.2, ITI TF-2 §3.32"
_ARCHIVE: Final = ("MSS/va1.01",)

_ONE_SET: Final = BOOK.rule(
    "one-submission-set",
    "METADATA.XML décrit un lot de soumission et un seul (RegistryPackage classé comme tel)",
    "METADATA.XML describes one submission set and one only (a RegistryPackage classified as such)",
    _SOURCE, requirements=_ARCHIVE,
)  # fmt: skip
_ROOT: Final = BOOK.rule(
    "root",
    "l’élément de tête de METADATA.XML est SubmitObjectsRequest, sans enveloppe SOAP",
    "the top element of METADATA.XML is SubmitObjectsRequest, without SOAP envelope",
    _SOURCE, requirements=_ARCHIVE,
)  # fmt: skip
_A_DOCUMENT: Final = BOOK.rule(
    "a-document",
    "METADATA.XML décrit au moins un document (ExtrinsicObject)",
    "METADATA.XML describes at least one document (ExtrinsicObject)",
    _SOURCE, requirements=_ARCHIVE,
)  # fmt: skip
_SAME_ID: Final = BOOK.rule(
    "own-id",
    "chaque objet a un id propre dans le fichier",
    "each object has an id of its own in the file",
    "ebRIM 3.0", requirements=_ARCHIVE,
)  # fmt: skip
_SAME_UNIQUE_ID: Final = BOOK.rule(
    "own-unique-id",
    "chaque document a un uniqueId propre",
    "each document has a uniqueId of its own",
    _SOURCE, requirements=_ARCHIVE,
)  # fmt: skip
_ONE_PATIENT: Final = BOOK.rule(
    "one-patient",
    "tous les documents d’une archive, et le lot, concernent un seul patient",
    "all documents of an archive, and the set, are about one patient",
    "Référentiel socle MSSanté #2, ECO.2.1.1",
    trust=Trust.SECOND_HAND, requirements=("MSS/va1.01", "SC.MSS/CONF.23"),
)  # fmt: skip
_MEMBER: Final = BOOK.rule(
    "member",
    "chaque document est rattaché au lot par une association HasMember",
    "each document is tied to the set by a HasMember association",
    _SOURCE, severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_ARCHIVE,
)  # fmt: skip
_CLASS: Final = BOOK.rule(
    "class-of-type",
    "la classe d’un document se déduit de son type",
    "the class of a document follows from its type",
    "ANS, association ASS_X16 (type vers classe)",
    severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_ARCHIVE,
)  # fmt: skip
_BIRTH_NAME: Final = BOOK.rule(
    "birth-name",
    "sourcePatientInfo, quand il est là, porte le nom de naissance (PID-5 de type L)",
    "sourcePatientInfo, when there, carries the birth name (PID-5 of type L)",
    "CI-SIS, métadonnées XDS (sourcePatientInfo)",
    severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_ARCHIVE,
)  # fmt: skip


def check_metadata(metadata: MetadataFile) -> Iterator[Finding]:
    """Every check on one METADATA.XML that needs no other file."""
    objects = metadata.objects
    root = metadata.root
    if root.tag != f"{{{names.LCM}}}SubmitObjectsRequest":
        yield _ROOT.finding(found_words(root.tag), metadata.place(root))
    if len(objects.submission_sets) != 1:
        counted = Text(f"trouvé {len(objects.submission_sets)}", f"found {len(objects.submission_sets)}")
        yield _ONE_SET.finding(counted, metadata.place(None))
    if not objects.documents:
        yield _A_DOCUMENT.finding(Text("il n’y en a aucun", "there is none"), metadata.place(None))
    for one in objects.submission_sets:
        if one.element is not None:
            yield from SET_RULES.check(metadata, one.element)
    for document in objects.documents:
        if document.element is not None:
            yield from DOCUMENT_RULES.check(metadata, document.element)
        yield from _check_document(metadata, document)
    yield from _check_identities(metadata)
    yield from _check_patients(metadata)


def _check_document(metadata: MetadataFile, document: DocumentEntry) -> Iterator[Finding]:
    place = metadata.place(document.element)
    if metadata.objects.submission_sets and document not in metadata.objects.members():
        missing = Text(f"aucune ne désigne « {document.id} »", f"none names “{document.id}”")
        yield _MEMBER.finding(missing, place)
    if document.type_code and document.class_code:
        expected = dmp_class_of(document.type_code.code)
        if expected and expected != document.class_code.code:
            words = Text(
                f"le type {document.type_code.code} appelle la classe {expected}, trouvé {document.class_code.code}",
                f"type {document.type_code.code} calls for class {expected}, found {document.class_code.code}",
            )
            yield _CLASS.finding(words, place)
    if document.source_patient_info:
        given = pid_fields(document.source_patient_info).get("PID-5", ())
        if not any(value.endswith("^L") for value in given):
            yield _BIRTH_NAME.finding(Text("il n’y est pas", "it is not there"), place)


def _check_identities(metadata: MetadataFile) -> Iterator[Finding]:
    objects = metadata.objects
    seen: set[str] = set()
    everything: list[SubmissionSet | DocumentEntry | Association] = [*objects.submission_sets, *objects.documents]
    for one in (*everything, *objects.associations):
        if one.id and one.id in seen:
            yield _SAME_ID.finding(found_words(one.id), metadata.place(one.element))
        seen.add(one.id)
    unique: set[str] = set()
    for document in objects.documents:
        if document.unique_id and document.unique_id in unique:
            yield _SAME_UNIQUE_ID.finding(found_words(document.unique_id), metadata.place(document.element))
        unique.add(document.unique_id or "")


def _check_patients(metadata: MetadataFile) -> Iterator[Finding]:
    """The matricule never appears in the sentence: it is an identity."""
    objects = metadata.objects
    first: tuple[str, str] | None = None
    about: list[SubmissionSet | DocumentEntry] = [*objects.submission_sets, *objects.documents]
    for one in about:
        if not one.patient_id:
            continue
        cx = Cx.parse(one.patient_id)
        first = first or (cx.id, cx.authority)
        if (cx.id, cx.authority) != first:
            words = Text(
                "le patientId de cet objet en désigne un autre", "the patientId of this object names another one"
            )
            yield _ONE_PATIENT.finding(words, metadata.place(one.element))

"""A lot as a whole (TD2.1, TD2.2): its objects, its author, its visibility, what it replaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.core.findings import Finding, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import found_words
from conformance.exchange.metadata import Association, DocumentEntry, SubmissionSet, names
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon, Xpn, pid_fields
from conformance.exchange.vihf import OTHER_ROLES, PROFESSIONS, STUDENTS, AuthenticationMode, Vihf
from conformance.identity.ins import INS_NIA
from conformance.terminology.document_classes import dmp_class_of
from conformance.validation.dmp.contents import check_contents
from conformance.validation.dmp.lot_book import BOOK, IHE, SOFT, lot_rule
from conformance.validation.dmp.opened import OpenedRequest
from conformance.validation.dmp.values import DOCUMENT_RULES, SET_RULES, SIGNATURE_RULES

_VISIBLE: Final = ("SC.DMP/CONF.08", "DMP/va1.17")

_ONE_SET: Final = lot_rule(
    "one-submission-set",
    "un lot a une fiche (RegistryPackage) et une seule",
    "a lot has one submission set (RegistryPackage), and one only",
    IHE,
)
_A_DOCUMENT: Final = lot_rule(
    "a-document", "un lot contient au moins un document", "a lot holds at least one document", IHE
)
_OWN_ID: Final = lot_rule(
    "own-id", "chaque objet du lot a un id propre", "each object of the lot has an id of its own", "ebRIM 3.0"
)
_OWN_UNIQUE_ID: Final = lot_rule(
    "own-unique-id",
    "chaque document et le lot ont un uniqueId propre",
    "each document and the lot have a uniqueId of their own",
    IHE,
)
_MEMBER: Final = lot_rule(
    "member",
    "chaque document est rattaché au lot par une association HasMember",
    "each document is tied to the lot by a HasMember association",
    IHE,
)
_PATIENT: Final = lot_rule(
    "one-patient",
    "le lot, ses documents et le VIHF concernent le même patient",
    "the lot, its documents and the VIHF are about the same patient",
    "PDSM4DMP, modèle logique",
)
_NIA: Final = lot_rule(
    "nia",
    "le DMP n’est pas alimenté avec un NIA",
    "no record is fed with a NIA",
    "CNDA, test 0.2-080",
    trust=Trust.SECOND_HAND,
)
_CLASS: Final = lot_rule(
    "class-of-type",
    "la classe d’un document se déduit de son type",
    "the class of a document follows from its type",
    "ANS, association type vers classe (ASS_X16)",
)
_FORBIDDEN: Final = lot_rule("forbidden-type", "un logiciel de professionnel ne dépose ni document du patient (classe 90, DOCPAT…), ni REMB, ni 11369-6",
                          "a professional’s product deposits no patient’s document (class 90, DOCPAT…), no REMB, no 11369-6", "CNDA, EX_2.1-1010")  # fmt: skip
_AUTHOR: Final = lot_rule("author", "l’utilisateur du VIHF est auteur ou responsable (legalAuthenticator) de chaque document, ou sa structure celle d’un auteur en mode indirect",
                       "the user of the VIHF is an author or the legal authenticator of each document, or their structure that of an author in indirect mode", "CNDA, EX_2.1-1140")  # fmt: skip
_AUTHOR_PERSON: Final = lot_rule("author-person", "chaque auteur est nommé (authorPerson)", "each author is named (authorPerson)",
                               "ANS, volet Transmission d’un document CDA-R2 en HL7v2")  # fmt: skip
_SET_AUTHOR: Final = lot_rule(
    "set-author",
    "l’auteur du lot est l’utilisateur authentifié du VIHF",
    "the author of the lot is the authenticated user of the VIHF",
    "CNDA, tests 2.1-900 et 2.1-950",
)
_BIRTH_NAME: Final = lot_rule(
    "birth-name",
    "sourcePatientInfo porte le nom de naissance (PID-5 de type L)",
    "sourcePatientInfo carries the birth name (PID-5 of type L)",
    "PDSM4DMP ; message d’erreur du DMP",
)
_EXCLUSIVE: Final = lot_rule("visibility-exclusive", "un document n’est pas à la fois MASQUE_PS et INVISIBLE_PATIENT", "a document is not both MASQUE_PS and INVISIBLE_PATIENT",
                          "CNDA, EX_2.1-1050 (paramètre du DMP)", requirements=_VISIBLE)  # fmt: skip
_SECRET: Final = lot_rule("visibility-secret", "en connexion secrète, chaque document est INVISIBLE_REPRESENTANTS_LEGAUX", "in a secret connection, each document is INVISIBLE_REPRESENTANTS_LEGAUX",
                       "CNDA, EX_2.1-1050", requirements=_VISIBLE)  # fmt: skip
_RESTRICTED: Final = lot_rule(
    "restricted",
    "un document R ou V n’est pas partagé",
    "a document that is R or V is not shared",
    "CNDA, REC_2.1-1100",
    severity=SOFT,
)
_FIRST: Final = lot_rule(
    "basic-confidentiality",
    "la confidentialité de base est N, R ou V, une fois",
    "the basic confidentiality is N, R or V, once",
    "ANS, JDV_J58",
)
_RPLC: Final = lot_rule("replacement-2007", "l’association de remplacement est celle de 2007", "the replacement association is that of 2007", "IHE ITI TF-3 ; un code publié écrit celle de 2010",
                     trust=Trust.SECOND_HAND, severity=SOFT)  # fmt: skip
_RPLC_TARGET: Final = lot_rule(
    "replacement-target",
    "un remplacement désigne l’entryUUID (urn:uuid:) de la version en cours",
    "a replacement names the entryUUID (urn:uuid:) of the current version",
    IHE,
)
_RPLC_ONE: Final = lot_rule(
    "replacement-one",
    "un document en remplace un seul",
    "a document replaces one only",
    "ce que fait le DMP de plusieurs n’est pas publié",
    trust=Trust.OWN,
    severity=SOFT,
)

_BASIC: Final = "2.16.840.1.113883.5.25"
_PATIENT_TYPES: Final = ("REMB", "11369-6")


def check_lot(request: OpenedRequest) -> Iterator[Finding]:
    """Every check on the metadata of a feeding, values included."""
    objects, envelope = request.objects, request.envelope
    if len(objects.submission_sets) != 1:
        counted = Text(f"trouvé {len(objects.submission_sets)}", f"found {len(objects.submission_sets)}")
        yield _ONE_SET.finding(counted, envelope.place(request.payload))
    if not request.documents:
        yield _A_DOCUMENT.finding(Text("il n’y en a aucun", "there is none"), envelope.place(request.payload))
    for one in objects.submission_sets:
        if one.element is not None:
            yield from SET_RULES.check(envelope, one.element)
        yield from _set_author(request, one)
    for entry in request.documents:
        if entry.element is not None:
            yield from DOCUMENT_RULES.check(envelope, entry.element)
        yield from _document(request, entry)
    for entry in request.signatures:
        if entry.element is not None:
            yield from SIGNATURE_RULES.check(envelope, entry.element)
    yield from _identities(request)
    yield from _patients(request)
    yield from check_contents(request)


def _document(request: OpenedRequest, entry: DocumentEntry) -> Iterator[Finding]:
    place = request.envelope.place(entry.element)
    type_code = entry.type_code.code if entry.type_code else ""
    class_code = entry.class_code.code if entry.class_code else ""
    expected = dmp_class_of(type_code)
    if expected and class_code and class_code != expected:
        words = Text(f"le type {type_code} appelle la classe {expected}, trouvé {class_code}",
                     f"type {type_code} calls for class {expected}, found {class_code}")  # fmt: skip
        yield _CLASS.finding(words, place)
    if type_code in _PATIENT_TYPES or type_code.startswith("DOCPAT") or class_code in ("90", "60"):
        yield _FORBIDDEN.finding(found_words(f"{type_code}, classe {class_code}"), place)
    if entry.source_patient_info:
        names_given = pid_fields(entry.source_patient_info).get("PID-5", ())
        if not any(Xpn.parse(value).type == "L" for value in names_given):
            yield _BIRTH_NAME.finding(Text("il n’y est pas", "it is not there"), place)
    if request.vihf is not None and entry.authors and not _matches(entry, request.vihf):
        yield _AUTHOR.finding(Text(f"trouvé {request.vihf.name_id} ({request.vihf.structure}) dans le VIHF",
                                   f"found {request.vihf.name_id} ({request.vihf.structure}) in the VIHF"), place)  # fmt: skip
    for author in entry.authors:
        if not author.person:
            yield _AUTHOR_PERSON.finding(Text("un auteur ne l’est pas", "one author is not"), place)
    yield from _visibility(request, entry)
    yield from _replacement(request, entry)
    if request.objects.submission_sets and entry not in request.objects.members():
        yield _MEMBER.finding(Text(f"aucune ne désigne « {entry.id} »", f"none names “{entry.id}”"), place)


def _by_structure(vihf: Vihf) -> bool:
    """Whether the deposit is imputed to the structure: indirect mode, or staff without a profession."""
    profession = vihf.role(PROFESSIONS) or vihf.role(STUDENTS)
    return vihf.mode == AuthenticationMode.INDIRECT or (not profession and bool(vihf.role(OTHER_ROLES)))


def _matches(entry: DocumentEntry, vihf: Vihf) -> bool:
    if _by_structure(vihf):
        return vihf.structure in {Xon.parse(one).id for author in entry.authors for one in author.institutions}
    people = {Xcn.parse(author.person).id for author in entry.authors if author.person}
    return vihf.name_id in people | {Xcn.parse(entry.legal_authenticator or "").id}


def _set_author(request: OpenedRequest, one: SubmissionSet) -> Iterator[Finding]:
    vihf = request.vihf
    if vihf is None or not one.authors:
        return
    author = one.authors[0]
    person = Xcn.parse(author.person).id if author.person else ""
    structures = {Xon.parse(name).id for name in author.institutions}
    if person != vihf.name_id and not (_by_structure(vihf) and vihf.structure in structures):
        words = Text(
            f"attendu {vihf.name_id}, trouvé {person or '—'}", f"expected {vihf.name_id}, found {person or '—'}"
        )
        yield _SET_AUTHOR.finding(words, request.envelope.place(one.element))


def _visibility(request: OpenedRequest, entry: DocumentEntry) -> Iterator[Finding]:
    place = request.envelope.place(entry.element)
    codes = {one.code for one in entry.confidentiality}
    basic = [one.code for one in entry.confidentiality if one.system == _BASIC]
    if {"MASQUE_PS", "INVISIBLE_PATIENT"} <= codes:
        yield _EXCLUSIVE.finding(Text("il l’est", "it is"), place)
    if request.vihf is not None and request.vihf.secret and "INVISIBLE_REPRESENTANTS_LEGAUX" not in codes:
        yield _SECRET.finding(found_words(", ".join(sorted(codes))), place)
    if len(basic) != 1:
        yield _FIRST.finding(found_words(", ".join(basic)), place)
    if codes & {"R", "V"}:
        yield _RESTRICTED.finding(found_words(", ".join(sorted(codes & {"R", "V"}))), place)


def _replacement(request: OpenedRequest, entry: DocumentEntry) -> Iterator[Finding]:
    links = [link for link in request.objects.associations
             if link.source == entry.id and link.type in (names.REPLACES, names.REPLACES_2010)]  # fmt: skip
    if len(links) > 1:
        yield _RPLC_ONE.finding(
            Text(f"trouvé {len(links)}", f"found {len(links)}"), request.envelope.place(entry.element)
        )
    for link in links:
        place = request.envelope.place(link.element)
        if link.type == names.REPLACES_2010:
            yield _RPLC.finding(
                found_words(link.type), place, Text(f"Écrire {names.REPLACES}.", f"Write {names.REPLACES}.")
            )
        if not link.target.startswith("urn:uuid:"):
            yield _RPLC_TARGET.finding(found_words(link.target), place)


def _identities(request: OpenedRequest) -> Iterator[Finding]:
    objects, envelope = request.objects, request.envelope
    seen: set[str] = set()
    everything: list[SubmissionSet | DocumentEntry | Association] = [*objects.submission_sets, *objects.documents]
    for one in (*everything, *objects.associations):
        if one.id and one.id in seen:
            yield _OWN_ID.finding(found_words(one.id), envelope.place(one.element))
        seen.add(one.id)
    unique: set[str] = set()
    about: list[SubmissionSet | DocumentEntry] = [*objects.submission_sets, *objects.documents]
    for named in about:
        if named.unique_id and named.unique_id in unique:
            yield _OWN_UNIQUE_ID.finding(found_words(named.unique_id), envelope.place(named.element))
        unique.add(named.unique_id or "")


def _patients(request: OpenedRequest) -> Iterator[Finding]:
    """The matricule never appears in the sentence: it is an identity."""
    about: list[SubmissionSet | DocumentEntry] = [*request.objects.submission_sets, *request.objects.documents]
    first = Cx.parse(request.vihf.patient) if request.vihf and request.vihf.patient else None
    for one in about:
        if not one.patient_id:
            continue
        cx = Cx.parse(one.patient_id)
        first = first or cx
        if (cx.id, cx.authority) != (first.id, first.authority):
            words = Text(
                "cet objet en désigne un autre que le VIHF (resource-id)",
                "this object names another than the VIHF (resource-id)",
            )
            yield _PATIENT.finding(words, request.envelope.place(one.element))
        if cx.authority == INS_NIA:
            yield _NIA.finding(Text("patientId en est un", "patientId is one"), request.envelope.place(one.element))


__all__ = ["BOOK", "check_lot"]

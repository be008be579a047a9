"""A lot as a whole (TD2.1, TD2.2): its objects, its author, its visibility, what it replaces, its signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.metadata import Association, DocumentEntry, SubmissionSet, names
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon, pid_fields
from conformance.exchange.vihf import OTHER_ROLES, PROFESSIONS, STUDENTS, AuthenticationMode, Vihf
from conformance.exchange.xades import digest_of, read_lot_signature
from conformance.exchange.xdm_writing import file_hash
from conformance.identity.ins import INS_NIA
from conformance.terminology.document_classes import dmp_class_of
from conformance.validation.dmp.opened import OpenedRequest, SentFile
from conformance.validation.dmp.values import DOCUMENT_RULES, SET_RULES, SIGNATURE_RULES

BOOK: Final = RuleBook("dmp-lot")

_REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
_VISIBLE: Final = ("SC.DMP/CONF.08", "DMP/va1.17")
_SOFT: Final = Severity.WARNING
_IHE: Final = "IHE ITI TF-3 §4.2, ITI TF-2 §3.41"
_EXAMPLES: Final = "DMP, exemples de messages"


def _rule(
    key: str, fr: str, en: str, source: str, *, trust: Trust = Trust.PUBLISHED, severity: Severity = Severity.ERROR,
    requirements: tuple[str, ...] = _REQUIREMENTS,
) -> ExchangeRule:  # fmt: skip
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=requirements)


_ONE_SET: Final = _rule(
    "one-submission-set",
    "un lot a une fiche (RegistryPackage) et une seule",
    "a lot has one submission set (RegistryPackage), and one only",
    _IHE,
)
_A_DOCUMENT: Final = _rule(
    "a-document", "un lot contient au moins un document", "a lot holds at least one document", _IHE
)
_OWN_ID: Final = _rule(
    "own-id", "chaque objet du lot a un id propre", "each object of the lot has an id of its own", "ebRIM 3.0"
)
_OWN_UNIQUE_ID: Final = _rule(
    "own-unique-id",
    "chaque document et le lot ont un uniqueId propre",
    "each document and the lot have a uniqueId of their own",
    _IHE,
)
_ENTRY_FILE: Final = _rule(
    "file",
    "chaque ExtrinsicObject a son Document, de même id",
    "each ExtrinsicObject has its Document, with the same id",
    _IHE,
)
_FILE_ENTRY: Final = _rule(
    "file-entry",
    "chaque Document a son ExtrinsicObject, de même id",
    "each Document has its ExtrinsicObject, with the same id",
    _IHE,
)
_EMPTY: Final = _rule("empty", "un document n’est pas vide", "a document is not empty", "CNDA, EX_GEN-1060")
_MEMBER: Final = _rule(
    "member",
    "chaque document est rattaché au lot par une association HasMember",
    "each document is tied to the lot by a HasMember association",
    _IHE,
)
_PATIENT: Final = _rule(
    "one-patient",
    "le lot, ses documents et le VIHF concernent le même patient",
    "the lot, its documents and the VIHF are about the same patient",
    "PDSM4DMP, modèle logique",
)
_NIA: Final = _rule(
    "nia",
    "le DMP n’est pas alimenté avec un NIA",
    "no record is fed with a NIA",
    "CNDA, test 0.2-080",
    trust=Trust.SECOND_HAND,
)
_HASH: Final = _rule(
    "hash",
    "le hash, s’il est donné, est le SHA-1 du document envoyé",
    "the hash, when given, is the SHA-1 of the document sent",
    "IHE ITI TF-3 §4.2.3.2.10",
)
_SIZE: Final = _rule(
    "size",
    "la taille, si elle est donnée, est celle du document envoyé",
    "the size, when given, is that of the document sent",
    "IHE ITI TF-3 §4.2.3.2.21",
)
_CLASS: Final = _rule(
    "class-of-type",
    "la classe d’un document se déduit de son type",
    "the class of a document follows from its type",
    "ANS, association type vers classe (ASS_X16)",
)
_FORBIDDEN: Final = _rule("forbidden-type", "un logiciel de professionnel ne dépose ni document du patient (classe 90, DOCPAT…), ni REMB, ni 11369-6",
                          "a professional’s product deposits no patient’s document (class 90, DOCPAT…), no REMB, no 11369-6", "CNDA, EX_2.1-1010")  # fmt: skip
_AUTHOR: Final = _rule("author", "l’utilisateur du VIHF est auteur ou responsable (legalAuthenticator) de chaque document, ou sa structure celle d’un auteur en mode indirect",
                       "the user of the VIHF is an author or the legal authenticator of each document, or their structure that of an author in indirect mode", "CNDA, EX_2.1-1140")  # fmt: skip
_SET_AUTHOR: Final = _rule(
    "set-author",
    "l’auteur du lot est l’utilisateur authentifié du VIHF",
    "the author of the lot is the authenticated user of the VIHF",
    "CNDA, tests 2.1-900 et 2.1-950",
)
_BIRTH_NAME: Final = _rule(
    "birth-name",
    "sourcePatientInfo porte le nom de naissance (PID-5 de type L)",
    "sourcePatientInfo carries the birth name (PID-5 of type L)",
    "PDSM4DMP ; message d’erreur du DMP",
)
_NO_INFO: Final = _rule("signature-patient-info", "sourcePatientInfo est absent de la signature du lot", "sourcePatientInfo is absent from the signature of the lot", "retour d’expérience sur le DMP",
                        trust=Trust.SECOND_HAND)  # fmt: skip
_EXCLUSIVE: Final = _rule("visibility-exclusive", "un document n’est pas à la fois MASQUE_PS et INVISIBLE_PATIENT", "a document is not both MASQUE_PS and INVISIBLE_PATIENT",
                          "CNDA, EX_2.1-1050 (paramètre du DMP)", requirements=_VISIBLE)  # fmt: skip
_SECRET: Final = _rule("visibility-secret", "en connexion secrète, chaque document est INVISIBLE_REPRESENTANTS_LEGAUX", "in a secret connection, each document is INVISIBLE_REPRESENTANTS_LEGAUX",
                       "CNDA, EX_2.1-1050", requirements=_VISIBLE)  # fmt: skip
_RESTRICTED: Final = _rule(
    "restricted",
    "un document R ou V n’est pas partagé",
    "a document that is R or V is not shared",
    "CNDA, REC_2.1-1100",
    severity=_SOFT,
)
_FIRST: Final = _rule(
    "basic-confidentiality",
    "la confidentialité de base est N, R ou V, une fois",
    "the basic confidentiality is N, R or V, once",
    "ANS, JDV_J58",
)
_RPLC: Final = _rule("replacement-2007", "l’association de remplacement est celle de 2007", "the replacement association is that of 2007", "IHE ITI TF-3 ; un code publié écrit celle de 2010",
                     trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_RPLC_TARGET: Final = _rule(
    "replacement-target",
    "un remplacement désigne l’entryUUID (urn:uuid:) de la version en cours",
    "a replacement names the entryUUID (urn:uuid:) of the current version",
    _IHE,
)
_RPLC_ONE: Final = _rule(
    "replacement-one",
    "un document en remplace un seul",
    "a document replaces one only",
    "ce que fait le DMP de plusieurs n’est pas publié",
    trust=Trust.OWN,
    severity=_SOFT,
)
_LOT_SIGNED: Final = _rule(
    "signed",
    "le lot porte sa signature XAdES, un document de type E1762",
    "the lot carries its XAdES signature, a document of type E1762",
    _EXAMPLES,
    trust=Trust.SECOND_HAND,
)
_SIGNS: Final = _rule(
    "signs",
    "une association signs relie la signature au lot",
    "a signs association ties the signature to the lot",
    _EXAMPLES,
    trust=Trust.SECOND_HAND,
    severity=_SOFT,
)
_SIGNATURE: Final = _rule(
    "signature", "la signature du lot se vérifie", "the signature of the lot verifies", "W3C XML Signature"
)
_MANIFEST: Final = _rule("manifest", "le manifeste de la signature nomme le lot puis chaque document, avec l’empreinte de ce qui est envoyé",
                         "the manifest of the signature names the lot then each document, with the digest of what is sent", _EXAMPLES)  # fmt: skip
_HIDDEN_SIGNATURE: Final = _rule("signature-hidden", "la signature du lot est N, MASQUE_PS et INVISIBLE_PATIENT", "the signature of the lot is N, MASQUE_PS and INVISIBLE_PATIENT", _EXAMPLES,
                                 trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip

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
    yield from _files(request)
    yield from _signatures(request)


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
        if not any(value.endswith("^L") for value in names_given):
            yield _BIRTH_NAME.finding(Text("il n’y est pas", "it is not there"), place)
    if request.vihf is not None and entry.authors and not _matches(entry, request.vihf):
        yield _AUTHOR.finding(Text(f"trouvé {request.vihf.name_id} ({request.vihf.structure}) dans le VIHF",
                                   f"found {request.vihf.name_id} ({request.vihf.structure}) in the VIHF"), place)  # fmt: skip
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


def _files(request: OpenedRequest) -> Iterator[Finding]:
    envelope = request.envelope
    known = {entry.id for entry in request.objects.documents}
    for file in request.files:
        if file.id not in known:
            yield _FILE_ENTRY.finding(found_words(file.id), envelope.place(file.element))
    for entry in request.objects.documents:
        sent, place = request.file_of(entry), envelope.place(entry.element)
        if sent is None:
            yield _ENTRY_FILE.finding(
                Text(f"aucun Document n’a l’id « {entry.id} »", f"no Document has the id “{entry.id}”"), place
            )
            continue
        if sent.content is None:
            continue
        data = sent.content.data
        if not data.strip():
            yield _EMPTY.finding(Text(f"« {entry.id} » l’est", f"“{entry.id}” is"), envelope.place(sent.element))
        if entry.hash and entry.hash.lower() != file_hash(data):
            yield _HASH.finding(
                Text(
                    f"attendu {file_hash(data)}, trouvé {entry.hash}", f"expected {file_hash(data)}, found {entry.hash}"
                ),
                place,
            )
        if entry.size is not None and entry.size != len(data):
            yield _SIZE.finding(
                Text(f"attendu {len(data)}, trouvé {entry.size}", f"expected {len(data)}, found {entry.size}"), place
            )


def _signatures(request: OpenedRequest) -> Iterator[Finding]:
    envelope = request.envelope
    if not request.signatures:
        yield _LOT_SIGNED.finding(Text("il n’y en a pas", "there is none"), envelope.place(request.payload))
    submission = request.objects.submission_set
    for entry in request.signatures:
        place = envelope.place(entry.element)
        if entry.source_patient_info:
            yield _NO_INFO.finding(Text("il y est", "it is there"), place)
        if {one.code for one in entry.confidentiality} != {"N", "MASQUE_PS", "INVISIBLE_PATIENT"}:
            yield _HIDDEN_SIGNATURE.finding(found_words(", ".join(one.code for one in entry.confidentiality)), place)
        ties = [link for link in request.objects.associations if link.type == names.SIGNS and link.source == entry.id]
        if submission is not None and not any(link.target == submission.id for link in ties):
            yield _SIGNS.finding(Text("il n’y en a pas", "there is none"), place)
        file = request.file_of(entry)
        if file is not None and file.content is not None:
            yield from _signature(request, file, file.content.data)


def _signature(request: OpenedRequest, file: SentFile, data: bytes) -> Iterator[Finding]:
    place = request.envelope.place(file.element)
    try:
        signature = read_lot_signature(data)
    except DocumentError as error:
        yield _SIGNATURE.finding(error.sentence, place)
        return
    if signature.problem is not None:
        yield _SIGNATURE.finding(signature.problem, place)
    submission = request.objects.submission_set
    wanted = [submission.unique_id or "" if submission else ""] + [entry.unique_id or "" for entry in request.documents]
    given = [line.oid for line in signature.references]
    if given[:1] != wanted[:1] or sorted(given) != sorted(wanted):
        yield _MANIFEST.finding(found_words(", ".join(given)), place)
        return
    digests = {line.oid: line for line in signature.references}
    for entry in request.documents:
        sent, line = request.file_of(entry), digests[entry.unique_id or ""]
        if sent is None or sent.content is None:
            continue
        if not line.algorithm or digest_of(sent.content.data, line.algorithm) != line.digest:
            yield _MANIFEST.finding(
                Text(
                    f"l’empreinte de {line.oid} n’est pas celle du document",
                    f"the digest of {line.oid} is not that of the document",
                ),
                place,
            )

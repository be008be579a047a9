"""The contents of a lot: its files against its entries, style sheets, and the signature of the lot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import found_words
from conformance.exchange.metadata import names
from conformance.exchange.xades import digest_of, read_lot_signature
from conformance.exchange.xdm_writing import file_hash
from conformance.validation.dmp.lot_book import EXAMPLES, IHE, SOFT, lot_rule
from conformance.validation.dmp.opened import OpenedRequest, SentFile

_ENTRY_FILE: Final = lot_rule(
    "file",
    "chaque ExtrinsicObject a son Document, de même id",
    "each ExtrinsicObject has its Document, with the same id",
    IHE,
)
_FILE_ENTRY: Final = lot_rule(
    "file-entry",
    "chaque Document a son ExtrinsicObject, de même id",
    "each Document has its ExtrinsicObject, with the same id",
    IHE,
)
_EMPTY: Final = lot_rule("empty", "un document n’est pas vide", "a document is not empty", "CNDA, EX_GEN-1060")
_HASH: Final = lot_rule(
    "hash",
    "le hash, s’il est donné, est le SHA-1 du document envoyé",
    "the hash, when given, is the SHA-1 of the document sent",
    "IHE ITI TF-3 §4.2.3.2.10",
)
_SIZE: Final = lot_rule(
    "size",
    "la taille, si elle est donnée, est celle du document envoyé",
    "the size, when given, is that of the document sent",
    "IHE ITI TF-3 §4.2.3.2.21",
)
_STYLE_SHEET: Final = lot_rule("style-sheet", "la feuille de style d’un document auto-présentable ne contient ni script ni lien externe",
                            "the style sheet of a self-displaying document holds neither script nor external link", "CNDA, EX_2.1-1115")  # fmt: skip
_NO_INFO: Final = lot_rule("signature-patient-info", "sourcePatientInfo est absent de la signature du lot", "sourcePatientInfo is absent from the signature of the lot", "retour d’expérience sur le DMP",
                        trust=Trust.SECOND_HAND)  # fmt: skip
_LOT_SIGNED: Final = lot_rule(
    "signed",
    "le lot porte sa signature XAdES, un document de type E1762",
    "the lot carries its XAdES signature, a document of type E1762",
    EXAMPLES,
    trust=Trust.SECOND_HAND,
)
_SIGNS: Final = lot_rule(
    "signs",
    "une association signs relie la signature au lot",
    "a signs association ties the signature to the lot",
    EXAMPLES,
    trust=Trust.SECOND_HAND,
    severity=SOFT,
)
_SIGNATURE: Final = lot_rule(
    "signature", "la signature du lot se vérifie", "the signature of the lot verifies", "W3C XML Signature"
)
_MANIFEST: Final = lot_rule("manifest", "le manifeste de la signature nomme le lot puis chaque document, avec l’empreinte de ce qui est envoyé",
                         "the manifest of the signature names the lot then each document, with the digest of what is sent", EXAMPLES)  # fmt: skip
_HIDDEN_SIGNATURE: Final = lot_rule("signature-hidden", "la signature du lot est N, MASQUE_PS et INVISIBLE_PATIENT", "the signature of the lot is N, MASQUE_PS and INVISIBLE_PATIENT", EXAMPLES,
                                 trust=Trust.SECOND_HAND, severity=SOFT)  # fmt: skip

_XSL: Final = "http://www.w3.org/1999/XSL/Transform"


def check_contents(request: OpenedRequest) -> Iterator[Finding]:
    """The files of a feeding, then its signature."""
    yield from _files(request)
    yield from _signatures(request)


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
        yield from _style_sheet(request, sent, data)
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


def _style_sheet(request: OpenedRequest, sent: SentFile, data: bytes) -> Iterator[Finding]:
    if _XSL.encode() not in data:
        return
    try:
        root = read_document(data).root
    except DocumentError:
        return  # the pipeline says why
    for sheet in root.iter(f"{{{_XSL}}}stylesheet", f"{{{_XSL}}}transform"):
        for node in sheet.iter("*"):
            local = etree.QName(node).localname
            links = [str(value) for name, value in node.items() if name in ("href", "src")]
            outside = [link for link in links if not link.startswith(("#", "data:", "{"))]
            if local == "script" or outside:
                yield _STYLE_SHEET.finding(
                    found_words(outside[0] if outside else local), request.envelope.place(sent.element)
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

"""What a lot says against what its CDA documents say: header ↔ metadata ↔ VIHF, versions, format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.checks.crosscheck import differences
from conformance.exchange.checks.rules import RuleBook, found_words
from conformance.exchange.metadata import DocumentEntry
from conformance.validation.dmp.opened import OpenedRequest

BOOK: Final = RuleBook("dmp-coherence")

_REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
_MAPPING: Final = "CNDA, EX_2.1-2020 ; CI-SIS, correspondance entre l’en-tête CDA et les métadonnées XDS"
_COMPARED: Final = (
    "patientId", "birthName", "birthDate", "sex", "uniqueId", "languageCode", "title", "creationTime",
    "serviceStartTime", "serviceStopTime", "typeCode", "healthcareFacilityTypeCode", "practiceSettingCode",
    "confidentialityCode", "author", "legalAuthenticator",
)  # fmt: skip
_RULES: Final = {
    name: BOOK.rule(
        name,
        f"{name} dit la même chose dans les métadonnées et dans l’en-tête du CDA (dates en UTC)",
        f"{name} says the same in the metadata and in the header of the CDA (dates in UTC)",
        _MAPPING,
        requirements=_REQUIREMENTS,
    )
    for name in _COMPARED
} | {
    "author.count": BOOK.rule(
        "author.count",
        "les métadonnées ont autant d’auteurs que le CDA",
        "the metadata have as many authors as the CDA",
        "CNDA, EX_2.1-2020",
        requirements=_REQUIREMENTS,
    ),
    "formatCode": BOOK.rule(
        "formatCode",
        "le format est celui du corps (niveau 1) ou du modèle (niveau 3) du CDA",
        "the format is that of the body (level 1) or of the model (level 3) of the CDA",
        "ANS, association modèle vers format (ASS_A11)",
        requirements=_REQUIREMENTS,
    ),
}
_FIRST: Final = BOOK.rule(
    "first-version",
    "une première version (versionNumber 1) ne remplace rien",
    "a first version (versionNumber 1) replaces nothing",
    "CI-SIS Structuration minimale §3.5.5.10 et §3.5.5.11",
    requirements=_REQUIREMENTS,
)
_NEXT: Final = BOOK.rule(
    "next-version",
    "un document qui en remplace un (relatedDocument RPLC) a son association de remplacement dans le lot",
    "a document that replaces one (relatedDocument RPLC) has its replacement association in the lot",
    "CI-SIS Structuration minimale §3.5.5.11 ; CNDA, test 2.1-140",
    trust=Trust.SECOND_HAND,
    severity=Severity.WARNING,
    requirements=_REQUIREMENTS,
)
_RELATED: Final = BOOK.rule(
    "related-document",
    "un remplacement est aussi dans le CDA : versionNumber supérieur à 1 et relatedDocument",
    "a replacement is in the CDA too: versionNumber above 1 and relatedDocument",
    "CI-SIS Structuration minimale §3.5.5.10 et §3.5.5.11",
    requirements=_REQUIREMENTS,
)
_MIME: Final = BOOK.rule(
    "mime-type",
    "le mimeType d’un document CDA est text/xml",
    "the mimeType of a CDA document is text/xml",
    "PDSM4DMP, modèle logique",
    requirements=_REQUIREMENTS,
)


def check_coherence(request: OpenedRequest) -> Iterator[Finding]:
    """Each document of a feeding against its entry. Places are those of the message."""
    for entry in request.documents:
        file = request.file_of(entry)
        if file is None or file.header is None:
            continue
        place = request.envelope.place(entry.element)
        for difference in differences(entry, file.header):
            rule = _RULES.get(difference.name)
            if rule is not None:
                yield rule.finding(_words(difference.expected, difference.found), place)
        if entry.mime_type and entry.mime_type not in ("text/xml", "application/xslt+xml"):
            yield _MIME.finding(found_words(entry.mime_type), place)
        yield from _versions(request, entry, file.header)


def has_documents_to_compare(request: OpenedRequest) -> bool:
    """Whether at least one document could be read as a CDA."""
    return any(file.header is not None for file in request.files)


def _words(expected: str, found: str) -> Text:
    if not expected and not found:
        return Text("les deux diffèrent", "the two differ")
    return Text(f"attendu « {expected} », trouvé « {found} »", f"expected “{expected}”, found “{found}”")


def _versions(request: OpenedRequest, entry: DocumentEntry, header: CdaHeader) -> Iterator[Finding]:
    place = request.envelope.place(entry.element)
    replaces = bool(request.objects.replaced_by(entry))
    if header.version == 1 and header.replaces:
        yield _FIRST.finding(Text("le CDA porte relatedDocument", "the CDA carries relatedDocument"), place)
    if replaces and (not header.replaces or (header.version or 1) < 2):
        yield _RELATED.finding(Text(f"versionNumber est {header.version}", f"versionNumber is {header.version}"), place)
    if header.replaces and not replaces and (header.version or 0) > 1:
        yield _NEXT.finding(Text("elle n’y est pas", "it is not there"), place)

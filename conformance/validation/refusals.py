"""The findings that are no rules of a volet: what cannot be read or could harm a reader, and faults against the schema.

Their sentences are made on the spot, with what was found; here stands what each of them asks. Behind ``segur rules``
and ``segur explain``; a test compares the list with what the readers can raise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule
from conformance.validation.layers import RULE_LAYERS

_SOURCES: Final = {
    "decoding": "CI-SIS Structuration minimale §3.2.1 ; W3C XML 1.0",
    "structure": "HL7 CDA R2 (schéma), CI-SIS",
    "archive": "IHE ITI TF-2 §3.32 ; PKWARE APPNOTE",
    "mail": "RFC 5322, RFC 2045",
    "mtom": "W3C MTOM, RFC 2387",
    "soap": "W3C SOAP 1.2",
    "captured": "RFC 9112",
    **dict.fromkeys(RULE_LAYERS, "segur-conformance"),
}
_OWN: Final = ("archive", "mail", *RULE_LAYERS)
"""Layers whose readers refuse what could harm: no published text needs to say it."""

_DECODING: Final = (
    ("empty", "le document n’est pas vide", "the document is not empty"),
    ("too-large", "le document tient dans la limite de taille (--max-size)", "the document keeps within the size limit (--max-size)"),
    ("not-xml", "le document est du XML", "the document is XML"),
    ("pdf", "le document est du XML, non un PDF", "the document is XML, not a PDF"),
    ("zip", "le document est du XML, non une archive zip", "the document is XML, not a zip archive"),
    ("json", "le document est du XML, non du JSON", "the document is XML, not JSON"),
    ("html", "le document est un document CDA, non une page HTML", "the document is a CDA document, not an HTML page"),
    ("not-well-formed", "le XML est bien formé", "the XML is well-formed"),
    ("truncated", "le document est entier : tout élément ouvert est fermé", "the document is whole: each element opened is closed"),
    ("too-deep", "les éléments ne s’emboîtent pas sans mesure", "elements are not nested beyond measure"),
    ("dtd", "le document n’a ni DOCTYPE ni entités", "the document has neither DOCTYPE nor entities"),
    ("unknown-encoding", "l’encodage que la déclaration XML annonce existe", "the encoding that the XML declaration announces exists"),
    ("wrong-encoding", "les octets du document sont ceux de l’encodage annoncé", "the bytes of the document are those of the encoding announced"),
    ("contradictory-encoding", "la marque d’ordre des octets et la déclaration XML disent le même encodage", "the byte order mark and the XML declaration tell the same encoding"),
    ("not-utf-8", "le document est en UTF-8", "the document is in UTF-8"),
    ("not-a-clinical-document", "le document contient un ClinicalDocument de l’espace de noms urn:hl7-org:v3", "the document holds a ClinicalDocument of the namespace urn:hl7-org:v3"),
)  # fmt: skip
_STRUCTURE: Final = (
    ("missing-element", "les éléments obligatoires sont là", "mandatory elements are there"),
    ("repeated-element", "un élément n’est répété que si le schéma le permet", "an element is repeated only where the schema allows it"),
    ("unexpected-element", "chaque élément existe dans son parent", "each element exists in its parent"),
    ("restricted-element", "un type restreint n’a plus les éléments qu’il a perdus (qualifier dans CE, reference dans ST)", "a restricted type has no more the elements that it lost (qualifier in CE, reference in ST)"),
    ("misplaced-element", "les éléments sont dans l’ordre du schéma", "elements are in the order of the schema"),
    ("unexpected-text", "il n’y a de texte que là où le schéma le permet", "there is text only where the schema allows it"),
    ("bad-content", "le texte d’un élément a la forme que le schéma demande", "the text of an element has the form that the schema asks for"),
    ("not-nillable", "xsi:nil n’est que là où le schéma le permet", "xsi:nil is only where the schema allows it"),
    ("missing-type", "un élément dont le type est abstrait dit le sien (xsi:type)", "an element whose type is abstract tells its own (xsi:type)"),
    ("wrong-type", "le type dit par xsi:type peut prendre la place de celui du schéma", "the type told by xsi:type can stand for that of the schema"),
    ("unknown-type", "le type dit par xsi:type existe", "the type told by xsi:type exists"),
    ("missing-attribute", "les attributs obligatoires sont là", "mandatory attributes are there"),
    ("unexpected-attribute", "chaque attribut existe pour son élément", "each attribute exists for its element"),
    ("bad-value", "la valeur d’un attribut est de celles que le schéma permet", "the value of an attribute is one that the schema allows"),
    ("duplicate-id", "un identifiant XML n’est porté qu’une fois, et un renvoi mène à l’un d’eux", "an XML identifier is borne once, and a link leads to one of them"),
    ("invalid", "le document est valide pour le schéma CDA R2", "the document is valid against the CDA R2 schema"),
    ("too-many", "les fautes au-delà des premières sont comptées, non montrées", "faults beyond the first ones are counted, not shown"),
)  # fmt: skip
_ARCHIVE: Final = (
    ("empty", "l’archive n’est pas vide", "the archive is not empty"),
    ("not-a-zip", "la pièce est une archive zip", "the attachment is a zip archive"),
    ("corrupt", "l’archive n’est pas endommagée", "the archive is not damaged"),
    ("truncated", "l’archive est entière, avec sa table des matières", "the archive is whole, with its table of contents"),
    ("no-files", "l’archive contient des fichiers", "the archive holds files"),
    ("too-large", "l’archive tient dans la limite de taille", "the archive keeps within the size limit"),
    ("too-many-files", "l’archive tient dans la limite du nombre de fichiers", "the archive keeps within the limit of files"),
    ("zip64", "l’archive n’est pas au format ZIP64", "the archive is not in the ZIP64 format"),
    ("encrypted", "l’archive n’est pas chiffrée", "the archive is not encrypted"),
    ("method", "les fichiers sont stockés ou compressés par deflate", "files are stored or compressed by deflate"),
    ("control-character", "les noms ne contiennent pas de caractère de contrôle", "names hold no control character"),
    ("nameless", "chaque fichier de l’archive a un nom", "each file of the archive has a name"),
    ("zip-slip", "les noms ne mènent pas hors de l’archive", "names do not lead out of the archive"),
    ("link", "l’archive ne contient ni lien ni fichier spécial", "the archive holds neither link nor special file"),
    ("duplicate-name", "un nom n’est donné qu’à un fichier", "a name is given to one file only"),
    ("overlap", "les fichiers ne se chevauchent pas dans l’archive", "files do not overlap inside the archive"),
    ("bomb", "l’archive ne se déplie pas sans mesure", "the archive does not unfold beyond measure"),
    ("heavy-xml", "les fichiers XML ne sont pas démesurés", "XML files are not beyond measure"),
    ("too-slow", "l’archive se déplie en un temps raisonnable", "the archive unfolds in a reasonable time"),
)  # fmt: skip
_MAIL: Final = (
    ("empty", "le message n’est pas vide", "the message is not empty"),
    ("not-a-message", "le fichier est un message : il commence par des en-têtes", "the file is a message: it begins with headers"),
    ("too-large", "le message tient dans la limite de taille", "the message keeps within the size limit"),
    ("header-too-long", "les en-têtes ne sont pas d’une longueur démesurée", "headers are not long beyond measure"),
    ("too-many-lines", "le message tient dans la limite du nombre de lignes", "the message keeps within the limit of lines"),
    ("too-nested", "les parties ne s’emboîtent pas sans mesure", "parts are not nested beyond measure"),
    ("too-many-parts", "le message tient dans la limite du nombre de parties", "the message keeps within the limit of parts"),
)  # fmt: skip
_CAPTURED: Final = (
    ("head", "une ligne vide sépare les en-têtes HTTP du corps", "an empty line stands between the HTTP headers and the body"),
    ("coding", "le corps se décode comme les en-têtes HTTP le disent", "the body decodes as the HTTP headers say"),
    ("request-line", "la première ligne est celle d’une requête HTTP", "the first line is that of an HTTP request"),
)  # fmt: skip
_MTOM: Final = (
    ("boundary", "le Content-Type multipart/related donne la limite des parties (boundary)", "the Content-Type multipart/related gives the boundary of the parts"),
    ("boundary-not-found", "la limite annoncée sépare les parties du corps", "the boundary announced separates the parts of the body"),
    ("truncated", "le message finit par sa limite finale", "the message ends with its final boundary"),
    ("no-parts", "le message contient des parties", "the message holds parts"),
    ("too-many-parts", "le message tient dans la limite du nombre de parties", "the message keeps within the limit of parts"),
    ("part-headers", "une ligne vide suit les en-têtes de chaque partie", "an empty line follows the headers of each part"),
    ("part-encoding", "chaque partie se décode comme elle le dit", "each part decodes as it says"),
    ("not-multipart", "un corps en plusieurs parties est annoncé multipart/related", "a body of several parts is announced as multipart/related"),
    ("no-root", "la partie que nomme start est là", "the part that start names is there"),
    ("reference", "xop:Include désigne une partie par cid:", "xop:Include names a part by cid:"),
    ("missing-part", "la partie désignée par xop:Include est là", "the part that xop:Include names is there"),
    ("base64", "un document est une référence xop:Include, ou du base64", "a document is a reference xop:Include, or base64"),
)  # fmt: skip
_ENVELOPE: Final = (
    "no-envelope",
    "l’élément de tête est une enveloppe SOAP 1.2",
    "the top element is a SOAP 1.2 envelope",
)
_CUT: Final = (
    ("too-many", "les constats au-delà des premiers ne sont pas dits", "findings beyond the first ones are not told"),
)
_BY_LAYER: Final = {
    "decoding": _DECODING,
    "structure": _STRUCTURE,
    **dict.fromkeys(RULE_LAYERS, _CUT),
    "archive": _ARCHIVE,
    "mail": _MAIL,
}
_MILD: Final = {f"{layer}.too-many": Severity.INFO for layer in ("structure", *RULE_LAYERS)}
_TRANSPORT: Final = "dmp-transport"


def all_refusals() -> tuple[ExchangeRule, ...]:
    """Every finding of this sort, in the order of the layers."""
    return tuple(_made())


def _made() -> Iterator[ExchangeRule]:
    for layer, told in _BY_LAYER.items():
        yield from (_rule(layer, layer, each) for each in told)
    xml = [
        each for each in _DECODING if each[0] not in ("not-a-clinical-document", "contradictory-encoding", "not-utf-8")
    ]
    yield from (_about(_rule("decoding", "metadata", each), "METADATA.XML", "metadata") for each in xml)
    # The readers of requests to the DMP, whose findings all belong to its transport.
    for name, told in (("captured", _CAPTURED), ("mtom", _MTOM), ("soap", (_ENVELOPE,))):
        yield from (_of_request(_rule(name, name, each)) for each in told)
    yield from (_of_request(_about(_rule("decoding", "soap", each), "SOAP", "soap")) for each in xml)


def _rule(source: str, layer: str, told: tuple[str, str, str]) -> ExchangeRule:
    code, fr, en = told
    key = f"{layer}.{code}"
    trust = Trust.OWN if layer in _OWN else Trust.PUBLISHED
    return ExchangeRule(key, layer, Text(fr, en), _MILD.get(key, Severity.ERROR), trust, (), _SOURCES[source])


def _about(rule: ExchangeRule, what: str, layer: str) -> ExchangeRule:
    demand = Text(f"{what} se lit : {rule.demand.fr}", f"{what} can be read: {rule.demand.en}")
    return replace(rule, demand=demand, layer=layer)


def _of_request(rule: ExchangeRule) -> ExchangeRule:
    return replace(rule, key=f"{_TRANSPORT}.{rule.key}", layer=_TRANSPORT)

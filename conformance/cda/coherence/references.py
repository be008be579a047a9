"""Every link of the document leads somewhere: from entries to the narrative, from the narrative to files and notes.

The published examples hold links that lead nowhere (45 in the laboratory reports alone): warnings, except where the
schema itself types the link. Source: CI-SIS Structuration minimale §3.5.7.3, §3.6.1; CDA R2 narrative block (IDREF).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text

LAYER: Final = "coherence"
WARN: Final = Severity.WARNING

_UNSEEN: Final = Text(
    "Aucune règle officielle ne suit les renvois : elles se contentent de l'attribut.",
    "No official rule follows the links: they are content with the attribute.",
)
_TYPED: Final = Text(
    "Le schéma type ce renvoi (IDREF), mais les validateurs qui ne résolvent pas les renvois le laissent passer.",
    "The schema types this link (IDREF), but validators that do not resolve links let it pass.",
)
_HINT: Final = Text(
    "Donnez cet ID à l'élément du texte dont l'entrée parle, ou retirez le renvoi.",
    "Give this ID to the element of the text that the entry speaks of, or remove the link.",
)


def _inside(value: str) -> bool:
    """Whether a reference points into the document: ``#x``, or a bare name where ``#`` was forgotten."""
    return value.startswith("#") or not any(mark in value for mark in ":/.?")


def _resolves(node: etree._Element, context: Context) -> Iterator[Violation]:
    value = node.get("value")
    if value is None or not _inside(value) or value.removeprefix("#") in context.ids:
        return
    said = Text(
        f"aucun élément n'a pour ID « {value.removeprefix('#')} »", f"no element has the ID “{value.removeprefix('#')}”"
    )
    yield Violation(node, said, "value")


def _hash(node: etree._Element, context: Context) -> Iterator[Violation]:
    value = node.get("value")
    if value and not value.startswith("#") and value in context.ids:
        yield Violation(node, Text(f"trouvé « {value} »", f"found “{value}”"), "value")


def _set(value: str) -> Any:
    return lambda node: node.set("value", value)


_EXAMPLE: Final = (
    '<section><text><content ID="r1">Potassium</content><renderMultiMedia referencedObject="f1"/>'
    '<footnote ID="n1">Contrôlé.</footnote><footnoteRef IDREF="n1"/></text>'
    '<entry><observation classCode="OBS" moodCode="EVN"><code code="2823-3" codeSystem="2.16.840.1.113883.6.1" displayName="Potassium">'
    '<originalText><reference value="#r1"/></originalText></code></observation></entry>'
    '<entry><observationMedia classCode="OBS" moodCode="EVN" ID="f1"><value mediaType="image/png"/></observationMedia></entry></section>'
)

REFERENCE: Final = Template(
    key="coherence.reference",
    name=Text("Renvoi d'une entrée vers le texte", "Link from an entry to the text"),
    element="reference",
    layer=LAYER,
    trust=Trust.PUBLISHED,
    source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3",
    example=_EXAMPLE,
    constraints=(
        Rule(
            Text("le renvoi doit désigner un élément du document (attribut ID)", "the link must point to an element of the document (attribute ID)"),
            _resolves, _set("#nulle-part"), key="resolves", severity=WARN, beyond=_UNSEEN, hint=_HINT,
        ),
        Rule(
            Text("un renvoi dans le document doit commencer par #", "a link within the document must begin with #"),
            _hash, _set("r1"), key="hash", severity=WARN, beyond=_UNSEEN,
            hint=Text("Écrivez « # » devant l'ID.", "Write “#” before the ID."),
        ),
    ),
)  # fmt: skip


def _pointing(attribute: str, wrong: str) -> Rule:
    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        for name in (node.get(attribute) or "").split():
            if name not in context.ids:
                yield Violation(
                    node, Text(f"aucun élément n'a pour ID « {name} »", f"no element has the ID “{name}”"), attribute
                )

    return Rule(
        Text(f"{attribute} doit désigner un élément du document (attribut ID)", f"{attribute} must point to an element of the document (attribute ID)"),
        test, lambda node: node.set(attribute, wrong), key="resolves", beyond=_TYPED,
        hint=Text("Donnez l'ID de l'observationMedia ou de la note.", "Give the ID of the observationMedia or of the footnote."),
    )  # fmt: skip


MEDIA: Final = Template(
    key="coherence.media",
    name=Text("Image ou fichier montré dans le texte", "Image or file shown in the text"),
    element="renderMultiMedia",
    layer=LAYER,
    trust=Trust.PUBLISHED,
    source="CI-SIS Structuration minimale v1.16.8 §3.6.1 ; CDA R2 (IDREFS)",
    example=_EXAMPLE,
    constraints=(_pointing("referencedObject", "nulle-part"),),
)

FOOTNOTE: Final = Template(
    key="coherence.footnote",
    name=Text("Appel de note dans le texte", "Footnote mark in the text"),
    element="footnoteRef",
    layer=LAYER,
    trust=Trust.PUBLISHED,
    source="CDA R2, bloc narratif (IDREF)",
    example=_EXAMPLE,
    constraints=(_pointing("IDREF", "nulle-part"),),
)

# Identifiers of entries ------------------------------------------------------------------------------------

_ENTRIES: Final = ("act", "observation", "procedure", "organizer", "substanceAdministration", "supply", "encounter")
_INTERNAL: Final = "1.3.6.1.4.1.19376.1.5.3.1.4.4.1"
_FRENCH_INTERNAL: Final = "1.2.250.1.213.1.1.3.36"

Pair = tuple[str, str]


def _pair(node: etree._Element) -> Pair | None:
    root = node.get("root")
    return (root, node.get("extension", "")) if root else None


class _Entries:
    """The identifiers of the entries of a document, and those of its references to entries."""

    def __init__(self, root: etree._Element) -> None:
        self.repeated: list[tuple[etree._Element, etree._Element]] = []
        self.pointing: list[etree._Element] = []
        first: dict[Pair, etree._Element] = {}
        owners = frozenset(f"{{urn:hl7-org:v3}}{name}" for name in _ENTRIES)
        for node in root.iter("{urn:hl7-org:v3}id"):
            owner = node.getparent()
            pair = _pair(node)
            if owner is None or pair is None or owner.tag not in owners:
                continue
            if any(
                one.get("root") in (_INTERNAL, _FRENCH_INTERNAL)
                for one in owner.iterchildren("{urn:hl7-org:v3}templateId")
            ):
                self.pointing.append(node)
                continue
            known = first.setdefault(pair, owner)
            if known is not owner:
                self.repeated.append((node, known))
        self.known = frozenset(first)


def _unique(node: etree._Element, context: Context) -> Iterator[Violation]:
    for identifier, _ in context.remember(_Entries).repeated:
        yield Violation(identifier, Text("une autre entrée l'a déjà", "another entry has it already"))


def _same_id(node: etree._Element) -> None:
    first, second = path(".//observation/id").elements(node)[:2]
    second.set("root", first.get("root", ""))


def _points(node: etree._Element, context: Context) -> Iterator[Violation]:
    entries = context.remember(_Entries)
    for identifier in entries.pointing:
        if _pair(identifier) not in entries.known:
            yield Violation(identifier, Text("aucune entrée n'a cet identifiant", "no entry has this identifier"))


def _nowhere(node: etree._Element) -> None:
    path(".//act/id").elements(node)[0].set("root", "0F1C2D3E-4B5A-4C6D-8E7F-000000000099")


ENTRIES: Final = Template(
    key="coherence.entries",
    name=Text("Identifiants des entrées", "Identifiers of entries"),
    element="structuredBody",
    layer=LAYER,
    trust=Trust.PUBLISHED,
    source="CI-SIS Structuration minimale v1.16.8 §3.5.7.2 (unicité) ; entrée FR-Reference-interne",
    example=(
        '<structuredBody><component><section><entry><observation><id root="0F1C2D3E-4B5A-4C6D-8E7F-000000000001"/></observation></entry>'
        '<entry><observation><id root="0F1C2D3E-4B5A-4C6D-8E7F-000000000002"/><entryRelationship><act>'
        f'<templateId root="{_INTERNAL}"/><id root="0F1C2D3E-4B5A-4C6D-8E7F-000000000001"/><code nullFlavor="NA"/></act>'
        "</entryRelationship></observation></entry></section></component></structuredBody>"
    ),
    constraints=(
        Rule(
            Text("deux entrées du document doivent avoir des identifiants différents", "two entries of the document must have different identifiers"),
            _unique, _same_id, key="unique", severity=WARN,
            beyond=Text("Les règles officielles comptent les id sans les comparer (les exemples publiés en répètent).",
                        "The official rules count the ids without comparing them (the published examples repeat some)."),
            hint=Text("Donnez un nouvel UUID à chaque entrée.", "Give each entry a new UUID."),
        ),
        Rule(
            Text("une référence interne doit porter l'identifiant d'une entrée du document", "an internal reference must have the identifier of an entry of the document"),
            _points, _nowhere, key="internal", severity=WARN,
            beyond=Text("La règle officielle demande un id, sans chercher l'entrée qu'il désigne.",
                        "The official rule asks for an id, without looking for the entry that it points to."),
        ),
    ),
)  # fmt: skip

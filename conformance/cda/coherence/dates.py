"""Dates of the body: they exist, begin before they end, and what happened happened after birth and before the document.

No official rule looks: « a malformed value, or a high before low, is not seen » (reference « VSM », §0). An end before its
start is an error. The rest is a warning: a published example holds a month 20, others events after the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.dates import instant
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation, carries
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text

_OWNERS: Final = frozenset(
    h(name)
    for name in ("act", "observation", "procedure", "organizer", "substanceAdministration", "supply", "encounter")
)
_PAST: Final = frozenset(h(name) for name in ("act", "observation", "procedure", "organizer", "encounter"))
_RELATIVE: Final = ("1.3.6.1.4.1.19376.1.5.3.1.4.13.3", "1.3.6.1.4.1.19376.1.5.3.1.4.15")
"""Family history: the events of somebody else."""
_DIGITS: Final = re.compile(r"\d{4,14}")
_NOT_SEEN: Final = Text(
    "Aucune règle officielle ne regarde les dates du corps du document.",
    "No official rule looks at the dates of the body of the document.",
)


def _in_the_body(node: etree._Element) -> bool:
    owner = node.getparent()
    return owner is not None and owner.tag in _OWNERS


def _stamps(node: etree._Element) -> Iterator[etree._Element]:
    """The elements of an ``effectiveTime`` that hold a time stamp."""
    for element in (node, *node.iterchildren(h("low"), h("high"), h("center"))):
        if element.get("value") is not None:
            yield element


def later(one: str, other: str) -> bool:
    """Whether the stamp ``one`` is later than ``other``, compared to the precision that both have.

    ``20240305`` is not later than ``2024``. With the hour on both sides the offsets count.
    """
    first, last = _DIGITS.match(one), _DIGITS.match(other)
    if first is None or last is None:
        return False
    shorter = min(len(first[0]), len(last[0]))
    if shorter >= 10:
        begin, end = instant(one), instant(other)
        return begin is not None and end is not None and begin > end
    return first[0][:shorter] > last[0][:shorter]


def _real(node: etree._Element, context: Context) -> Iterator[Violation]:
    for element in _stamps(node):
        value = element.get("value", "")
        if instant(value) is None:
            yield Violation(element, Text(f"trouvé « {value} »", f"found “{value}”"), "value")


def _ordered(node: etree._Element, context: Context) -> Iterator[Violation]:
    low, high = node.find(h("low")), node.find(h("high"))
    if low is None or high is None:
        return
    start, end = low.get("value", ""), high.get("value", "")
    if later(start, end):
        yield Violation(high, Text(f"trouvé {start} puis {end}", f"found {start} then {end}"), "value")


def _created(root: etree._Element) -> str:
    """The date of the document."""
    time = root.find(h("effectiveTime"))
    return time.get("value", "") if time is not None else ""


def _born(root: etree._Element) -> str:
    """The date of birth of the patient."""
    time = next(iter(path("recordTarget/patientRole/patient/birthTime").elements(root)), None)
    return time.get("value", "") if time is not None else ""


def _happened(node: etree._Element) -> bool:
    """What the time belongs to is an event of the patient: done, not planned, nor that of a relative."""
    owner = node.getparent()
    return (
        owner is not None and owner.tag in _PAST and owner.get("moodCode") == "EVN" and not carries(owner, *_RELATIVE)
    )


def _start(node: etree._Element) -> etree._Element | None:
    return node if node.get("value") is not None else node.find(h("low"))


def _before_the_document(node: etree._Element, context: Context) -> Iterator[Violation]:
    start = _start(node)
    created = context.remember(_created)
    if start is not None and created and later(start.get("value", ""), created):
        value = start.get("value", "")
        yield Violation(
            start,
            Text(f"trouvé {value} ; le document est du {created}", f"found {value}; the document is of {created}"),
            "value",
        )


def _after_birth(node: etree._Element, context: Context) -> Iterator[Violation]:
    start = _start(node)
    born = context.remember(_born)
    if start is not None and born and later(born, start.get("value", "")):
        value = start.get("value", "")
        yield Violation(
            start,
            Text(f"trouvé {value} ; le patient est né le {born}", f"found {value}; the patient was born on {born}"),
            "value",
        )


def _write(which: str, value: str) -> Callable[[etree._Element], None]:
    def spoil(node: etree._Element) -> None:
        path(which).elements(node)[0].set("value", value)

    return spoil


def _next_year(node: etree._Element) -> None:
    for element in node:
        element.set("value", "20250101")


_EXAMPLE: Final = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><effectiveTime value="20240611101500+0200"/>'
    '<recordTarget><patientRole><patient><birthTime value="19850714"/></patient></patientRole></recordTarget>'
    '<component><structuredBody><component><section><entry><observation classCode="OBS" moodCode="EVN">'
    '<effectiveTime><low value="20230214"/><high value="20230301"/></effectiveTime></observation></entry>'
    "</section></component></structuredBody></component></ClinicalDocument>"
)

BODY_DATES: Final = Template(
    key="coherence.body-dates",
    name=Text("Dates du corps du document", "Dates of the body of the document"),
    element="effectiveTime",
    where=_in_the_body,
    layer="coherence",
    trust=Trust.OWN,
    source="HL7 CDA R2 (TS, IVL_TS) ; CI-SIS Structuration minimale v1.16.8 §3.5.7.1",
    example=_EXAMPLE,
    constraints=(
        Rule(
            Text("la date doit exister au calendrier", "the date must exist in the calendar"),
            _real, _write("low", "20230230"), key="real", severity=Severity.WARNING, beyond=_NOT_SEEN,
            hint=Text("Corrigez le mois, le jour, l'heure ou le décalage horaire.", "Correct the month, the day, the hour or the offset."),
        ),
        Rule(
            Text("la fin (high) ne doit pas précéder le début (low)", "the end (high) must not come before the start (low)"),
            _ordered, _write("high", "20230101"), key="order", beyond=_NOT_SEEN,
            hint=Text("Échangez ou corrigez les deux dates.", "Swap or correct the two dates."),
        ),
        Rule(
            Text("un fait accompli (moodCode EVN) doit précéder la date du document", "what is done (moodCode EVN) must come before the date of the document"),
            _before_the_document, _next_year, key="before-document",
            when=_happened, severity=Severity.WARNING, beyond=_NOT_SEEN,
        ),
        Rule(
            Text("un fait du patient doit suivre sa naissance", "an event of the patient must come after their birth"),
            _after_birth, _write("low", "1960"), key="after-birth", when=_happened, severity=Severity.WARNING, beyond=_NOT_SEEN,
        ),
    ),
)  # fmt: skip

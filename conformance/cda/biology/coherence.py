"""What no official rule looks at in a result: code against interval, order of the bounds, units, previous results.

Source: reference « CR-BIO », §3.2 to §3.8; UCUM; requirement BIO/va1.04 (units).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.making import COHERENCE, WARN, template
from conformance.cda.constraints import Rule, type_of
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text
from conformance.terminology import units

_INTERVAL: Final = path("referenceRange/observationRange/value")
_PREVIOUS: Final = path("entryRelationship[@typeCode='REFR']/observation")
_QUANTITIES: Final = path("value | value/low | value/high | value/center")
_BOUNDS: Final = path("referenceRange/observationRange/value/low | referenceRange/observationRange/value/high")

COMMON_UNITS: Final = frozenset(
    [
        "%",
        "g/L",
        "g/dL",
        "mg/L",
        "ug/L",
        "ng/L",
        "ug/mL",
        "pg/mL",
        "ng/mL",
        "mg/dL",
        "mol/L",
        "mmol/L",
        "umol/L",
        "nmol/L",
        "pmol/L",
        "mmol/mol",
        "mL/min",
        "[IU]/L",
        "m[IU]/L",
        "k[IU]/L",
        "[IU]/mL",
        "U/L",
        "mm/h",
        "fL",
        "pg",
        "s",
        "min",
        "h",
        "d",
        "/L",
        "/mL",
        "/uL",
        "10*9/L",
        "10*12/L",
        "10*6/L",
        "{ratio}",
        "1",
        "g",
        "mg",
        "ug",
    ]
)
"""Units that need no parser: every UCUM reading of them is known (tested)."""

_NO_OFFICIAL: Final = Text(
    "Aucune règle officielle ne compare le code, la valeur et l'intervalle.",
    "No official rule compares the code, the value and the range.",
)
_UNITS_ELSEWHERE: Final = Text(
    "Seule la couche officielle de terminologie, à part des règles du volet, vérifie les unités.",
    "Only the official terminology layer, apart from the rules of the volet, checks units.",
)
_ONE_FOR_ALL: Final = Text(
    "La règle officielle se contente d'un seul résultat antérieur daté et terminé.",
    "The official rule is content with one dated and completed previous result.",
)


def _disagreement(node: etree._Element, context: Context) -> Iterator[Violation]:
    codes = list(node.iterchildren(h("interpretationCode")))
    ranges = list(node.iterchildren(h("referenceRange")))
    if not codes or not ranges:
        return
    # Loaded here: who validates other documents need not wait for the laboratory model.
    from conformance.cda.lab.model import LabReport, Result
    from conformance.cda.lab.oracle import judge
    from conformance.cda.lab.values import Narrative, read_code, read_range, read_value

    narrative = Narrative(node)
    result = Result(
        code=read_code(node.find(h("code")), narrative),
        values=tuple(read_value(value, narrative) for value in node.iterchildren(h("value"))),
        interpretations=tuple(read_code(code, narrative) for code in codes),
        ranges=tuple(read_range(one, narrative) for one in ranges),
    )
    said = judge(result, LabReport((result,), ())).disagreement
    if said is not None:
        yield Violation(codes[0], said, "code")


def _say_normal(node: etree._Element) -> None:
    for code in node.iterchildren(h("interpretationCode")):
        code.set("code", "N")
        code.set("displayName", "Normal")


def _intervals(node: etree._Element, state: str) -> Iterator[etree._Element]:
    from conformance.cda.lab.ranges import one_point
    from conformance.cda.lab.values import read_interval

    for value in _INTERVAL.elements(node):
        if type_of(value) in ("IVL_PQ", "IVL_INT", "IVL_REAL") and one_point(read_interval(value)) == state:
            yield value


def _impossible(node: etree._Element, context: Context) -> Iterator[Violation]:
    for value in _intervals(node, "empty"):
        yield Violation(value, Text("la borne basse dépasse la borne haute", "the low bound is above the high bound"))


def _one_point(node: etree._Element, context: Context) -> Iterator[Violation]:
    for value in _intervals(node, "point"):
        yield Violation(value, Text("les deux bornes sont égales", "the two bounds are equal"))


def _raise_low(node: etree._Element) -> None:
    for low in path("referenceRange/observationRange/value/low").elements(node):
        low.set("value", "999")


def _same_bounds(node: etree._Element) -> None:
    for value in _INTERVAL.elements(node):
        high = value.find(h("high"))
        for low in value.iterchildren(h("low")):
            if high is not None:
                low.set("value", high.get("value", ""))


def is_unit(unit: str) -> bool:
    """Whether ``unit`` is a UCUM unit; the usual ones are known without the parser."""
    return unit in COMMON_UNITS or units.is_ucum(unit)


def _units(node: etree._Element, context: Context) -> Iterator[Violation]:
    for element in (*_QUANTITIES.elements(node), *_BOUNDS.elements(node)):
        unit = element.get("unit")
        if unit is not None and not is_unit(unit):
            said = units.unit_problem(unit)
            assert said is not None
            yield Violation(element, said, "unit")


def _habit(node: etree._Element) -> None:
    for value in node.iterchildren(h("value")):
        value.set("unit", "mmol par litre")


def _completed(previous: etree._Element) -> bool:
    return any(status.get("code") == "completed" for status in previous.iterchildren(h("statusCode")))


def _dated(previous: etree._Element) -> bool:
    return previous.find(h("effectiveTime")) is not None


def _previous(node: etree._Element, context: Context) -> Iterator[Violation]:
    """Each one; that none at all is dated, or completed, is an official rule."""
    found = _PREVIOUS.elements(node)
    if any(map(_dated, found)):
        yield from (
            Violation(one, Text("il manque effectiveTime", "effectiveTime is missing"))
            for one in found
            if not _dated(one)
        )
    if any(map(_completed, found)):
        yield from (
            Violation(one, Text("son statut n'est pas « completed »", "its status is not “completed”"))
            for one in found
            if not _completed(one)
        )


def _undated(node: etree._Element) -> None:
    first = _PREVIOUS.elements(node)[0]
    for time in list(first.iterchildren(h("effectiveTime"))):
        first.remove(time)


RESULT_COHERENCE: Final[Template] = template(
    "cr-bio-result-coherence", Text("Résultat d'examen de biologie", "Laboratory result"), oids.RESULT,
    Rule(
        asks=Text("le code d'interprétation doit dire la même chose que l'intervalle de référence",
                  "the interpretation code must say the same as the reference range"),
        test=_disagreement, break_it=_say_normal, key="code-and-range", severity=WARN, beyond=_NO_OFFICIAL,
        hint=Text("Vérifiez le code, la valeur et les bornes : l'un des trois est faux.",
                  "Check the code, the value and the bounds: one of the three is wrong."),
    ),
    Rule(
        asks=Text("la borne basse de l'intervalle ne doit pas dépasser sa borne haute",
                  "the low bound of the range must not be above its high bound"),
        test=_impossible, break_it=_raise_low, key="range-order", beyond=_NO_OFFICIAL,
    ),
    Rule(
        asks=Text("l'intervalle ne doit pas être réduit à un point", "the range must not be reduced to one point"),
        test=_one_point, break_it=_same_bounds, key="range-of-one-point", severity=WARN, beyond=_NO_OFFICIAL,
        hint=Text("Pour une limite seule, ne donnez que low ou que high.", "For a single limit give only low or only high."),
    ),
    Rule(
        asks=Text("les unités de la valeur et de l'intervalle doivent être des unités UCUM",
                  "the units of the value and of the range must be UCUM units"),
        test=_units, break_it=_habit, key="units", beyond=_UNITS_ELSEWHERE, requirements=("BIO/va1.04",),
    ),
    Rule(
        asks=Text("chaque résultat antérieur doit être daté et terminé", "each previous result must be dated and completed"),
        test=_previous, break_it=_undated, key="previous", severity=WARN, beyond=_ONE_FOR_ALL,
    ),
    layer=COHERENCE, example=ex.result("r1", more=ex.PREVIOUS + ex.PREVIOUS),
)  # fmt: skip
"""One result, seen from the side of coherence."""

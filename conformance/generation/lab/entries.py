"""Entries of a laboratory report: results, values, ranges, batteries, isolates, comments, files.

Source: CI-SIS, volet CR d'examens de biologie médicale 2024.01; IHE PaLM; reference « CR-BIO », §2.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from conformance.cda.biology import oids
from conformance.cda.content.oids import COMMENT, SIMPLE_OBSERVATION, ccd, fr_entry
from conformance.cda.lab.model import (
    Bound,
    Code,
    Criterion,
    CriterionKind,
    Interval,
    PreviousResult,
    Quantity,
    ReferenceRange,
    Result,
    Value,
    ValueKind,
)
from conformance.generation.lab.analyses import BATTERIES, LOCAL_SYSTEM
from conformance.generation.nodes import (
    Ids,
    Node,
    coded,
    el,
    null,
    original_text,
    status,
    templates,
    text_of,
)
from conformance.terminology.code_systems import LOINC, UCUM, name_of

FILE_SECTION_CODE = "55107-7"


def code_of(name: str, code: Code, *inside: Node, xsi_type: str | None = None) -> Node:
    """A coded element with its translations; ``inside``: what comes before them (``originalText``)."""
    return el(
        name,
        *inside,
        [code_of("translation", one) for one in code.translations],
        xsi_type=xsi_type,
        code=code.code,
        displayName=code.label,
        codeSystem=code.system,
        codeSystemName=name_of(code.system) if code.system else None,
        nullFlavor=code.null_flavor,
    )


def result(one: Result, name: str, value_name: str, range_name: str, comments: Iterable[Node]) -> Node:
    """A result; the names are those of its words in the narrative (code, value, range)."""
    return el(
        "observation",
        templates(oids.RESULT, oids.FR_RESULT),
        code_of("code", one.code, original_text(name)),
        status(one.status or "completed"),
        el("effectiveTime", value=one.time) if one.time else None,
        [value_of(value, value_name) for value in one.values],
        [code_of("interpretationCode", code) for code in one.interpretations],
        [code_of("methodCode", method) for method in one.methods],
        [_previous(before) for before in one.previous],
        comments,
        [_range(made, range_name) for made in one.ranges],
        classCode="OBS",
        moodCode="EVN",
    )


def value_of(value: Value, name: str) -> Node:
    """The ``value`` of a result; ``name`` is that of its words in the narrative."""
    if value.null_flavor is not None:
        return el("value", xsi_type="PQ", nullFlavor=value.null_flavor)
    if value.kind is ValueKind.INTERVAL and value.interval is not None:
        return el("value", _ends(value.interval), xsi_type="IVL_PQ")
    if value.kind is ValueKind.TITRE and value.ratio is not None:
        numerator, denominator = value.ratio
        parts = (el("numerator", xsi_type="INT", value=numerator.written),
                 el("denominator", xsi_type="INT", value=denominator.written))  # fmt: skip
        return el("value", *parts, xsi_type="RTO")
    if value.kind is ValueKind.CODE and value.code is not None:
        inside = (original_text(name),) if value.code.words else ()
        return code_of("value", value.code, *inside, xsi_type="CD")
    if value.quantity is not None:
        kind = "REAL" if value.kind is ValueKind.NUMBER else "PQ"
        return el(
            "value",
            _translations(value.quantity),
            xsi_type=kind,
            value=value.quantity.written,
            unit=value.quantity.unit,
        )
    return el("value", value.written, xsi_type="ST")


def _translations(quantity: Quantity) -> list[Node]:
    return [el("translation", value=one.written, code=one.unit, codeSystem=UCUM) for one in quantity.translations]


def _ends(interval: Interval) -> list[Node]:
    ends = (("low", interval.low), ("high", interval.high))
    return [_end(name, bound) for name, bound in ends if bound is not None]


def _end(name: str, bound: Bound) -> Node:
    if bound.unbounded:
        return null(name, "NINF" if name == "low" else "PINF")
    inclusive = None if bound.inclusive else "false"
    one = bound.quantity
    return el(name, _translations(one), value=one.written, unit=one.unit, inclusive=inclusive)


def _range(made: ReferenceRange, name: str) -> Node:
    inside = el(
        "observationRange",
        text_of(name) if made.words else None,
        el("value", _ends(made.interval), xsi_type="IVL_PQ") if made.interval else None,
        code_of("interpretationCode", made.code) if made.code else None,
        [_by_age(one) for one in made.criteria if one.kind is CriterionKind.AGE],
        [_by_condition(one) for one in made.criteria if one.kind is CriterionKind.OTHER],
        [_by_sex(one) for one in made.criteria if one.kind is CriterionKind.SEX],
    )
    return el("referenceRange", inside, typeCode="REFV")


def _by_sex(criterion: Criterion) -> Node:
    """The French extension of 2020: the range holds for one sex."""
    inside = el("lab:criterion", el("lab:value", value=criterion.sex), classCode="COND", moodCode="EVN")
    return el("lab:precondition", inside, typeCode="PRCN")


def _by_age(criterion: Criterion) -> Node:
    """The extension of SDTC: the range holds from an age on, up to an age."""
    assert criterion.age is not None
    age = coded("code", "30525-0", LOINC, "Âge")
    inside = el("sdtc:criterion1", age, el("value", _ends(criterion.age), xsi_type="IVL_PQ"))
    return el("sdtc:precondition1", el("sdtc:conjunctionCode", code="AND"), inside, typeCode="PRCN")


def _by_condition(criterion: Criterion) -> Node:
    """The extension of SDTC: the range holds under a condition told in words."""
    inside = el("sdtc:criterion1", el("text", criterion.words))
    return el("sdtc:precondition1", el("sdtc:conjunctionCode", code="AND"), inside, typeCode="PRCN")


def _previous(before: PreviousResult) -> Node:
    observation = el(
        "observation",
        code_of("code", before.code),
        status(),
        el("effectiveTime", value=before.time),
        [value_of(value, "") for value in before.values],
        classCode="OBS",
        moodCode="EVN",
    )
    return el("entryRelationship", observation, typeCode="REFR")


def comment(target: str) -> Node:
    """A comment of the laboratory; ``target``: its words in the narrative."""
    return el(
        "act",
        templates(COMMENT, ccd("40"), fr_entry("32")),
        coded("code", "48767-8", LOINC, "Commentaire"),
        text_of(target),
        status(),
        classCode="ACT",
        moodCode="EVN",
    )


def battery(group: str, target: str, components: Iterable[Node]) -> Node:
    """A battery of results."""
    inside = [el("component", one) for one in components]
    return el(
        "organizer",
        templates(oids.BATTERY, oids.FR_BATTERY),
        _battery_code(group, target),
        status(),
        inside,
        classCode="BATTERY",
        moodCode="EVN",
    )


def _battery_code(group: str, target: str) -> Node:
    if group in BATTERIES:
        return coded("code", BATTERIES[group], LOINC, group, original_text(target))
    own = el("translation", code="BAT", codeSystem=LOCAL_SYSTEM, displayName=group)
    return el("code", original_text(target), own)


def isolate(germ: Code, ids: Ids, target: str, time: str | None, components: Iterable[Node]) -> Node:
    """A germ, its count, its antibiogram."""
    entity = el("specimenPlayingEntity", code_of("code", germ, original_text(target)), classCode="MIC")
    return el(
        "organizer",
        templates(oids.ISOLATE, oids.FR_ISOLATE),
        status(),
        el("effectiveTime", value=time) if time else None,
        el("specimen", el("specimenRole", ids.id(), entity, classCode="SPEC"), typeCode="SPC"),
        [el("component", one) for one in components],
        classCode="CLUSTER",
        moodCode="EVN",
    )


def attached(ids: Ids, title: str, kind: str, label: str, target: str, content: bytes, name: str) -> Node:
    """A file inside the document; ``kind``: the LOINC code of its type, ``name``: the ``ID`` of the file."""
    told = el(
        "observation",
        templates(SIMPLE_OBSERVATION, oids.FR_SIMPLE_OBSERVATION, oids.DOCUMENT_TYPE),
        ids.id(),
        coded("code", "69764-9", LOINC, "Type de document"),
        text_of(target),
        status(),
        null("effectiveTime", "NA"),
        coded("value", kind, LOINC, label, xsi_type="CD"),
        classCode="OBS",
        moodCode="EVN",
    )
    file = el("value", base64.b64encode(content).decode(), mediaType="application/pdf", representation="B64")
    return el(
        "organizer",
        templates(oids.ATTACHED),
        ids.id(),
        coded("code", FILE_SECTION_CODE, LOINC, title),
        status(),
        el("component", told),
        el("component", el("observationMedia", file, classCode="OBS", moodCode="EVN", ID=name)),
        classCode="CLUSTER",
        moodCode="EVN",
    )

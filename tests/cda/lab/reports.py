"""Small laboratory reports written for these tests: one result, whatever stands around it."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from conformance.cda.lab import Judgement, LabReport, OracleOptions, Result, judge, read_report
from conformance.cda.reading import read_document

INTERPRETATION = "2.16.840.1.113883.5.83"


def quantity(value: str, unit: str | None = "mmol/L", inside: str = "") -> str:
    """A PQ value."""
    given = f' unit="{unit}"' if unit is not None else ""
    return f'<value xsi:type="PQ" value="{value}"{given}>{inside}</value>'


def bound(name: str, value: str | None, unit: str | None = "mmol/L", inclusive: bool | None = None) -> str:
    """One bound; nothing when ``value`` is ``None``."""
    if value is None:
        return ""
    given = f' unit="{unit}"' if unit is not None else ""
    open_or_not = "" if inclusive is None else f' inclusive="{str(inclusive).lower()}"'
    return f'<{name} value="{value}"{given}{open_or_not}/>'


def span(low: str, high: str, code: str | None = "N", criteria: str = "") -> str:
    """A reference range with these bounds (XML)."""
    coded = f'<interpretationCode code="{code}" codeSystem="{INTERPRETATION}"/>' if code else ""
    return (
        '<referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">'
        f'<value xsi:type="IVL_PQ">{low}{high}</value>{coded}{criteria}</observationRange></referenceRange>'
    )


def between(
    low: str | None, high: str | None, unit: str | None = "mmol/L", code: str | None = "N", criteria: str = ""
) -> str:
    """A range with both bounds included."""
    return span(bound("low", low, unit), bound("high", high, unit), code, criteria)


def interpretation(code: str, system: str = INTERPRETATION) -> str:
    """An interpretation code."""
    return f"<interpretationCode code={quoteattr(code)} codeSystem={quoteattr(system)}/>"


def comment(words: str) -> str:
    """A comment act."""
    return (
        '<act classCode="ACT" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.2"/>'
        f'<code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/><text>{words}</text></act>'
    )


def observation(
    value: str, *parts: str, status: str = "completed", time: str = "20240104131933+0100", name: str = "k"
) -> str:
    """A result: potassium."""
    return (
        '<observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>'
        '<code code="2823-3" codeSystem="2.16.840.1.113883.6.1" displayName="Potassium">'
        f'<originalText><reference value="#{name}"/></originalText></code><statusCode code="{status}"/>'
        f'<effectiveTime value="{time}"/>{value}{"".join(parts)}</observation>'
    )


def document(content: str, *, sex: str = "F", born: str = "19850714", more: str = "", narrative: str = "") -> bytes:
    """A report whose data-processing act holds ``content``; ``more`` are other sections."""
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2" xmlns:sdtc="urn:hl7-org:sdtc"><recordTarget><patientRole><patient>'
        f'<administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{born}"/>'
        "</patient></patientRole></recordTarget><component><structuredBody><component><section>"
        '<templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/><title>Biochimie</title>'
        f'<text>{narrative}</text><entry typeCode="DRIV"><templateId root="1.3.6.1.4.1.19376.1.3.1"/>'
        f'<act classCode="ACT" moodCode="EVN">{content}</act></entry></section></component>{more}'
        "</structuredBody></component></ClinicalDocument>"
    ).encode()


def component(content: str, type_code: str = "COMP") -> str:
    """An ``entryRelationship``."""
    return f'<entryRelationship typeCode="{type_code}">{content}</entryRelationship>'


def report(data: bytes) -> LabReport:
    """The report that these bytes hold."""
    return read_report(read_document(data))


def judged(
    value: str, *parts: str, options: OracleOptions | None = None, sex: str = "F", born: str = "19850714", **more: str
) -> Judgement:
    """What the oracle says of one result."""
    read = report(document(component(observation(value, *parts, **more)), sex=sex, born=born))
    return judge(read.results[0], read, options)


def only_result(data: bytes) -> Result:
    """The one result of a report."""
    (result,) = report(data).results
    return result

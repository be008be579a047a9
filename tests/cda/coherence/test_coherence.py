"""Coherence: what a document says twice, what it points to, its dates; the published documents raise no error."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.coherence import COHERENCE
from conformance.cda.coherence.dates import later
from conformance.cda.coherence.words import folded, numbers_of
from conformance.cda.namespaces import HL7, h
from conformance.cda.proof import Proof, demonstrate_all
from conformance.cda.reading import read_document
from conformance.cda.rules import OPEN_FILES, Context
from conformance.core.findings import Severity
from conformance.generation import generate
from conformance.generation.lab import draw_report, make_setting, write_lab_report
from conformance.generation.pdf import Sheet, pdf
from conformance.validation.pipeline import Options, validate

NAMES = {"h": HL7}
VSM = etree.fromstring(generate("vsm", 4))
BIO = etree.fromstring(generate("cr-bio", 2))


def fired(root: etree._Element, open_files: bool = False) -> list[str]:
    return [breach.rule for breach in COHERENCE.breaches(root, Context(root, {OPEN_FILES: open_files}))]


def altered(source: etree._Element, alter: Callable[[etree._Element], object]) -> list[str]:
    root = etree.fromstring(etree.tostring(source))
    alter(root)
    return fired(root)


def first(root: etree._Element, where: str) -> etree._Element:
    found = root.find(f".//{where}", NAMES)
    assert found is not None
    return found


def test_every_rule_is_proven_and_says_why_it_goes_beyond() -> None:
    assert {shown.rule: shown.proof for shown in demonstrate_all(COHERENCE) if shown.proof is not Proof.PROVEN} == {}
    assert [template.rule_id(rule) for template, rule in COHERENCE.rules() if rule.beyond is None] == []


def test_generated_documents_agree_with_themselves() -> None:
    assert fired(VSM) == []
    assert fired(BIO) == []


def test_a_published_document_raises_no_error(shared: Path) -> None:
    for file in sorted((shared / "corpus" / "documents").glob("*.xml")):
        clinical = read_document(file.read_bytes()).clinical
        assert clinical is not None
        context = Context(clinical, {OPEN_FILES: False})
        errors = [b.rule for b in COHERENCE.breaches(clinical, context) if b.constraint.severity is Severity.ERROR]
        assert (file.name, errors) == (file.name, [])


def test_the_known_disagreement_of_the_published_report_is_seen(shared: Path) -> None:
    file = shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Microbiologie_V1.xml"
    root = etree.parse(str(file), etree.XMLParser(huge_tree=True)).getroot()
    wrong = [b.violation.node.get("value") for b in COHERENCE.breaches(root) if b.rule == "coherence.numbers.shown"]
    assert wrong == ["0.032"]


def test_a_link_that_leads_nowhere_is_seen() -> None:
    assert altered(VSM, lambda root: first(root, "h:text/h:reference").set("value", "#ailleurs")) == [
        "coherence.reference.resolves"
    ]


def test_a_link_to_another_document_is_left_alone() -> None:
    assert altered(VSM, lambda root: first(root, "h:text/h:reference").set("value", "https://exemple.test/a.xml")) == []


def test_two_entries_with_one_identifier_are_seen() -> None:
    def repeat(root: etree._Element) -> None:
        one, other = root.findall(f".//{h('observation')}/{h('id')}")[:2]
        other.set("root", one.get("root", ""))

    assert altered(VSM, repeat) == ["coherence.entries.unique"]


def test_an_end_before_its_start_is_an_error() -> None:
    root = etree.fromstring(etree.tostring(VSM))
    period = next(
        t for t in root.iter(h("effectiveTime"))
        if (low := t.find(h("low"))) is not None and low.get("value") and t.getparent().tag == h("observation")
    )  # fmt: skip
    low = period.find(h("low"))
    assert low is not None
    for high in period.findall(h("high")):
        period.remove(high)
    low.addnext(etree.Element(h("high"), value="1890"))
    outcome = validate(etree.tostring(root))
    (finding,) = [f for f in outcome.findings if f.severity is Severity.ERROR]
    assert finding.rule == "coherence.body-dates.order"
    assert finding.beyond_official


def test_a_result_that_the_text_does_not_show_is_seen() -> None:
    def change(root: etree._Element) -> None:
        for value in root.iter(h("value")):
            if (value.get("{http://www.w3.org/2001/XMLSchema-instance}type") or "") == "PQ" and value.get("value"):
                if (
                    value.getparent().getparent().tag == h("entryRelationship")
                    and value.getparent().find(h("referenceRange")) is None
                ):
                    continue
                value.set("value", "987654")
                return

    assert "coherence.numbers.shown" in altered(BIO, change)


def test_an_event_before_birth_or_after_the_document_is_seen() -> None:
    def before(root: etree._Element) -> None:
        first(root, "h:birthTime").set("value", "2030")

    assert set(altered(VSM, before)) == {"coherence.body-dates.after-birth"}

    def after(root: etree._Element) -> None:
        time = root.find("h:effectiveTime", NAMES)
        assert time is not None
        time.set("value", "19000101000000+0000")

    assert set(altered(VSM, after)) == {"coherence.body-dates.before-document"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("2024", "20240305", False), ("20240305", "2024", False), ("20240306", "20240305", True), ("202402", "20240105", True),
     ("202401011200+0100", "202401011130+0000", False), ("202401011300+0100", "202401011130+0000", True), ("", "2024", False),
     ("abcd", "2024", False)],
)  # fmt: skip
def test_stamps_are_compared_to_the_precision_that_both_have(one: str, other: str, expected: bool) -> None:
    assert later(one, other) is expected


@given(st.dates(), st.dates(), st.sampled_from((4, 6, 8)), st.sampled_from((4, 6, 8)))
def test_no_two_stamps_are_each_later_than_the_other(one: object, other: object, cut: int, cut_other: int) -> None:
    left, right = f"{one:%Y%m%d}"[:cut], f"{other:%Y%m%d}"[:cut_other]
    assert not (later(left, right) and later(right, left))


@given(st.decimals(0, 99999, places=2))
def test_a_number_is_found_however_it_is_written(number: Decimal) -> None:
    assert number in numbers_of(f"soit {number} g/L")
    assert number in numbers_of(f"soit {str(number).replace('.', ',')} g/L")
    assert number in numbers_of(f"soit {number:,}".replace(",", " "))


def test_words_are_compared_without_accents_and_endings() -> None:
    assert folded("Hématies élevées") & folded("hematie")
    assert not folded("Potassium") & folded("Sodium")


def pdf_naming(name: str) -> bytes:
    return pdf(
        Sheet("Compte rendu", ("Laboratoire de l'essai",), (name,), ("Potassium mesuré, résultat contrôlé ce jour.",))
    )


def test_the_copy_of_somebody_else_is_seen_when_files_are_opened() -> None:
    random = Random(3)
    setting = make_setting(random)
    report = draw_report(random, setting)
    other = write_lab_report(report, replace(setting, copy=pdf_naming("UNTEL")))
    traits = setting.patient.identity.traits
    named = f"{traits.birth_name} {traits.first_given_name}, né le {setting.patient.born:%d/%m/%Y}"
    mine = write_lab_report(report, replace(setting, copy=pdf_naming(named)))
    opened = Options(open_files=True)
    assert [f.rule for f in validate(other, options=opened).findings] == ["coherence.files.birth-name"]
    assert validate(mine, options=opened).findings == ()
    assert validate(other).findings == ()


def test_a_copy_without_words_is_only_noted() -> None:
    random = Random(3)
    setting = make_setting(random)
    data = write_lab_report(draw_report(random, setting), replace(setting, copy=b"%PDF-1.4\n%%EOF\n"))
    (finding,) = validate(data, options=Options(open_files=True)).findings
    assert (finding.rule, finding.severity) == ("coherence.files.text", Severity.INFO)


def large(entries: int) -> etree._Element:
    """A body with so many entries, each with its line of the text."""
    lines = "".join(f'<tr><td><content ID="r{n}">Potassium</content></td><td>6,8</td></tr>' for n in range(entries))
    told = "".join(
        f'<entry><observation classCode="OBS" moodCode="EVN"><id root="1.2.3.{n}"/><code code="2823-3" displayName="Potassium">'
        f'<originalText><reference value="#r{n}"/></originalText></code><effectiveTime value="20240101"/>'
        '<value xsi:type="PQ" value="6.8"/></observation></entry>'
        for n in range(entries)
    )
    return etree.fromstring(
        f'<ClinicalDocument xmlns="{HL7}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><structuredBody><component>'
        f"<section><text><table><tbody>{lines}</tbody></table></text>{told}</section></component></structuredBody></component></ClinicalDocument>"
    )


def test_time_grows_with_the_document_and_no_faster() -> None:
    def seconds(root: etree._Element) -> float:
        best = []
        for _ in range(3):
            start = time.process_time()
            assert fired(root) == []
            best.append(time.process_time() - start)
        return min(best)

    small, big = seconds(large(1000)), seconds(large(8000))
    assert big < 8 * small * 2.5


def test_base64_of_the_example_is_a_pdf() -> None:
    example = next(template for template in COHERENCE.templates if template.key == "coherence.files").example
    content = base64.b64decode(example.partition('representation="B64">')[2].partition("<")[0])
    assert content.startswith(b"%PDF-")


@pytest.mark.parametrize("written", ["NaN", "sNaN", "Infinity", "1e999999", "", "abc", "٣"])
def test_a_value_that_is_no_number_breaks_nothing(written: str) -> None:
    def change(root: etree._Element) -> None:
        for value in root.iter(h("value")):
            if value.get("value") is not None:
                value.set("value", written)

    assert set(altered(BIO, change)) <= {"coherence.numbers.shown"}

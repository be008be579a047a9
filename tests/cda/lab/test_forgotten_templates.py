"""A report that forgot the templates of its parts is still read; what is no result stays out."""

from __future__ import annotations

import re

from tests.cda.lab.reports import between, component, document, interpretation, observation, quantity, report

TYPE = b'<code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/><recordTarget>'
POTASSIUM = observation(quantity("6.8"), interpretation("H"), between("3.5", "5.1"))
REASON = (
    '<component><section><code code="42349-1"/><entry>'
    + POTASSIUM.replace("2823-3", "other")
    + "</entry></section></component>"
)
BATTERY = f'<organizer classCode="BATTERY" moodCode="EVN"><component>{POTASSIUM}</component></organizer>'
LOOSE = (
    f"<component><section><title>Seul</title><entry>{BATTERY}</entry><entry>{POTASSIUM}</entry></section></component>"
)


def bare(data: bytes) -> bytes:
    """Without any template, but with the type of a laboratory report."""
    return re.sub(rb"<templateId[^>]*>", b"", data).replace(b"<recordTarget>", TYPE)


def test_results_without_any_template_are_read() -> None:
    read = report(bare(document(component(POTASSIUM) + component(BATTERY), more=LOOSE)))
    assert [(one.loinc, one.chapter) for one in read.results] == [
        ("2823-3", "Biochimie"), ("2823-3", "Biochimie"), ("2823-3", "Seul"), ("2823-3", "Seul"),
    ]  # fmt: skip


def test_observations_of_other_sections_are_no_results() -> None:
    assert [one.loinc for one in report(bare(document(component(POTASSIUM), more=REASON))).results] == ["2823-3"]


def test_a_section_with_a_template_of_another_kind_holds_no_results() -> None:
    signs = LOOSE.replace("<section>", '<section><templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.25"/>')
    bare_signs = re.sub(r'<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>', "", signs)
    read = report(document(component(POTASSIUM), more=bare_signs).replace(b"<recordTarget>", TYPE))
    assert len(read.results) == 1

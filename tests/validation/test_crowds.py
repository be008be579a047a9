"""Documents with thousands of elements side by side: judged in a time that grows with their size, and never let pass."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from conformance.cda.reading import read_document
from conformance.core.findings import Finding, Severity
from conformance.validation import layers
from conformance.validation.crowds import MANY
from conformance.validation.pipeline import validate
from conformance.validation.structure import check_structure
from tests.validation.tour import V3, check, one, reread, tour

NUMBER = 4 * MANY


def crowd(name: str, number: int, attributes: Callable[[int], dict[str, str]] = lambda rank: {}) -> list[Finding]:
    """The structure findings of the tour with so many more elements in the text of a section."""
    root = tour()
    text = one(root, "section/text")
    for rank in range(number):
        text.append(text.makeelement(V3 + name, attributes(rank), None))
    return check(root)


def test_a_crowd_that_the_schema_allows_is_valid() -> None:
    assert crowd("content", NUMBER, lambda rank: {"ID": f"unique-{rank}"}) == []


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("content", lambda rank: {"ID": "same"}),
        ("content", lambda rank: {"ID": "same" if rank > NUMBER - 3 else f"unique-{rank}"}),
        ("content", lambda rank: {"unknown": "x"} if rank == NUMBER - 1 else {}),
        ("marquee", lambda rank: {}),
    ],
    ids=["all the same ID", "the same ID far inside", "wrong far inside", "no such element"],
)
def test_a_crowd_with_a_fault_is_invalid_wherever_it_is(name: str, attributes: Callable[[int], dict[str, str]]) -> None:
    findings = crowd(name, NUMBER, attributes)
    assert [one for one in findings if one.severity is Severity.ERROR]
    assert findings[-1].rule == "structure.too-many"


def test_what_must_stand_after_a_crowd_is_not_said_to_be_missing() -> None:
    root = tour()
    first = one(root, "templateId")
    for _ in range(NUMBER):
        first.addnext(first.makeelement(V3 + "templateId", {"root": "1.2.3"}, None))
    root.set("unknown", "x")
    errors = [one.rule for one in check(root) if one.severity is Severity.ERROR]
    assert errors == ["structure.unexpected-attribute"]


def test_four_times_as_many_wrong_elements_take_about_four_times_as_long() -> None:
    def seconds(number: int) -> float:
        started = time.process_time()
        crowd("content", number, lambda rank: {"ID": "same"})
        return time.process_time() - started

    seconds(10)  # the schema is compiled
    # Sixteen times as long where it grows with the square. Best of three: the machine may slow down between the two.
    assert min(seconds(8 * MANY) / seconds(2 * MANY) for _ in range(3)) < 10


def test_more_findings_than_a_layer_tells_are_cut_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST", 3)
    outcome = validate(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>')
    header = [one for one in outcome.findings if one.layer == "header"]
    assert len(header) == 4
    assert "header.too-many" in {one.rule for one in header}


def test_the_error_that_decides_is_told_after_however_many_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read_document(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>')
    whole = [one for one in validate(document.data).findings if one.layer == "header"]
    assert any(one.severity is Severity.ERROR for one in whole)
    monkeypatch.setattr(layers, "MOST", 0)
    cut = [one for one in validate(document.data).findings if one.layer == "header"]
    assert [one.severity for one in cut if one.rule != "header.too-many"] == [Severity.ERROR]


def test_the_document_itself_is_not_thinned_out() -> None:
    root = tour()
    text = one(root, "section/text")
    for _ in range(NUMBER):
        text.append(text.makeelement(V3 + "marquee", {}, None))
    document = reread(root)
    assert check_structure(document)
    assert len(document.root.findall(f".//{V3}marquee")) == NUMBER

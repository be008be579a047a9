"""Generated laboratory reports: valid in every layer, read back as they were drawn, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, find, given, settings

from conformance.cda.lab import LabReport, Result, judge_report, read_report
from conformance.cda.lab.model import ValueKind
from conformance.cda.reading import read_document
from conformance.core.findings import Place
from conformance.generation import generate
from conformance.generation.lab import EVERYTHING, draw_report, make_setting, write_lab_report
from conformance.generation.strategies import LabDocument, lab_reports
from conformance.validation.pipeline import validate

NO_COPY = b"%PDF-1.4\n%%EOF\n"


def read(data: bytes) -> LabReport:
    return read_report(read_document(data))


def placeless(result: Result) -> Result:
    def bare(comments: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(replace(one, place=Place()) for one in comments)

    return replace(
        result,
        place=Place(),
        told="",
        comments=bare(result.comments),
        group_comments=bare(result.group_comments),
        chapter_comments=bare(result.chapter_comments),
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_generated_report_raises_no_finding(seed: int) -> None:
    outcome = validate(generate("cr-bio", seed))
    assert [str(finding.message) for layer in outcome.layers for finding in layer.findings] == []
    assert all(str(layer.status) == "ran" for layer in outcome.layers)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert generate("cr-bio", 3) == generate("cr-bio", 3)
    assert generate("cr-bio", 3) != generate("cr-bio", 4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(lab_reports(oddities=EVERYTHING, copy=NO_COPY))
def test_a_report_is_read_back_as_it_was_drawn(drawn: LabDocument) -> None:
    back = read(drawn.data)
    assert [placeless(one) for one in back.results] == [placeless(one) for one in drawn.report.results]
    same = ("title", "document_id", "set_id", "version", "replaces", "final", "time", "laboratory", "subject")
    assert {name: getattr(back, name) for name in same} == {name: getattr(drawn.report, name) for name in same}
    told = Counter(one.words for one in back.comments)
    for one in drawn.report.comments:
        assert told[one.words] > 0
    assert [one.role for one in back.attachments] == [*(one.role for one in drawn.report.attachments), "copy"]


def test_two_hundred_reports_hold_every_form_of_value_range_and_signal() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(200):
        random = Random(seed)
        setting = make_setting(random)
        report = draw_report(random, setting, EVERYTHING)
        kinds["corrected" if report.corrects else "first"] += 1
        kinds["final" if report.final else "provisional"] += 1
        kinds["attachment"] += bool(report.attachments)
        kinds["report comment"] += bool(report.comments)
        for one in report.results:
            _count(one, kinds)
    wanted = {str(kind) for kind in ValueKind} - {"other"}
    wanted |= {"first", "corrected", "final", "provisional", "attachment", "report comment", "result comment", "group comment",
               "chapter comment", "germ", "battery", "laboratory", "translation", "no unit", "not ucum", "local code", "previous",
               "no range", "closed", "low only", "high only", "open", "words", "sex", "age", "no code", "several", "one point",
               "HH", "LL", "AA", "N", "H", "L", "S", "I", "R", "U", "DET", "comparator low", "comparator high", "aborted"}  # fmt: skip
    assert {name for name in wanted if not kinds[name]} == set()


def _count(one: Result, kinds: Counter[str]) -> None:
    value = one.values[0]
    kinds[str(value.kind)] += 1
    kinds["translation"] += bool(value.translations)
    kinds["no unit"] += value.kind is ValueKind.NUMBER and one.loinc != "6301-6"
    kinds["not ucum"] += value.unit in ("UI/L", "µmol/L", "G/L", "T/L", "µg/L", "mUI/L")
    kinds["comparator low"] += bool(value.interval and value.interval.low)
    kinds["comparator high"] += bool(value.interval and value.interval.high)
    kinds["local code"] += one.loinc is None
    kinds["aborted"] += one.status == "aborted"
    for name, holds in (("result comment", one.comments), ("group comment", one.group_comments), ("germ", one.germ),
                        ("chapter comment", one.chapter_comments), ("battery", one.group and not one.germ),
                        ("laboratory", one.laboratory), ("previous", one.previous), ("no range", not one.ranges)):  # fmt: skip
        kinds[name] += bool(holds)
    kinds["several"] += len(one.ranges) > 1
    for code in one.interpretations:
        kinds[code.code or ""] += 1
    for made in one.ranges:
        interval = made.interval
        kinds["words"] += bool(made.words)
        kinds["no code"] += made.code is None
        for criterion in made.criteria:
            kinds[str(criterion.kind)] += 1
        if interval is not None:
            low, high = interval.low, interval.high
            shape = "closed" if low and high else "low only" if low else "high only"
            kinds["open" if low and not low.inclusive else "one point" if low and low == high else shape] += 1


@pytest.mark.parametrize("seed", range(5))
def test_the_oracle_can_judge_what_is_drawn(seed: int) -> None:
    report = read(generate("cr-bio", seed))
    assert len(judge_report(report).results) == len(report.results)


def test_a_report_of_several_ranges_breaks_that_one_rule() -> None:
    from conformance.generation.lab import Oddities

    broken: Counter[str] = Counter()
    for seed in range(60):
        random = Random(seed)
        setting = replace(make_setting(random), copy=NO_COPY)
        report = draw_report(random, setting, Oddities(several_ranges=True))
        outcome = validate(write_lab_report(report, setting))
        rules = {finding.rule for layer in outcome.layers for finding in layer.findings if finding.severity == "error"}
        if any(len(one.ranges) > 1 for one in report.results):
            broken.update(rules)
        else:
            assert rules == set()
    assert len(broken) == 1


def test_a_failure_shrinks_to_few_results() -> None:
    """How far depends on what hypothesis tries first; the profile cuts down to one by itself (``lab_batches``)."""
    wanted = find(
        lab_reports(copy=NO_COPY),
        lambda drawn: any(code.code == "H" for one in drawn.report.results for code in one.interpretations),
        settings=settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck)),
        random=Random(3),
    )
    assert len(wanted.report.results) <= 4

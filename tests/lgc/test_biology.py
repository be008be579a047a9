"""The reference product and laboratory reports: it reads what the lab model reads, and flags what the oracle flags.

The two share no code but the arithmetic of units: where they agree, two readings of the sources agree.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from conformance.cda.lab import judge_report, read_report
from conformance.cda.reading import read_document
from conformance.generation.lab import EVERYTHING, draw_report, make_setting, write_lab_report
from conformance.harness.lab_reports import pdf_copy
from conformance.lgc.biology.judging import LabJudging
from conformance.lgc.biology.model import LabReport
from conformance.lgc.biology.reading import LabReading


def examined(data: bytes) -> LabReport:
    return LabJudging().judge(LabReading().read(data))


def generated(seed: int) -> bytes:
    random = Random(seed)
    setting = replace(make_setting(random), copy=pdf_copy())
    report = draw_report(random, setting, EVERYTHING)
    return write_lab_report(replace(report, attachments=()), setting)


def demand_agreement(data: bytes) -> int:
    """Both readings give the same results, values, units, codes and signals; gives how many results there were."""
    judged, own = judge_report(read_report(read_document(data))), examined(data)
    assert len(own.results) == len(judged.results)
    for mine, theirs in zip(own.results, judged.results, strict=True):
        value = theirs.result.value
        assert mine.code == theirs.result.loinc
        assert mine.text == (value.written if value else "")
        assert mine.unit == (value.unit if value else None)
        assert mine.signals == tuple(map(str, theirs.signals))
        assert mine.critical == theirs.critical
    assert own.to_tell == bool(judged.signals)
    return len(own.results)


@pytest.mark.parametrize("seed", range(40))
def test_the_product_agrees_with_the_oracle_on_generated_reports(seed: int) -> None:
    assert demand_agreement(generated(seed)) > 0


def test_the_product_agrees_with_the_oracle_on_the_published_reports(shared: Path) -> None:
    paths = sorted((shared / "corpus" / "documents").glob("BIO-*.xml"))
    counts = {path.name: demand_agreement(path.read_bytes()) for path in paths}
    assert len(counts) >= 7
    assert sum(counts.values()) > 50


def test_a_level_1_report_has_no_results(shared: Path) -> None:
    report = examined((shared / "corpus" / "documents" / "BIO-CR-BIO_2021.01_CDA-R2-Niveau-1.xml").read_bytes())
    assert not report.structured
    assert report.results == ()


def test_a_document_of_another_kind_is_none(shared: Path) -> None:
    report = examined((shared / "corpus" / "documents" / "VSM_1.4_2022.01.xml").read_bytes())
    assert report.type != "11502-2"

"""The laboratory report as data, and the oracle: what a product must flag in it.

    >>> report = read_report(read_document(data))
    >>> judge_report(report).flagged

``model`` holds the data; ``reading``, ``parts`` and ``values`` fill it; ``choosing``, ``ranges`` and ``intervals``
compare; ``oracle`` decides, ``explain`` says it.
"""

from __future__ import annotations

from conformance.cda.lab.explain import as_json, as_text
from conformance.cda.lab.model import LabReport, Result
from conformance.cda.lab.options import OracleOptions
from conformance.cda.lab.oracle import Judgement, ReportJudgement, Signal, judge, judge_report
from conformance.cda.lab.reading import read_report

__all__ = [
    "Judgement",
    "LabReport",
    "OracleOptions",
    "ReportJudgement",
    "Result",
    "Signal",
    "as_json",
    "as_text",
    "judge",
    "judge_report",
    "read_report",
]

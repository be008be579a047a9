"""Hypothesis strategies: documents with the models that they were written from. They shrink to a few results or entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

from conformance.cda.lab.model import LabReport
from conformance.generation.lab import CLEAN, LabSetting, Oddities, draw_report, make_setting, write_lab_report
from conformance.generation.people import Patient
from conformance.generation.vsm import VsmSetting, draw_vsm, make_vsm_setting


@dataclass(frozen=True, slots=True)
class LabDocument:
    """A laboratory report: the model, its setting, and the document (written when asked for)."""

    report: LabReport
    setting: LabSetting

    @property
    def data(self) -> bytes:
        """The CR-BIO, in UTF-8."""
        return write_lab_report(self.report, self.setting)


@st.composite
def lab_reports(
    draw: st.DrawFn, patient: Patient | None = None, oddities: Oddities = CLEAN, copy: bytes | None = None
) -> LabDocument:
    """Laboratory reports 2024.01 of ``patient`` (or of an invented one).

    ``oddities``: what a clean report does not hold (``conformance.generation.lab.Oddities``). ``copy``: the bytes of
    the PDF copy, for runs with many reports; without it a PDF of the results is set for each (30 ms).
    """
    # One number for what surrounds the results: names and keys are not worth shrinking one by one.
    around = Random(draw(st.integers(0, 9999)))
    return lab_report(draw(st.randoms(use_true_random=False)), around, patient, oddities, copy)


def lab_report(
    random: Random,
    around: Random,
    patient: Patient | None = None,
    oddities: Oddities = CLEAN,
    copy: bytes | None = None,
) -> LabDocument:
    """A report whose results are drawn by ``random`` and what surrounds them by ``around``; the rest as for the strategy."""
    setting = replace(make_setting(around, patient), copy=copy)
    return LabDocument(draw_report(random, setting, oddities), setting)


@dataclass(frozen=True, slots=True)
class VsmDocument:
    """A summary and its setting."""

    setting: VsmSetting
    data: bytes


@st.composite
def vsm_documents(draw: st.DrawFn, patient: Patient | None = None, version: str | None = None) -> VsmDocument:
    """Summaries of ``patient`` (or of an invented one), of ``version`` (or of either)."""
    setting = make_vsm_setting(Random(draw(st.integers(0, 9999))), patient, version)
    return VsmDocument(setting, draw_vsm(draw(st.randoms(use_true_random=False)), setting))

"""Laboratory reports: a drawn model (``conformance.cda.lab.model``) written as a CR-BIO 2024.01."""

from __future__ import annotations

from conformance.generation.lab.drawing import draw_report
from conformance.generation.lab.measuring import CLEAN, EVERYTHING, Oddities
from conformance.generation.lab.setting import LabSetting, make_setting
from conformance.generation.lab.writing import write_lab_report

__all__ = ["CLEAN", "EVERYTHING", "LabSetting", "Oddities", "draw_report", "make_setting", "write_lab_report"]

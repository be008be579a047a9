"""The requirements of a run as CSV, for a spreadsheet: one line each, those to attest included."""

from __future__ import annotations

import csv
import io
from typing import Any

from conformance.reporting.model import RunReport
from conformance.reporting.proofs import label_of

COLUMNS = (
    "requirement",
    "verdict",
    "judged_by",
    "domain",
    "obligation",
    "trust",
    "demand_fr",
    "demand_en",
    "scenarios",
    "proofs_asked",
    "tests",
    "tests_run",
    "test_ids",
    "deviations",
    "answer",
    "answered_by",
    "answered_on",
    "product",
    "product_version",
    "run",
    "interrupted",
)


def render(report: RunReport) -> bytes:
    """The file, in UTF-8 with a byte order mark: spreadsheets guess the encoding wrong without it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    product = report.header["product"]
    for judged_by, requirements in (("tests", report.requirements), ("person", report.attested)):
        for one in requirements:
            answer = dict(one.get("attestation", {}))
            cells: tuple[Any, ...] = (
                one["id"],
                one["verdict"],
                judged_by,
                one["domain"],
                one["obligation"],
                one["trust"],
                one["title"]["fr"],
                one["title"]["en"],
                " ".join(one.get("scenarios", [])),
                ", ".join(map(label_of, one.get("proofs_asked", []))),
                str(len(one["tests"])),
                str(one["ran"]),
                " ".join(one["tests"]),
                " ".join(each["state"] for each in report.deviations if set(each["tests"]) & set(one["tests"])),
                answer.get("answer", ""),
                answer.get("by", ""),
                answer.get("on", ""),
                product["name"],
                product["version"],
                report.header["run"],
                str(report.interrupted).lower(),
            )
            writer.writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text: one that begins like a formula gets an apostrophe."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell

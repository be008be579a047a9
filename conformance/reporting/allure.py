"""Allure results: one JSON file a test, with steps, labels and attachments, read by every Allure tool."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)

from conformance.core.evidence import EvidenceStore, extension_for
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import EvidenceReport, ReportOfTest, RunReport, StepReport, in_language
from conformance.reporting.packing import unpack
from conformance.reporting.source import decode, is_text
from conformance.reporting.summary import variant_of

_STATUS = {
    Verdict.PASS: Status.PASSED,
    Verdict.FAIL: Status.FAILED,
    Verdict.BENCH_ERROR: Status.BROKEN,
    Verdict.NOT_CHECKED: Status.UNKNOWN,
    Verdict.TO_REVIEW: Status.UNKNOWN,
    Verdict.NOT_APPLICABLE: Status.SKIPPED,
}
"""Allure has no word for « not checked »: ``unknown`` is never green. The label ``verdict`` is exact."""


def write(report: RunReport, folder: Path) -> None:
    """Write the results into ``folder``, emptied first: old results would be counted with the new."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    logger = AllureFileLogger(str(folder))  # type: ignore[no-untyped-call]  # the library has no types
    attachments = _Attachments(report, folder)
    for test in report.tests:
        logger.report_result(_result(test, report, attachments))  # type: ignore[no-untyped-call]  # as above
    _write_environment(report, folder / "environment.properties")
    _write_categories(folder / "categories.json", report.header["language"])


class _Attachments:
    """The copies that Allure asks for, masked like every view; a binary file is named and not copied."""

    def __init__(self, report: RunReport, folder: Path) -> None:
        self._report = report
        self._folder = folder
        self._store = EvidenceStore(report.folder) if report.folder else None
        self._written: dict[tuple[str, str], tuple[str, str]] = {}
        """Path and media type of a proof → file and media type of its copy: several tests may name one proof."""

    def __call__(self, proof: EvidenceReport) -> Attachment:
        key = (proof["path"], proof["media_type"])
        if key not in self._written:
            data, media_type = self._shown(proof)
            source = f"{proof['sha256']}-attachment{extension_for(media_type)}"
            (self._folder / source).write_bytes(data)
            self._written[key] = source, media_type
        source, media_type = self._written[key]
        return Attachment(name=proof["name"], source=source, type=media_type)

    def _shown(self, proof: EvidenceReport) -> tuple[bytes, str]:
        """The octets of the copy and their media type."""
        redacted, text_like = self._report.header["redacted"], is_text(proof["media_type"])
        if redacted and text_like and proof["sha256"] in self._report.packed:
            return unpack(self._report.packed[proof["sha256"]]).encode(), proof["media_type"]
        data = None if redacted and not text_like else self._octets(proof)
        if data is None:
            where = f"{proof['path']}\nSHA-256 {proof['sha256']}\n{proof['size']}\n"
            return where.encode(), "text/plain"
        if redacted:
            data = self._report.redactor.text(decode(data)).encode()
        return data, proof["media_type"]

    def _octets(self, proof: EvidenceReport) -> bytes | None:
        try:
            return self._store.get(proof["path"], proof["sha256"]) if self._store else None
        except FileNotFoundError:
            return None


def _result(test: ReportOfTest, report: RunReport, attachments: _Attachments) -> TestResult:
    language = report.header["language"]
    start = _milliseconds(test["started_at"] or report.header["started_at"])
    account = "\n".join(in_language(one["message"], language) for one in test["findings"])
    labels = [
        Label("framework", "segur-conformance"),
        Label("language", "python"),
        Label("verdict", test["verdict"]),
        Label("parentSuite", report.header["product"]["name"]),
        Label("suite", test["profile"]),
        *(Label("requirement", one) for one in test["requirements"]),
        *(Label("tag", one) for one in test["requirements"]),
        *(Label("scenario", one) for one in test["scenarios"]),
        *(Label("proof", one) for one in test["proofs"]),
        *([Label("deviation", test["deviation"])] if "deviation" in test else []),
    ]
    return TestResult(
        # The same run gives the same files.
        uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{report.header['run']}/{test['id']}")),
        historyId=hashlib.md5(test["id"].encode(), usedforsecurity=False).hexdigest(),
        testCaseId=hashlib.md5(test["id"].encode(), usedforsecurity=False).hexdigest(),
        fullName=test["id"],
        name=" ".join(part for part in (in_language(test["title"], language), variant_of(test["id"])) if part),
        description=in_language(test["description"], language),
        status=_STATUS[Verdict(test["verdict"])],
        statusDetails=StatusDetails(
            message=in_language(test["message"], language) or None,
            trace="\n".join(part for part in (account, test["failure"], test["replay"]) if part) or None,
        ),
        start=start,
        stop=start + round(test["duration"] * 1000),
        labels=labels,
        parameters=[Parameter("seed", str(report.header["seed"]))],
        steps=_steps(test, None, language, attachments),
        attachments=[attachments(one) for one in test["evidence"] if one["step"] is None],
    )


def _steps(test: ReportOfTest, parent: int | None, language: str, attachments: _Attachments) -> list[TestStepResult]:
    return [_step(test, step, language, attachments) for step in test["steps"] if step["parent"] == parent]


def _step(test: ReportOfTest, step: StepReport, language: str, attachments: _Attachments) -> TestStepResult:
    start = _milliseconds(step["at"])
    status = {"done": Status.PASSED, "failed": Status.FAILED}.get(step["outcome"], Status.UNKNOWN)
    return TestStepResult(
        name=in_language(step["title"], language),
        status=status,
        start=start,
        stop=start + round((step["duration"] or 0) * 1000),
        steps=_steps(test, step["number"], language, attachments),
        attachments=[attachments(one) for one in test["evidence"] if one["step"] == step["number"]],
    )


def _write_environment(report: RunReport, path: Path) -> None:
    header = report.header
    facts = {
        "product": f"{header['product']['name']} {header['product']['version']}",
        "vendor": header["product"]["vendor"],
        "kit": header["kit"],
        "run": header["run"],
        "verdict": str(report.verdict),
        "interrupted": str(report.interrupted).lower(),
        "python": header["python"],
        "platform": header["platform"],
        **header["versions"],
        **{f"deviations.{state}": str(count) for state, count in report.counts()["deviations"].items() if count},
        **{f"requirements.{verdict}": str(count) for verdict, count in report.counts()["requirements"].items()},
    }
    lines = (f"{name}={value}".replace("\n", " ") for name, value in facts.items())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_categories(path: Path, language: str) -> None:
    """Allure's own grouping, in our words."""
    said = words.VERDICTS
    names = {"failed": said["fail"], "broken": said["bench_error"], "unknown": said["not_checked"]}
    categories = [
        {"name": text.in_("en" if language == "en" else "fr"), "matchedStatuses": [status]}
        for status, text in names.items()
    ]
    path.write_text(json.dumps(categories, ensure_ascii=False, indent=1), encoding="utf-8")


def _milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)

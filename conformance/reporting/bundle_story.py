"""Whether the parts of a bundle tell the same story: the manifest, the report beside it, the verdicts inside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.core.language import Text
from conformance.core.verdicts import Verdict, combine
from conformance.reporting.model import RunReport
from conformance.reporting.reading import report_of
from conformance.reporting.shape import REPORT, complaint, read_json


def contradictions(manifest: dict[str, Any], written: bytes) -> Iterator[Text]:
    """What ``report.json`` says otherwise than the manifest or than its own tests; nothing when all agree."""
    try:
        value = read_json(written)
        why = complaint(value, REPORT)
    except ValueError as error:
        why = str(error)
    if why:
        yield Text(f"il n’a pas la forme attendue ({why})", f"it does not have the expected shape ({why})")
        return
    report = report_of(value)
    if value["counts"] != report.counts():
        yield Text("ses totaux ne sont pas ceux de ses tests", "its counts are not those of its tests")
    verdicts = {test["id"]: Verdict(test["verdict"]) for test in report.tests}
    for one in [*report.requirements, *report.attested]:
        its = [verdicts[test] for test in one["tests"] if test in verdicts]
        if its and combine(its) != one["verdict"]:
            yield Text(
                f"le verdict de {one['id']} n’est pas celui de ses tests",
                f"the verdict of {one['id']} is not that of its tests",
            )
    for name, said in said_of(report).items():
        if manifest[name] != said:
            yield Text(
                f"il ne dit pas comme le manifeste ({name})", f"it does not say the same as the manifest ({name})"
            )
    inside = {one["sha256"] for one in manifest["files"] if one["kind"] in ("evidence", "attestation")}
    kept = {proof["sha256"] for test in report.tests for proof in test["evidence"]}
    for one in [*report.requirements, *report.attested]:
        kept |= {file["sha256"] for file in one.get("attestation", {}).get("evidence", ())}
    for sha256 in sorted(kept - inside):
        yield Text(
            f"la preuve {sha256} qu’il cite n’est pas dans l’archive",
            f"the evidence {sha256} that it names is not in the archive",
        )
    for sha256 in sorted(inside - kept):
        yield Text(f"il ne cite pas la preuve {sha256}", f"it does not name the evidence {sha256}")


def said_of(report: RunReport) -> dict[str, Any]:
    """What the manifest repeats of the report."""
    header = report.header
    return {
        "run": header["run"],
        "product": header["product"],
        "verdict": str(report.verdict),
        "interrupted": report.interrupted,
        "redacted": header["redacted"],
        "started_at": header["started_at"],
        "finished_at": report.footer["finished_at"] if report.footer else None,
        "seed": header["seed"],
        "counts": report.counts(),
        "requirements": {one["id"]: one["verdict"] for one in [*report.requirements, *report.attested]},
    }

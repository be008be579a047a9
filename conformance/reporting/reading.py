"""Reading a run report back from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.core.redaction import Redactor
from conformance.reporting.journal import read_events
from conformance.reporting.masking import redactor_for
from conformance.reporting.model import (
    SCHEMA,
    DeviationReport,
    Footer,
    Header,
    ReportOfTest,
    RequirementReport,
    RunReport,
)
from conformance.reporting.shape import REPORT, complaint, read_json


def read_report(path: Path, *, with_evidence: bool = True) -> RunReport:
    """Read ``report.json`` (or the folder that holds it).

    Without ``with_evidence`` the files beside it are left alone: enough to compare and to count.

    Raises ``UsageError`` when the file is not a run report that this version can read.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        value = read_json(file.read_bytes())
    except OSError as error:
        raise UsageError(
            "report.not-found",
            Text(f"Le rapport « {file} » ne peut pas être lu.", f"The report “{file}” cannot be read."),
            Text(
                "Indiquez le dossier d’une exécution ou son fichier report.json.",
                "Name the folder of a run or its report.json.",
            ),
        ) from error
    except ValueError as error:
        raise _not_a_report(file, str(error)) from error
    if wrong := complaint(value, REPORT):
        raise _not_a_report(file, wrong)
    report = report_of(value)
    if with_evidence:
        report.folder = file.parent
        if report.header["redacted"]:
            report.redactor = redactor_for(file.parent, read_events(file.parent))
    return report


def report_of(value: dict[str, Any]) -> RunReport:
    """The report of a JSON value that keeps to its schema, without its evidence."""
    return RunReport(
        header=cast(Header, value["header"]),
        tests=cast("list[ReportOfTest]", value["tests"]),
        requirements=cast("list[RequirementReport]", value["requirements"]),
        attested=cast("list[RequirementReport]", value["attested"]),
        deviations=cast("list[DeviationReport]", value["deviations"]),
        footer=cast("Footer | None", value["footer"]),
        redactor=Redactor(clear=not value["header"]["redacted"]),
    )


def _not_a_report(file: Path, why: str) -> UsageError:
    return UsageError(
        "report.unreadable",
        Text(
            f"« {file} » n’est pas un rapport d’exécution que cette version sait lire : {why}.",
            f"“{file}” is not a run report that this version can read: {why}.",
        ),
        Text(
            f"Le fichier attendu annonce « {SCHEMA} » et suit run-report.schema.json ; écrivez-le à nouveau avec "
            "segur report render.",
            f"The expected file announces “{SCHEMA}” and keeps to run-report.schema.json; write it again with "
            "segur report render.",
        ),
    )

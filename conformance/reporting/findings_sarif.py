"""Findings of documents in SARIF 2.1.0 (a run report has its own view), which code hosts and editors display beside the file.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from conformance import __version__
from conformance.core.findings import Finding, Severity
from conformance.core.language import Language, current_language

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(files: Iterable[tuple[str, Sequence[Finding]]], language: Language | None = None) -> dict[str, Any]:
    """One SARIF log of one run; ``files`` pairs a path with its findings."""
    language = language or current_language()
    rules: dict[str, dict[str, Any]] = {}
    results: list[dict[str, Any]] = []
    for path, findings in files:
        for finding in findings:
            rules.setdefault(finding.rule, _rule(finding))
            results.append(_result(path, finding, language))
    driver = {"name": "segur-conformance", "version": __version__, "rules": list(rules.values())}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "language": language, "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    properties = {
        "tags": list(dict.fromkeys(finding.requirements)),
        "trust": str(finding.trust),
        "source": finding.source,
    }
    return {
        "id": finding.rule,
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": properties,
    }


def _result(path: str, finding: Finding, language: Language) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": finding.place.line or 1}
    if finding.place.column:
        region["startColumn"] = finding.place.column
    uri = "stdin" if path == "-" else quote(PurePath(path).as_posix())
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message.in_(language)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": region},
                "logicalLocations": [{"fullyQualifiedName": finding.place.xpath}],
            }
        ],
        "partialFingerprints": {"segur/v1": finding.fingerprint},
    }

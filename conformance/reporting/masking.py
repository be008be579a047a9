"""Which words the reports of a run must mask, and the masking of a whole report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from conformance.core.events import Event, Kind
from conformance.core.evidence import EvidenceStore
from conformance.core.redaction import Redactor, names_in
from conformance.reporting.model import DeviationReport, ReportOfTest, RequirementReport
from conformance.reporting.readable.inside import texts_inside

# What identifies and measures: masking it would break the links between the parts of a report. Excerpts are masked
# where they are cut.
KEPT_NAMES = frozenset({
    "id", "tests", "requirements", "scenarios", "proofs", "proof", "profile", "sha256", "path",
    "role", "rule", "layer", "severity", "xpath", "trust", "fingerprint", "verdict", "reason", "outcome", "at",
    "until", "started_at", "document", "document_type", "unit", "state", "source", "excerpt",
})  # fmt: skip

# The same for what people declare; those who sign a declaration are named.
DECLARED_NAMES = frozenset({
    "id", "tests", "domain", "trust", "obligation", "verification", "verdict", "requirement", "answer", "opinion",
    "on", "by", "owner", "link", "expires", "state", "sha256", "path", "media_type", "scenarios", "proof_ids",
    "proofs_asked",
})  # fmt: skip

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")


def redactor_for(folder: Path, events: Iterable[Event]) -> Redactor:
    """What masks the report of the run in ``folder``, which said ``events``: the words that the run protected, and
    every name of a person in the messages and documents that it kept.
    """
    words: set[str] = set()
    kept: dict[str, str] = {}
    for event in events:
        if event.kind is Kind.PROTECTED:
            words.update(event.details["words"])
        elif event.kind is Kind.EVIDENCE:
            kept[event.details["path"]] = event.details["media_type"]
    store = EvidenceStore(folder)
    for name, media_type in kept.items():
        try:
            data = store.get(name)
        except OSError:
            continue  # gone: nothing of it can be shown
        for text in texts_inside(data, media_type):
            words |= names_in(text)
    return Redactor(words)


def mask_tests(tests: Iterable[ReportOfTest], redactor: Redactor) -> tuple[list[ReportOfTest], dict[str, str]]:
    """The tests masked, and the old id → new id of each: a parameter in a node id may be a name."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    masked: list[ReportOfTest] = []
    for test in tests:
        plain = redactor.text(test["id"])
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}#{number}"
        taken.add(candidate)
        ids[test["id"]] = candidate
        copy = cast(dict[str, Any], redactor.tree(dict(test), KEPT_NAMES))
        copy["id"] = candidate
        for finding in copy["findings"]:
            # A path names elements; only what it compares them with may be somebody's.
            finding["xpath"] = _LITERAL.sub(lambda literal: redactor.text(literal[0]), finding["xpath"])
        masked.append(cast(ReportOfTest, copy))
    return masked, ids


def rename_tests(naming: Iterable[RequirementReport | DeviationReport], ids: dict[str, str]) -> None:
    """Make the requirements and deviations name the masked tests."""
    for one in naming:
        one["tests"] = [ids.get(test, test) for test in one["tests"]]

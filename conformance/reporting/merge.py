"""From the event files of a run to its report: the workers' stories, the header, the footer, the sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from conformance.core.attestations import attested_verdict
from conformance.core.deviations import DeviationState, Scope, covers, state_of
from conformance.core.errors import BenchError
from conformance.core.events import Event, Kind
from conformance.core.evidence import EvidenceStore
from conformance.core.language import Text
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Verdict, combine
from conformance.reporting.journal import read_events
from conformance.reporting.masking import DECLARED_NAMES, mask_tests, redactor_for, rename_tests
from conformance.reporting.model import (
    DeviationReport,
    Footer,
    Header,
    ReportOfTest,
    RequirementReport,
    RunReport,
)
from conformance.reporting.proofs import name_scenarios
from conformance.reporting.shape import REPORT, complaint
from conformance.reporting.source import excerpt, lines_of

_ATTESTED = frozenset({"person", "third_party"})
"""How a requirement is verified when no test can: by somebody's word, or by a certificate."""

_JUDGED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.TO_REVIEW})


def merge_run(folder: Path, *, clear: bool = False) -> RunReport:
    """The report of the run whose events lie in ``folder``, masked unless ``clear``.

    Raises ``BenchError`` when there is no header, or when an event file is damaged before its end.
    """
    try:
        events = read_events(folder)
        redactor = Redactor(clear=True) if clear else redactor_for(folder, events)
        report = build_report(events, folder, redactor)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(f"{type(error).__name__}: {error}") from error
    if wrong := complaint(report.to_json(), REPORT):
        raise _damaged(wrong)
    return report


def _damaged(why: str) -> BenchError:
    return BenchError(
        "report.events-damaged",
        Text(f"Le journal de l’exécution est abîmé : {why}.", f"The journal of the run is damaged: {why}."),
        Text("Relancez l’exécution.", "Run it again."),
    )


@dataclass(slots=True)
class _Story:
    """What is known of a test so far."""

    facts: dict[str, Any]
    started_at: str | None = None
    steps: dict[int, dict[str, Any]] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None


def build_report(events: Iterable[Event], folder: Path, redactor: Redactor) -> RunReport:
    """Sum the events. ``folder`` is where the evidence lies; ``redactor`` masks what is shown.

    Raises ``BenchError`` when no event is a header.
    """
    header: Header | None = None
    footer: Footer | None = None
    stories: dict[str, _Story] = {}
    for event in events:
        at = event.at.isoformat()
        match event.kind:
            case Kind.RUN_STARTED:
                started = {**event.details, "started_at": at, "redacted": not redactor.clear}
                header = cast(Header, started)
            case Kind.RUN_FINISHED:
                footer = cast(Footer, {**event.details, "finished_at": at})
            case Kind.SELECTION:
                for facts in event.details["tests"]:
                    stories.setdefault(facts["id"], _Story(facts))
            case _ if event.test:
                _tell(stories, event, at)
            case _:
                pass  # evidence and protected words of no test: nothing of theirs is shown in a story
    if header is None:
        raise BenchError(
            "report.no-header",
            Text(
                f"Aucune exécution n’a été enregistrée dans « {folder} ».",
                f"No run was recorded in “{folder}”.",
            ),
            Text("Indiquez le dossier d’une exécution (segur run).", "Name the folder of a run (segur run)."),
        )
    tests = [_close(story, interrupted=footer is None) for story in stories.values()]
    name_scenarios(tests, header["requirements"])
    _add_excerpts(tests, folder, redactor)
    requirements = judge(header, tests)
    deviations = judge_deviations(header, tests)
    # From here on they stand with what they speak of.
    for declared in ("attestations", "opinions", "deviations"):
        header.pop(declared, None)  # type: ignore[misc]  # the three keys are optional
    if not redactor.clear:
        tests, ids = mask_tests(tests, redactor)
        rename_tests([*requirements, *deviations], ids)
        requirements = [cast(RequirementReport, redactor.tree(dict(one), DECLARED_NAMES)) for one in requirements]
        deviations = [cast(DeviationReport, redactor.tree(dict(one), DECLARED_NAMES)) for one in deviations]
        header["selection"] = redactor.text(header["selection"])
    return RunReport(
        header=header,
        tests=tests,
        requirements=[one for one in requirements if not _is_attested(one)],
        attested=[one for one in requirements if _is_attested(one)],
        deviations=deviations,
        footer=footer,
        folder=folder,
        redactor=redactor,
    )


def _tell(stories: dict[str, _Story], event: Event, at: str) -> None:
    """Add one event to the story of its test."""
    assert event.test is not None
    story = stories.setdefault(event.test, _Story(_unknown_facts(event.test)))
    details = event.details
    match event.kind:
        case Kind.TEST_STARTED:
            story.facts = details
            story.started_at = story.started_at or at
        case Kind.STEP:
            # A test played again numbers its steps again: the later ones come after the first.
            story.steps[details["number"]] = {**details, "at": at, "outcome": "cut", "duration": None}
        case Kind.STEP_FINISHED:
            if details["number"] in story.steps:
                story.steps[details["number"]].update(outcome=details["outcome"], duration=details["duration"])
        case Kind.EVIDENCE:
            story.evidence.append({**details, "at": at})
        case Kind.FINDING:
            story.findings.append({**details, "excerpt": []})
        case Kind.FIGURE:
            story.figures.append(details)
        case Kind.TEST_FINISHED:
            said = details["verdict"]
            # Said twice (a worker, then the controller): the gravest verdict stays.
            if story.end is None or combine([Verdict(said), Verdict(story.end["verdict"])]) == said:
                story.end = details
        case _:
            pass


def _unknown_facts(test: str) -> dict[str, Any]:
    name = {"fr": test, "en": test}
    nothing = {"fr": "", "en": ""}
    facts: dict[str, Any] = {"id": test, "title": name, "description": nothing, "profile": ""}
    return {**facts, "requirements": [], "scenarios": [], "proofs": []}


def _close(story: _Story, *, interrupted: bool) -> ReportOfTest:
    """The story as the report holds it; what never ended gets the verdict that this deserves."""
    end = story.end or _missing_end(story, interrupted)
    return cast(
        ReportOfTest,
        {
            **story.facts,
            "started_at": story.started_at,
            **end,
            "steps": list(story.steps.values()),
            "evidence": story.evidence,
            "findings": story.findings,
            "figures": story.figures,
        },
    )


def _missing_end(story: _Story, interrupted: bool) -> dict[str, Any]:
    if story.started_at is None:
        verdict, reason = Verdict.NOT_CHECKED, "not_started"
        message = {"fr": "Ce test n’a pas été joué.", "en": "This test was not played."}
    elif interrupted:
        verdict, reason = Verdict.NOT_CHECKED, "interrupted"
        message = {
            "fr": "L’exécution a été interrompue pendant ce test.",
            "en": "The run was interrupted during this test.",
        }
    else:
        verdict, reason = Verdict.BENCH_ERROR, "never_ended"
        message = {
            "fr": "Le banc s’est arrêté pendant ce test : son verdict n’a jamais été dit.",
            "en": "The bench stopped during this test: its verdict was never said.",
        }
    return {
        "verdict": str(verdict),
        "reason": reason,
        "message": message,
        "duration": 0.0,
        "replay": "",
        "failure": "",
    }


def _add_excerpts(tests: list[ReportOfTest], folder: Path, redactor: Redactor) -> None:
    """Show each finding in the document that it speaks of."""
    store = EvidenceStore(folder)
    paths = {proof["sha256"]: proof["path"] for test in tests for proof in test["evidence"]}

    @lru_cache(maxsize=64)
    def lines(sha256: str) -> list[str]:
        try:
            return lines_of(store.get(paths[sha256], sha256))
        except (KeyError, FileNotFoundError):
            return []  # the finding still stands; only its picture is missing

    for test in tests:
        for finding in test["findings"]:
            if finding["document"]:
                place = finding["line"], finding["column"]
                finding["excerpt"] = excerpt(lines(finding["document"]), *place, redactor)


def judge(header: Header, tests: list[ReportOfTest]) -> list[RequirementReport]:
    """The verdict on every requirement of the header, from the tests that name it.

    A requirement passes when at least one of its tests was executed and all of them that apply passed;
    with no test at all it is ``not_checked``.
    """
    of: dict[str, list[ReportOfTest]] = {identifier: [] for identifier in header["requirements"]}
    for test in tests:
        for identifier in test["requirements"]:
            of.setdefault(identifier, []).append(test)
    reports: list[RequirementReport] = []
    for identifier, its in of.items():
        verdicts = [Verdict(test["verdict"]) for test in its]
        facts = header["requirements"].get(identifier) or _unknown_requirement(identifier)
        report: dict[str, Any] = {
            **facts,
            "id": identifier,
            "verdict": str(combine(verdicts)),
            "tests": [test["id"] for test in its],
            "ran": sum(verdict in _JUDGED for verdict in verdicts),
        }
        answers = [one for one in header.get("attestations", []) if one["requirement"] == identifier]
        if answers:
            report["attestation"] = answers[0]
            if not its and facts["verification"] in _ATTESTED:
                # An answer judges only what no test does.
                report["verdict"] = str(attested_verdict(identifier, answers))
        if opinions := [one for one in header.get("opinions", []) if one["requirement"] == identifier]:
            report["opinions"] = opinions
        reports.append(cast(RequirementReport, report))
    return reports


def judge_deviations(header: Header, tests: list[ReportOfTest]) -> list[DeviationReport]:
    """What the run makes of each declared deviation; a failure that one covers names its reason."""
    verdicts = {test["id"]: Verdict(test["verdict"]) for test in tests}
    scope = Scope.of(header, datetime.fromisoformat(header["started_at"]).date())
    reports: list[DeviationReport] = []
    for declared in header.get("deviations", []):
        state = state_of(declared, verdicts, scope)
        its = [test for test in tests if covers(declared, test["id"])]
        if state is DeviationState.HOLDS:
            for test in its:
                if test["verdict"] == Verdict.FAIL:
                    test["deviation"] = declared["reason"]
        reports.append(cast(DeviationReport, {**declared, "state": str(state), "tests": [test["id"] for test in its]}))
    return reports


def _is_attested(requirement: RequirementReport) -> bool:
    return requirement["verification"] in _ATTESTED and not requirement["tests"]


def _unknown_requirement(identifier: str) -> dict[str, Any]:
    return {
        "title": {"fr": identifier, "en": identifier},
        "domain": "",
        "trust": "own",
        "obligation": "optional",
        "verification": "machine",
    }

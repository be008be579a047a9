"""The HTML page of a run: one file that opens offline, from a file share, in French and in English.

The verdicts and requirements are written into the page; the long lists (tests, findings, evidence) are
data inside it, drawn when they are looked at, so that a run of thousands of messages stays usable.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from conformance.core.verdicts import Verdict
from conformance.reporting import charts, words
from conformance.reporting.model import EvidenceReport, RunReport
from conformance.reporting.packing import pack_proofs
from conformance.reporting.summary import basis, domains_of, first_to_see, variant_of
from conformance.resources import data_folder

ORDER = (
    Verdict.FAIL,
    Verdict.BENCH_ERROR,
    Verdict.TO_REVIEW,
    Verdict.NOT_CHECKED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
"""The order of the verdicts on the page: what needs someone first."""


def render(report: RunReport) -> str:
    """The page, whole."""
    folder = data_folder("reports") / "html"
    script = (folder / "report.js").read_text(encoding="utf-8")
    language = report.header["language"] if report.header["language"] in ("fr", "en") else "fr"
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            header=report.header,
            footer=report.footer,
            interrupted=report.interrupted,
            verdict=str(report.verdict),
            language=language,
            counts=report.counts(),
            domains=domains_of(report),
            attested=report.attested,
            deviations=report.deviations,
            tests=report.tests,
            basis=basis(report),
            first=first_to_see(report),
            variant_of=variant_of,
            figures=charts.render(report),
            order=[str(one) for one in ORDER],
            words=_words(),
            style=Markup((folder / "report.css").read_text(encoding="utf-8")),
            script=Markup(script),
            script_hash=_hash(script),
            data=Markup(_embed(_data(report))),
        )
    )


def environment() -> Environment:
    """Where the templates of the pages are; every value is escaped, and an unknown one is an error."""
    found = Environment(
        loader=FileSystemLoader(data_folder("reports") / "html"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
    )
    found.filters["moment"] = moment
    found.filters["seconds"] = seconds
    found.filters["spaced"] = words.spaced
    return found


def _words() -> dict[str, Any]:
    return {
        "verdicts": words.as_json({str(one): words.VERDICTS[str(one)] for one in ORDER}),
        "verdict_meanings": words.as_json(words.VERDICT_MEANINGS),
        "run_verdicts": words.as_json(words.RUN_VERDICTS),
        "severities": words.as_json(words.SEVERITIES),
        "trust": words.as_json(words.TRUST),
        "trust_signs": words.TRUST_SIGNS,
        "trust_meanings": words.as_json(words.TRUST_MEANINGS),
        "obligations": words.as_json(words.OBLIGATIONS),
        "roles": words.as_json(words.ROLES),
        "outcomes": words.as_json(words.OUTCOMES),
        "proof_kinds": words.as_json(words.PROOF_KINDS),
        "answers": words.as_json(words.ANSWERS),
        "reasons": words.as_json(words.REASONS),
        "opinions": words.as_json(words.OPINIONS),
        "deviation_states": words.as_json(words.DEVIATION_STATES),
        "document": words.as_json(words.DOCUMENT),
        "ui": words.as_json(words.PAGE),
        "interrupted": words.as_json({"it": words.INTERRUPTED})["it"],
    }


def _data(report: RunReport) -> dict[str, Any]:
    proofs = read_first(report)
    return {
        "words": _words(),
        "header": {"redacted": report.header["redacted"], "profiles": report.header["profiles"]},
        "tests": report.tests,
        **pack_proofs(report, proofs.values()),
        "readable_style": (data_folder("reports") / "html" / "readable.css").read_text(encoding="utf-8"),
    }


def read_first(report: RunReport) -> dict[str, EvidenceReport]:
    """Each proof once, by SHA-256: by verdict, and what a passing test asked of the contract last."""
    tests = sorted(report.tests, key=lambda test: ORDER.index(Verdict(test["verdict"])))
    asked: dict[str, EvidenceReport] = {}
    others: dict[str, EvidenceReport] = {}
    for test in tests:
        for proof in test["evidence"]:
            last = proof["media_type"] == "application/json" and test["verdict"] == Verdict.PASS
            (asked if last else others).setdefault(proof["sha256"], proof)
    return {**others, **{sha256: proof for sha256, proof in asked.items() if sha256 not in others}}


def _embed(value: Any) -> str:
    """JSON that may stand inside a ``script`` element: no ``<`` can close it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def moment(iso: str) -> str:
    """A date of the report as both languages read it: ``2026-11-22 07:21:56 UTC``."""
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S UTC")


def seconds(duration: float) -> str:
    """A duration in seconds as both languages read it: ``1 min 04 s``."""
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    if duration < 60:
        return f"{duration:.0f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest:02d} s"

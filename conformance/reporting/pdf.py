"""The report as a document to file: PDF/A-2b, made by typst with its own fonts; needs no browser.

The longest lists are cut, and say so: ``report.json`` and the evidence bundle hold everything.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.core.events import Bilingual
from conformance.core.language import Language, Text
from conformance.core.verdicts import Verdict
from conformance.reporting import charts, words
from conformance.reporting.html_page import ORDER, moment, read_first, seconds
from conformance.reporting.model import FindingReport, RequirementReport, RunReport, in_language
from conformance.reporting.summary import basis, domains_of, first_to_see, variant_of
from conformance.resources import data_folder

_MOST_FINDINGS = 400
_MOST_TESTS = 1_000
_MOST_EVIDENCE = 4_000
_MOST_NAMED = 8
"""Tests named beside a finding."""


_ORIGINS = {
    "sent": Text("envoyé", "sent"),
    "received": Text("reçu", "received"),
    "produced": Text("produit", "made"),
    "log": Text("journal", "log"),
}
"""The roles of the evidence from the kit to the product, short enough for a table of thousands."""

_STYLE = (
    'text{font:12px "Libertinus Serif";fill:#1b1f27}.track{fill:#eef0f3}.part{fill:#1d3f72}.band{fill:#cfe3da}'
    ".outage{fill:#f1d5d5}.axis{stroke:#4d5563;fill:none}.ink{fill:none;stroke:#fff;stroke-width:1.9}"
    ".line{fill:none;stroke:#55606e;stroke-width:1.8}.pass{fill:#0a6347}.fail{fill:#a81c1c}.not_checked{fill:#aab2bd}"
    ".to_review{fill:#d99a2b}.not_applicable{fill:#d3d8de}.bench_error{fill:#66309c}"
)
"""The colours of the page's pictures, where there is no page."""


def render(report: RunReport) -> bytes:
    """The file, PDF/A-2b."""
    import typst  # 30 MB: takes a moment to load, and most runs want no PDF

    template = data_folder("reports") / "pdf" / "report.typ"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(template, root / "report.typ")
        data = json.dumps(_data(report), ensure_ascii=False)
        (root / "data.json").write_text(data, encoding="utf-8")
        ended = report.footer["finished_at"] if report.footer else report.header["started_at"]
        return bytes(
            typst.compile(
                str(root / "report.typ"),
                root=str(root),
                format="pdf",
                pdf_standards=["a-2b"],
                # The document is dated by the run: the same report gives the same file.
                timestamp=int(datetime.fromisoformat(ended).timestamp()),
                # The fonts inside typst: the same page on every machine.
                ignore_system_fonts=True,
            )
        )


def _data(report: RunReport) -> dict[str, Any]:
    language: Language = "en" if report.header["language"] == "en" else "fr"
    header = report.header
    product = header["product"]
    findings = grouped_findings(report)
    proofs = list(read_first(report).values())
    tests = sorted(report.tests, key=lambda test: ORDER.index(Verdict(test["verdict"])))
    run_verdict = words.RUN_VERDICTS[report.verdict].in_(language)

    numbers = {test["id"]: number for number, test in enumerate(tests, start=1)}
    seen_in: dict[str, int] = {}
    for test in tests:
        for proof in test["evidence"]:
            seen_in.setdefault(proof["sha256"], numbers[test["id"]])

    def said(text: Bilingual) -> str:
        return words.spaced(text["fr"]) if language == "fr" else text["en"]

    def requirement(one: RequirementReport) -> dict[str, Any]:
        obligation = words.OBLIGATIONS.get(one["obligation"])
        trust = words.TRUST.get(one["trust"])
        return {
            "id": one["id"],
            "title": said(one["title"]),
            "asked": _asked(one, language),
            "declared": _declared(one, language),
            "obligation": obligation.in_(language) if obligation else one["obligation"],
            "trust": f"{words.TRUST_SIGNS[one['trust']]} {trust.in_(language)}" if trust else one["trust"],
            "ran": f"{one['ran']}/{len(one['tests'])}" if one["tests"] else "–",
            "verdict": one["verdict"],
        }

    return {
        "language": language,
        "title": f"{product['name']} {product['version']} – {run_verdict}",
        "author": "segur-conformance",
        "keywords": ["Ségur du numérique en santé", *(one["id"] for one in header["profiles"])],
        "product": product,
        "run": header["run"],
        "verdict": str(report.verdict),
        "run_verdict": run_verdict,
        "basis": said(basis(report)),
        "interrupted": report.interrupted,
        "facts": _facts(report, language),
        "order": [str(one) for one in ORDER],
        "counts": report.counts(),
        "findings_line": ", ".join(
            f"{words.SEVERITIES[name].in_(language)} {count}" for name, count in report.counts()["findings"].items()
        ),
        "domains": [
            {
                "title": said(one["title"]),
                "counts": one["counts"],
                "requirements": [requirement(each) for each in one["requirements"]],
            }
            for one in domains_of(report)
        ],
        "first": [
            {
                "title": " ".join(part for part in (said(test["title"]), variant_of(test["id"])) if part),
                "message": said(test["message"]),
                "verdict": test["verdict"],
            }
            for test in first_to_see(report)["tests"]
        ],
        "attested": [requirement(one) for one in report.attested],
        "deviations": [
            {
                "state": words.DEVIATION_STATES[one["state"]].in_(language),
                # A name without blanks would run out of its column: it may be cut after these signs.
                "test": re.sub(r"([_/:.\[])", "\\1\u200b", one["test"]),
                "reason": " ".join(part for part in (one["reason"], one["link"]) if part),
                "owner": one["owner"],
                "expires": one["expires"],
            }
            for one in report.deviations
        ],
        "findings": [
            _finding(one, [numbers[test] for test in its], language) for one, its in findings[:_MOST_FINDINGS]
        ],
        "findings_left": max(0, len(findings) - _MOST_FINDINGS),
        "tests": [
            {
                "number": numbers[test["id"]],
                "title": said(test["title"]),
                "variant": variant_of(test["id"]),
                "verdict": test["verdict"],
                "requirements": ", ".join(test["requirements"]),
                "message": said(test["message"]),
                "deviation": test.get("deviation", ""),
                "duration": seconds(test["duration"]) if test["started_at"] else "",
                "steps": [said(step["title"]) for step in test["steps"]],
            }
            for test in tests[:_MOST_TESTS]
        ],
        "tests_left": max(0, len(report.tests) - _MOST_TESTS),
        "figures": [_figure(one, language) for one in charts.pictures(report)],
        "trust": [
            [f"{words.TRUST_SIGNS[name]} {text.in_(language)}", words.TRUST_MEANINGS[name].in_(language)]
            for name, text in words.TRUST.items()
        ],
        "evidence": [
            {
                "name": one["name"],
                "role": _ORIGINS[one["role"]].in_(language),
                "size": str(one["size"]),
                "sha256": one["sha256"],
                "test": str(seen_in[one["sha256"]]),
            }
            for one in proofs[:_MOST_EVIDENCE]
        ],
        "evidence_left": max(0, len(proofs) - _MOST_EVIDENCE),
        "words": {
            "verdicts": _words(words.VERDICTS, language),
            "verdict_meanings": _words(words.VERDICT_MEANINGS, language),
            "pdf": {**_words(words.DOCUMENT, language), "interrupted": words.INTERRUPTED.in_(language)},
        },
    }


def _asked(requirement: RequirementReport, language: Language) -> str:
    """The scenarios of the requirement and the proofs that the register asks for."""
    scenario, proof = (words.PAGE[name].in_(language) for name in ("scenario", "proof"))
    kinds = (
        " ".join(part for part in (words.PROOF_KINDS[one["kind"]].in_(language), one["test_case"]) if part)
        for one in requirement.get("proofs_asked", [])
    )
    cases = {one["test_case"] for one in requirement.get("proofs_asked", [])}
    named = [one for one in requirement.get("scenarios", []) if one not in cases]
    parts = [(scenario, ", ".join(named)), (proof, ", ".join(kinds))]
    return " · ".join(f"{name} : {value}" if language == "fr" else f"{name}: {value}" for name, value in parts if value)


def _declared(requirement: RequirementReport, language: Language) -> list[str]:
    """What people say of the requirement: the vendor's answer, the auditors' opinions."""
    said: list[str] = []
    if "attestation" in requirement:
        answer = requirement["attestation"]
        reason = words.REASONS[answer["reason"]].in_(language) if answer["reason"] else ""
        head = words.ANSWERS[answer["answer"]].in_(language) + (f" ({reason})" if reason else "")
        files = ", ".join(f"{one['name']} (SHA-256 {one['sha256'][:16]}…)" for one in answer["evidence"])
        said.append(
            ". ".join(part for part in (f"{head} – {answer['by']}, {answer['on']}", answer["comment"], files) if part)
        )
    for opinion in requirement.get("opinions", []):
        head = words.OPINIONS[opinion["opinion"]].in_(language)
        said.append(
            ". ".join(part for part in (f"{head} – {opinion['by']}, {opinion['on']}", opinion["comment"]) if part)
        )
    return said


def _words(table: dict[str, Text], language: Language) -> dict[str, str]:
    return {key: words.spaced(text.fr) if language == "fr" else text.en for key, text in table.items()}


def _facts(report: RunReport, language: Language) -> list[list[str]]:
    header = report.header
    masked = Text("noms, INS et secrets masqués", "names, INS and secrets masked")
    clear = Text("en clair", "in clear")
    facts = [
        (Text("Profils", "Profiles"), ", ".join(in_language(one["title"], language) for one in header["profiles"])),
        (Text("Début", "Started"), moment(header["started_at"])),
        (Text("Durée", "Duration"), seconds(report.footer["duration"]) if report.footer else "–"),
        (Text("Sélection", "Selection"), header["selection"]),
        (Text("Graine", "Seed"), str(header["seed"])),
        (Text("Kit", "Kit"), f"segur-conformance {header['kit']}, Python {header['python']}"),
        (Text("Versions", "Versions"), ", ".join(f"{name} {version}" for name, version in header["versions"].items())),
        (Text("Exécution", "Run"), header["run"]),
        (Text("Données", "Data"), (masked if header["redacted"] else clear).in_(language)),
    ]
    return [[name.in_(language), value] for name, value in facts if value]


def grouped_findings(report: RunReport) -> list[tuple[FindingReport, list[str]]]:
    """Each finding once with the tests that said it (one for each time), errors first.

    The same rule at the same node is one thing to correct, however many tests come upon it.
    """
    first: dict[str, FindingReport] = {}
    tests: dict[str, list[str]] = {}
    for test in report.tests:
        for one in test["findings"]:
            first.setdefault(one["fingerprint"], one)
            tests.setdefault(one["fingerprint"], []).append(test["id"])
    order = list(words.SEVERITIES)
    return sorted(((one, tests[key]) for key, one in first.items()), key=lambda pair: order.index(pair[0]["severity"]))


def _figure(picture: charts.Picture, language: Language) -> dict[str, Any]:
    """A picture with its marks and colours inside: nothing of the page is around it here."""
    folder = data_folder("reports") / "html"
    marks = re.sub(r"</?svg[^>]*>", "", (folder / "marks.svg").read_text(encoding="utf-8"))
    svg = str(picture.svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    title = picture.title.in_(language)
    return {
        "title": f"{title} – {picture.where.in_(language)}" if picture.where else title,
        "svg": svg.replace(">", f"><style>{_STYLE}</style><defs>{marks}</defs>", 1),
        "legend": [
            {
                "shape": "outage" if one == "outage" else charts.shape_of(one),
                "words": charts.state_words(one).in_(language),
            }
            for one in picture.states
        ],
        "left": charts.left_out(picture.left).in_(language) if picture.left else "",
    }


def _finding(finding: FindingReport, tests: list[int], language: Language) -> dict[str, str]:
    line, column = words.PAGE["line"].in_(language), words.PAGE["column"].in_(language)
    place = [f"{line} {finding['line']}"] if finding["line"] else []
    place += [f"{column} {finding['column']}"] if finding["column"] else []
    named = sorted(set(tests))
    more = f" (+{len(named) - _MOST_NAMED})" if len(named) > _MOST_NAMED else ""
    found_in = f"{words.DOCUMENT['found_in'].in_(language)} {', '.join(map(str, named[:_MOST_NAMED]))}{more}"
    marked = [one for one in finding["excerpt"] if one["marked"]]
    return {
        "severity": finding["severity"],
        "severity_words": words.SEVERITIES[finding["severity"]].in_(language),
        "rule": finding["rule"],
        "times": f"× {len(tests)}" if len(tests) > 1 else "",
        "requirements": ", ".join(finding["requirements"]),
        "message": words.spaced(finding["message"]["fr"]) if language == "fr" else finding["message"]["en"],
        "where": " · ".join(part for part in (", ".join(place), finding["xpath"], finding["source"], found_in) if part),
        "excerpt": f"{marked[0]['number']}  {marked[0]['marked']}" if marked else "",
    }

"""A summary in Markdown for a merge request: the verdict, the domains, what failed."""

from __future__ import annotations

from conformance.core.deviations import WRONG
from conformance.core.language import Language, Text
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import ReportOfTest, RunReport, in_language
from conformance.reporting.summary import basis, domains_of, variant_of

_SIGNS = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.NOT_CHECKED: "⬜",
    Verdict.NOT_APPLICABLE: "➖",
    Verdict.TO_REVIEW: "🔎",
    Verdict.BENCH_ERROR: "⚠️",
}
_MOST_TESTS = 50
_SHOWN = (Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.NOT_CHECKED, Verdict.TO_REVIEW)


def render(report: RunReport) -> str:
    """The summary in the language of the run."""
    language: Language = "en" if report.header["language"] == "en" else "fr"
    product = report.header["product"]
    name = f"{product['name']} {product['version']}"
    lines = [
        f"## {_SIGNS[report.verdict]} {_cell(name)} – {words.RUN_VERDICTS[report.verdict].in_(language)}",
        "",
        _cell(in_language(basis(report), language)),
        "",
    ]
    if report.interrupted:
        lines += [f"> **{words.INTERRUPTED.in_(language)}**", ""]
    lines += _domain_table(report, language)
    lines += _counts_line(report, language)
    waiting = [test for test in report.tests if test["verdict"] in _SHOWN]
    if waiting:
        lines += ["", f"### {Text('Ce qui demande quelqu’un', 'What needs someone').in_(language)}", ""]
        lines += [_test_line(test, language) for test in waiting[:_MOST_TESTS]]
        if len(waiting) > _MOST_TESTS:
            lines.append(f"- … +{len(waiting) - _MOST_TESTS}")
    if report.deviations:
        lines += ["", f"### {words.DOCUMENT['deviations'].in_(language)}", ""]
        for one in report.deviations:
            state = words.DEVIATION_STATES[one["state"]].in_(language)
            sign = "⚠️ " if one["state"] in WRONG else ""
            lines.append(
                f"- {sign}**{state}** – {_cell(one['test'])} – {_cell(one['reason'])} ({_cell(one['owner'])}, {one['expires']})"
            )
    lines += ["", f"<sub>{_foot(report)}</sub>", ""]
    return "\n".join(lines)


def _domain_table(report: RunReport, language: Language) -> list[str]:
    shown = [one for one in Verdict if report.counts()["requirements"][one]]
    if not shown:
        return []
    head = [Text("Exigences", "Requirements").in_(language)]
    head += [f"{_SIGNS[one]} {words.VERDICTS[one].in_(language)}" for one in shown]
    rows = [head, ["---", *(["---:"] * len(shown))]]
    for domain in domains_of(report):
        rows.append([_cell(in_language(domain["title"], language)), *(str(domain["counts"][one]) for one in shown)])
    total = report.counts()["requirements"]
    rows.append([f"**{Text('Ensemble', 'All').in_(language)}**", *(f"**{total[one]}**" for one in shown)])
    return [f"| {' | '.join(row)} |" for row in rows]


def _counts_line(report: RunReport, language: Language) -> list[str]:
    counts = report.counts()
    tests = ", ".join(
        f"{words.VERDICTS[one].in_(language)} {counts['tests'][one]}" for one in Verdict if counts["tests"][one]
    )
    findings = ", ".join(f"{words.SEVERITIES[one].in_(language)} {count}" for one, count in counts["findings"].items())
    attested = ", ".join(
        f"{words.VERDICTS[one].in_(language)} {counts['attested'][one]}" for one in Verdict if counts["attested"][one]
    )
    said = Text("Constats", "Findings").in_(language)
    lines = ["", f"Tests : {tests or 0}  " if language == "fr" else f"Tests: {tests or 0}  "]
    lines.append(f"{said} : {findings}" if language == "fr" else f"{said}: {findings}")
    if attested:
        title = Text("Exigences à attester", "Requirements to attest").in_(language)
        lines[-1] += "  "
        lines.append(f"{title} : {attested}" if language == "fr" else f"{title}: {attested}")
    return lines


def _test_line(test: ReportOfTest, language: Language) -> str:
    said = in_language(test["message"], language)
    parts = [f"- {_SIGNS[Verdict(test['verdict'])]} **{_cell(in_language(test['title'], language))}**"]
    if variant := variant_of(test["id"]):
        parts.append(_cell(variant))
    if test["requirements"]:
        parts.append(f"({', '.join(test['requirements'])})")
    if said:
        parts.append(f"– {_cell(said)}")
    if deviation := test.get("deviation"):
        parts.append(f"– {Text('écart déclaré', 'declared deviation').in_(language)} : {_cell(deviation)}")
    return " ".join(parts)


def _foot(report: RunReport) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.header["versions"].items())
    return _cell(f"segur-conformance {report.header['kit']} · {report.header['run']} · {versions}")


def _cell(words_: str) -> str:
    """Text that is neither markup nor the end of a cell."""
    for sign in "\\`*_|<>[]":
        words_ = words_.replace(sign, f"\\{sign}")
    return " ".join(words_.split())

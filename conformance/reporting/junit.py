"""JUnit XML, for the test pages of every CI server.

The exact verdict of each test is its property ``segur.verdict``; the elements of JUnit come nearest:

| verdict | element |
|---|---|
| ``pass`` | none |
| ``fail`` | ``failure`` |
| ``bench_error`` | ``error`` |
| ``not_checked``, ``to_review`` | ``skipped``; ``failure`` when the run was strict or interrupted |
| ``not_applicable`` | ``skipped`` |
"""

from __future__ import annotations

import re

from lxml import etree

from conformance.core.events import Bilingual
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import ReportOfTest, RunReport, in_language

# What XML 1.0 cannot hold at all, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: RunReport) -> bytes:
    """The file, in UTF-8."""
    header = report.header
    language = header["language"]
    suites = etree.Element("testsuites", name=f"{header['product']['name']} {header['product']['version']}")
    profiles = list(dict.fromkeys(test["profile"] for test in report.tests)) or [""]
    for number, profile in enumerate(profiles):
        tests = [test for test in report.tests if test["profile"] == profile]
        suite = etree.SubElement(suites, "testsuite", name=profile or "segur", timestamp=header["started_at"])
        properties = etree.SubElement(suite, "properties")
        if number == 0:
            _run_properties(properties, report)
        for test in tests:
            _case(suite, test, report, language)
        _count(suite, tests)
    _count(suites, report.tests)
    return bytes(etree.tostring(suites, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _run_properties(properties: etree._Element, report: RunReport) -> None:
    """What the run rests on, and the verdict on every requirement."""
    header = report.header
    facts = {
        "segur.run": header["run"],
        "segur.verdict": str(report.verdict),
        "segur.interrupted": str(report.interrupted).lower(),
        "segur.product": header["product"]["name"],
        "segur.product.version": header["product"]["version"],
        "segur.kit": header["kit"],
        "segur.seed": str(header["seed"]),
        **{f"segur.version.{name}": version for name, version in header["versions"].items()},
        **{f"segur.requirement.{one['id']}": one["verdict"] for one in report.requirements},
        **{f"segur.attested.{one['id']}": one["verdict"] for one in report.attested},
    }
    for number, one in enumerate(report.deviations, start=1):
        facts[f"segur.deviation.{number}"] = f"{one['state']}: {one['test']} – {one['reason']}"
    for name, value in facts.items():
        _property(properties, name, value)


def _case(suite: etree._Element, test: ReportOfTest, report: RunReport, language: str) -> None:
    classname, _, name = test["id"].partition("::")
    case = etree.SubElement(
        suite, "testcase", classname=_clean(classname), name=_clean(name or classname), time=f"{test['duration']:.3f}"
    )
    properties = etree.SubElement(case, "properties")
    _property(properties, "segur.verdict", test["verdict"])
    _property(properties, "segur.title", in_language(test["title"], language))
    for key in ("requirements", "scenarios", "proofs"):
        for identifier in test[key]:
            _property(properties, f"segur.{key.removesuffix('s')}", identifier)
    for severity in words.SEVERITIES:
        count = sum(one["severity"] == severity for one in test["findings"])
        if count:
            _property(properties, f"segur.findings.{severity}", str(count))
    if deviation := test.get("deviation"):
        _property(properties, "segur.deviation", deviation)
    element = _element_for(Verdict(test["verdict"]), strict=report.header["strict"] or report.interrupted)
    if element:
        said = etree.SubElement(case, element, message=_clean(_sentence(test["message"], test, language)))
        if element != "skipped":
            said.set("type", test["reason"] or test["verdict"])
            said.text = _clean(_account(test, language))


def _element_for(verdict: Verdict, *, strict: bool) -> str | None:
    match verdict:
        case Verdict.PASS:
            return None
        case Verdict.FAIL:
            return "failure"
        case Verdict.BENCH_ERROR:
            return "error"
        case Verdict.NOT_CHECKED | Verdict.TO_REVIEW:
            return "failure" if strict else "skipped"
        case Verdict.NOT_APPLICABLE:
            return "skipped"


def _sentence(message: Bilingual, test: ReportOfTest, language: str) -> str:
    return in_language(message, language) or words.VERDICTS[test["verdict"]].in_(language)  # type: ignore[arg-type]  # one of the words


def _account(test: ReportOfTest, language: str) -> str:
    """The findings, then pytest's account, then how to play the test again."""
    lines = [
        f"{one['severity']} {one['rule']} ({one['line'] or '-'}:{one['column'] or '-'}) "
        f"{in_language(one['message'], language)}"
        for one in test["findings"]
    ]
    return "\n".join(part for part in ("\n".join(lines), test["failure"], test["replay"]) if part)


def _count(element: etree._Element, tests: list[ReportOfTest]) -> None:
    """The attributes that CI servers read, counted on what was written."""
    element.set("tests", str(len(tests)))
    for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(len(element.findall(f".//testcase/{tag}"))))
    element.set("time", f"{sum(test['duration'] for test in tests):.3f}")


def _property(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, "property", name=_clean(name), value=_clean(value))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

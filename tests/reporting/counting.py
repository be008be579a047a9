"""Counts what each view shows, by reading the view as its reader would."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from pypdf import PdfReader

from conformance.core.verdicts import Verdict
from conformance.reporting import words

Numbers = dict[str, Any]


def full(verdicts: list[str]) -> dict[str, int]:
    counted = Counter(verdicts)
    return {str(verdict): counted[verdict] for verdict in Verdict}


def of_json(path: Path) -> Numbers:
    value = json.loads(path.read_text(encoding="utf-8"))
    return {
        "tests": full([test["verdict"] for test in value["tests"]]),
        "requirements": full([one["verdict"] for one in value["requirements"]]),
        "attested": full([one["verdict"] for one in value["attested"]]),
        "interrupted": value["footer"] is None,
    }


def of_html(path: Path) -> Numbers:
    # A page of a real run is one long script: longer than a parser takes by default.
    page = lxml_html.fromstring(path.read_text(encoding="utf-8"), parser=lxml_html.HTMLParser(huge_tree=True))
    data = json.loads(page.get_element_by_id("data").text)
    rows = {
        name: [row.get("data-verdict") for row in page.xpath(f"//section[@id='{name}']//tbody/tr")]
        for name in ("requirements", "attested")
    }
    return {
        "tests": full([test["verdict"] for test in data["tests"]]),
        "requirements": full(rows["requirements"]),
        "attested": full(rows["attested"]),
        "interrupted": bool(page.xpath("//p[@class='interrupted']")),
    }


def of_junit(path: Path) -> Numbers:
    suites = etree.parse(path).getroot()
    properties = {one.get("name"): one.get("value") for one in suites.iterfind("testsuite/properties/property")}

    def starting(prefix: str) -> list[str]:
        return [value for name, value in properties.items() if name.startswith(prefix)]

    return {
        "tests": full(
            [one.get("value") for one in suites.iterfind(".//testcase/properties/property[@name='segur.verdict']")]
        ),
        "requirements": full(starting("segur.requirement.")),
        "attested": full(starting("segur.attested.")),
        "interrupted": properties["segur.interrupted"] == "true",
    }


def of_allure(path: Path) -> Numbers:
    results = [json.loads(file.read_text(encoding="utf-8")) for file in path.glob("*-result.json")]
    environment = dict(
        line.split("=", 1) for line in (path / "environment.properties").read_text(encoding="utf-8").splitlines()
    )
    verdicts = [label["value"] for one in results for label in one["labels"] if label["name"] == "verdict"]
    return {
        "tests": full(verdicts),
        "requirements": {str(v): int(environment[f"requirements.{v}"]) for v in Verdict},
        "interrupted": environment["interrupted"] == "true",
    }


def of_sarif(path: Path) -> Numbers:
    (run,) = json.loads(path.read_text(encoding="utf-8"))["runs"]
    levels = Counter(one["level"] for one in run["results"] if not one["ruleId"].startswith("test."))
    return {
        "findings": {"error": levels["error"], "warning": levels["warning"], "info": levels["note"]},
        "requirements": full(list(run["properties"]["requirements"].values())),
        "tests": run["properties"]["counts"]["tests"],
        "interrupted": not run["invocations"][0].get("endTimeUtc"),
    }


def of_gitlab(path: Path) -> Numbers:
    issues = json.loads(path.read_text(encoding="utf-8"))
    severities = Counter(one["severity"] for one in issues if not one["check_name"].startswith(("test.", "run.")))
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    return {
        "findings": {"error": severities["major"], "warning": severities["minor"], "info": severities["info"]},
        "interrupted": any(one["check_name"] == "run.interrupted" for one in issues),
    }


def of_markdown(path: Path) -> Numbers:
    text = path.read_text(encoding="utf-8")
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    named = {words.VERDICTS[str(v)].fr: str(v) for v in Verdict}
    requirements = dict.fromkeys(map(str, Verdict), 0)
    for title, count in zip(rows[0][1:], rows[-1][1:], strict=True):
        requirements[named[title.split(" ", 1)[1]]] = int(count)
    tests = dict.fromkeys(map(str, Verdict), 0)
    (line,) = [line for line in text.splitlines() if line.startswith("Tests :")]
    for part in line.removeprefix("Tests :").split(","):
        name, count = part.strip().rsplit(" ", 1)
        tests[named[name]] = int(count)
    return {"tests": tests, "requirements": requirements, "interrupted": words.INTERRUPTED.fr in text}


def of_csv(path: Path) -> Numbers:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    return {
        "requirements": full([row["verdict"] for row in rows if row["judged_by"] == "tests"]),
        "attested": full([row["verdict"] for row in rows if row["judged_by"] == "person"]),
        "interrupted": {row["interrupted"] for row in rows} == {"true"},
    }


def of_badge(path: Path) -> Numbers:
    badge = etree.parse(path).getroot()
    passed, whole = re.findall(r"(\d+)/(\d+)", "".join(badge.itertext()))[-1]
    return {
        "passed": (int(passed), int(whole)),
        "interrupted": words.INTERRUPTED.fr in badge.findtext("{*}title", ""),
    }


def of_pdf(path: Path) -> Numbers:
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)
    summary = text[text.index("1 Synthèse", text.index("Annexe")) :]
    numbers: Numbers = {"interrupted": words.INTERRUPTED.fr in text}
    table = summary[summary.index("Tests Nombre") :]
    tests = {
        str(v): re.match(rf".*?{words.VERDICTS[str(v)].fr} (\d+)", table[: table.index("Constats")]) for v in Verdict
    }
    numbers["tests"] = {verdict: int(match[1]) if match else 0 for verdict, match in tests.items()}
    return numbers


READERS = {
    "pdf": of_pdf,
    "sarif": of_sarif,
    "gitlab": of_gitlab,
    "markdown": of_markdown,
    "csv": of_csv,
    "badge": of_badge,
    "json": of_json,
    "html": of_html,
    "junit": of_junit,
    "allure": of_allure,
}

"""Counts what each view shows, by reading the view as its reader would."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from conformance.core.verdicts import Verdict

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
    page = lxml_html.fromstring(path.read_text(encoding="utf-8"))
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


READERS = {"json": of_json, "html": of_html, "junit": of_junit, "allure": of_allure}

"""Writes fixtures/rules/findings.json: what each rule on what travels says of the counterexample of its test.

python tests/validation/rule_findings.py

What changes from run to run (identifiers, times, keys) is left out. ``segur explain`` shows these sentences.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.core.findings import Finding
from conformance.generation.messages import Post, all_cases
from conformance.validation.envelopes import validate_message
from tests.exchange import faults as exchange
from tests.validation.dmp import faults as dmp
from tests.validation.dmp import requests

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "rules" / "findings.json"

_CHANGING = re.compile(
    r"urn:uuid:[0-9a-fA-F-]{36}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\b2\.25\.[0-9.]{10,}"
    r"|\b20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)?|\b20[0-9]{10,12}\b|[0-9a-fA-F]{24,}|\b[0-9]+(?= s\b)"
)


def steady(text: str) -> str:
    """A sentence without what changes from run to run."""
    return _CHANGING.sub("…", text)


def said(key: str, findings: Iterable[Finding]) -> dict[str, str] | None:
    """What a rule says among these findings, in both languages."""
    for finding in findings:
        if finding.rule == key:
            return {"fr": steady(finding.message.fr), "en": steady(finding.message.en)}
    return None


def of_exchange() -> dict[str, dict[str, str]]:
    """The rules on archives, metadata and messages."""
    every: dict[str, Callable[[], list[Finding]]] = {**exchange.FAULTS, **dict(exchange.value_faults())}
    told = {key: said(key, make()) for key, make in every.items()}
    return {key: words for key, words in told.items() if words}


def of_dmp() -> dict[str, dict[str, str]]:
    """The rules on requests to the DMP, whose faults give the names of rules: what they find is listened to."""
    heard: list[Finding] = []

    def listening(listened: Callable[..., Iterable[Finding]]) -> Callable[..., list[Finding]]:
        def listen(*arguments: object) -> list[Finding]:
            found = list(listened(*arguments))
            heard.extend(found)
            return found

        return listen

    for name in ("findings_of", "check_requests"):
        setattr(requests, name, listening(getattr(requests, name)))
    told = {}
    for key, make in {**dmp.FAULTS, **dict(dmp.value_faults())}.items():
        heard.clear()
        make()
        told[key] = said(key, heard)
    return {key: words for key, words in told.items() if words}


def of_refusals() -> dict[str, dict[str, str]]:
    """What readers refuse, where a case of incoming messages shows it."""
    told = {}
    for case in all_cases():
        if case.refused:
            outcomes = validate_message(case.messages(Post())[-1], "message.eml")
            told[case.refused] = said(case.refused, (one for outcome in outcomes for one in outcome.findings))
    return {key: words for key, words in told.items() if words}


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({**of_refusals(), **of_exchange(), **of_dmp()}, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        encoding="utf-8",
    )

"""The pages on the operator are whole, in both languages, and their example runs."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from conformance.simulators.mssante.control import Control
from conformance.simulators.mssante.faults import SMTP_CODES, FaultKind, Stage
from conformance.simulators.mssante.model import Settings
from conformance.simulators.mssante.service import Lists, Service
from conformance.simulators.mssante.tls import Face
from conformance.simulators.pki import Defect, Pki

PAGES = ("docs/mssante.md", "docs/mssante.fr.md")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kinds", [FaultKind, Stage, Face, Defect, Lists])
def test_every_word_of_the_control_api_is_there(root: Path, page: str, kinds: type[StrEnum]) -> None:
    text = (root / page).read_text("utf-8")
    assert [one.value for one in kinds if f"`{one.value}`" not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_request_is_there(root: Path, page: str, pki: Pki) -> None:
    text = (root / page).read_text("utf-8")
    routes = [
        f"`{route.method} {route.resource.canonical}`"
        for route in Control(Service(Settings(), pki=pki)).application().router.routes()
        if route.resource is not None and route.method != "HEAD" and not route.resource.canonical.startswith("/psc")
    ]
    assert len(routes) > 20
    assert [one for one in routes if one not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_code_is_there(root: Path, page: str) -> None:
    named = set(re.findall(r"\b\d{3}\b", (root / page).read_text("utf-8")))
    assert {str(code) for code in SMTP_CODES} <= named


def test_both_pages_say_the_same(root: Path) -> None:
    texts = [(root / page).read_text("utf-8") for page in PAGES]
    for pattern in (r"^## ", r"^\| ", r"```\w+"):
        counts = [len(re.findall(pattern, text, re.M)) for text in texts]
        assert counts[0] == counts[1] > 0
    words = [sorted(re.findall(r"`[^`\n]+`", text)) for text in texts]
    assert words[0] == words[1]


@pytest.mark.parametrize("page", PAGES)
def test_the_example_runs_up_to_where_the_product_must_act(root: Path, page: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (root / page).read_text("utf-8"), re.S)
    before = "\n".join(line for line in example.splitlines() if "answer_as_patient" not in line)
    names: dict[str, object] = {}
    exec(before, names)  # the words of our own page
    assert names["sent"] == names["seen"] == []

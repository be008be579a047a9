"""The page on biology lists every option of the oracle, with its default first, in both languages."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from conformance.cda.lab.options import CHOICES, OracleOptions, with_choices
from conformance.core.errors import UsageError


@pytest.mark.parametrize("page", ["lab.md", "lab.fr.md"])
def test_the_page_lists_every_option_with_its_values(root: Path, page: str) -> None:
    text = (root / "docs" / page).read_text("utf-8")
    for name, (_, values) in CHOICES.items():
        listed = ", ".join(f"`{value}`" for value in values)
        assert f"| `{name}` | {listed} |" in text


def test_the_first_value_of_each_option_is_its_default() -> None:
    assert {name: next(iter(values)) for name, (_, values) in CHOICES.items()} == dataclasses.asdict(OracleOptions())


def test_every_value_can_be_chosen() -> None:
    for name, (_, values) in CHOICES.items():
        for value in values:
            assert getattr(with_choices((f"{name}={value}",)), name) == value


@pytest.mark.parametrize("pair", ["codes", "codes=", "codes=all", "what=ever", ""])
def test_an_unknown_option_is_refused_with_the_list(pair: str) -> None:
    with pytest.raises(UsageError) as refused:
        with_choices((pair,))
    assert "codes=abnormal|resistant|any" in refused.value.hint.fr

"""The sentences of the rules, stored as they were read by a person: a change of one is a change to read again."""

from __future__ import annotations

import os
import re
from pathlib import Path

from conformance.core.language import Language, Text

PLACEHOLDER = re.compile(r"\{(?!pack|tbl|tablet)[a-z_]*\}")
"""What a format left in the air; UCUM has annotations of the same form."""


def demand_as_read(said: list[tuple[str, Text]], folder: Path, language: Language) -> None:
    """Demand that rule ids and their sentences are those of ``folder/<language>.txt``.

    With ``SEGUR_WRITE_SNAPSHOTS=1`` they are written there first.
    """
    now = "".join(f"{rule}\n    {text.in_(language).strip()}\n" for rule, text in said)
    stored = folder / f"{language}.txt"
    if os.environ.get("SEGUR_WRITE_SNAPSHOTS"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(now, encoding="utf-8")
    assert now == stored.read_text(encoding="utf-8")


def demand_whole(said: list[tuple[str, Text]]) -> None:
    """Demand that each sentence exists in both languages, and is not left half made."""
    for rule, text in said:
        assert text.fr != text.en, rule
        for sentence in (text.fr, text.en):
            assert ".." not in sentence.replace("...", ""), rule
            assert not PLACEHOLDER.search(sentence), rule
            assert "  " not in sentence, rule
            assert " ;." not in sentence, rule

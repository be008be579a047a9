"""The sentences of the coherence rules, French and English, as stored in ``sentences/``: read them when they change.

``SEGUR_WRITE_SNAPSHOTS=1 pytest tests/cda/coherence`` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.cda.coherence import COHERENCE
from conformance.cda.proof import demonstrate
from conformance.core.language import Language, Text

STORED = Path(__file__).parent / "sentences"


def sentences() -> list[tuple[str, Text]]:
    said = []
    for template, constraint in COHERENCE.rules():
        shown = demonstrate(template, constraint, COHERENCE)
        assert shown.bad is not None
        breach = next(b for b in COHERENCE.breaches(shown.bad) if b.rule == shown.rule)
        parts = {
            "n": template.name,
            "d": constraint.demand(),
            "f": breach.violation.found,
            "h": constraint.hint or Text("", ""),
        }
        said.append((shown.rule, Text("{n} : {d} ; {f}. {h}", "{n}: {d}; {f}. {h}").format(**parts)))
    return said


SAID = sentences()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sentences_are_those_that_were_read(language: Language) -> None:
    now = "".join(f"{rule}\n    {text.in_(language).strip()}\n" for rule, text in SAID)
    stored = STORED / f"{language}.txt"
    if os.environ.get("SEGUR_WRITE_SNAPSHOTS"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(now, encoding="utf-8")
    assert now == stored.read_text(encoding="utf-8")


def test_no_sentence_is_left_in_one_language() -> None:
    for rule, text in SAID:
        assert text.fr != text.en, rule
        assert ".." not in text.fr + text.en, rule
        assert "{" not in text.fr + text.en, rule

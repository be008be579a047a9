"""The sentences of the coherence rules, French and English, as stored in ``sentences/``: read them when they change.

``SEGUR_WRITE_SNAPSHOTS=1 pytest tests/cda/coherence`` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cda.coherence import COHERENCE
from conformance.cda.proof import demonstrate
from conformance.core.language import Language, Text
from tests.cda.sentences_as_read import demand_as_read, demand_whole

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
    demand_as_read(SAID, STORED, language)


def test_no_sentence_is_left_in_the_other_language_or_in_the_air() -> None:
    demand_whole(SAID)

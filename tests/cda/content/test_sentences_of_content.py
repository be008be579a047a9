"""The sentences of the content rules, French and English, as stored in ``sentences/``: read them when they change.

``SEGUR_WRITE_SNAPSHOTS=1 pytest tests/cda/content`` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cda.content import CONTENT
from conformance.cda.proof import demonstrate
from conformance.cda.volets.vsm import VSM_2022
from conformance.core.language import Language, Text
from tests.cda.sentences_as_read import demand_as_read, demand_whole

STORED = Path(__file__).parent / "sentences"
RULES = CONTENT + VSM_2022


def sentences() -> list[tuple[str, Text]]:
    said = []
    for template, constraint in RULES.rules():
        demonstration = demonstrate(template, constraint, RULES)
        assert demonstration.bad is not None
        breach = next(b for b in RULES.breaches(demonstration.bad) if b.rule == demonstration.rule)
        whole = Text("{n} : {d} ; {f}.", "{n}: {d}; {f}.").format(
            n=template.name, d=constraint.demand(), f=breach.violation.found
        )
        hint = constraint.hint or Text("", "")
        said.append((demonstration.rule, Text(f"{whole.fr} {hint.fr}".strip(), f"{whole.en} {hint.en}".strip())))
    return said


SAID = sentences()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sentences_are_those_that_were_read(language: Language) -> None:
    demand_as_read(SAID, STORED, language)


def test_no_sentence_is_left_in_the_other_language_or_in_the_air() -> None:
    demand_whole(SAID)

"""The sentences of the header, identity, biology and level 1 rules, as stored in ``sentences/``: read them when they change.

``SEGUR_WRITE_SNAPSHOTS=1 pytest tests/cda/test_sentences.py`` writes them anew. The content and coherence rules have
theirs beside their own tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cda.coherence import COHERENCE
from conformance.cda.content import CONTENT
from conformance.cda.volets.vsm import VSM_2022, VSM_2023
from conformance.core.language import Language, Text
from conformance.validation.rulebook import rulebook
from tests.cda.sentences_as_read import demand_as_read, demand_whole

STORED = Path(__file__).parent / "sentences"
ELSEWHERE = {
    template.rule_id(constraint)
    for rules in (CONTENT, VSM_2022, VSM_2023, COHERENCE)
    for template, constraint in rules.rules()
}


def sentences() -> list[tuple[str, Text]]:
    said = []
    for rule, entry in sorted(rulebook().items()):
        if rule in ELSEWHERE:
            continue
        name, demand = entry.template.name, entry.constraint.demand()
        hint = entry.constraint.hint or Text("", "")
        said.append(
            (rule, Text(f"{name.fr} : {demand.fr}. {hint.fr}".strip(), f"{name.en}: {demand.en}. {hint.en}".strip()))
        )
    return said


SAID = sentences()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sentences_are_those_that_were_read(language: Language) -> None:
    demand_as_read(SAID, STORED, language)


def test_no_sentence_is_left_in_the_other_language_or_in_the_air() -> None:
    demand_whole(SAID)

"""Every rule of the laboratory report and of level 1 is silent on its example and fires alone on its counterexample."""

from __future__ import annotations

import pytest

from conformance.cda.level_1 import LEVEL_1
from conformance.cda.proof import Proof, demonstrate
from conformance.cda.rules import RuleSet, Template
from conformance.cda.volets import cr_bio

SETS: dict[str, tuple[tuple[Template, ...], RuleSet]] = {
    "2021.01": (cr_bio.BIOLOGY_2021, cr_bio.CR_BIO_2021),
    "2023.01": (cr_bio.BIOLOGY_2023, cr_bio.CR_BIO_2023),
    "2024.01": (cr_bio.BIOLOGY_2024, cr_bio.CR_BIO_2024),
    "level 1": (LEVEL_1.templates, LEVEL_1),
}


@pytest.mark.parametrize("name", SETS)
def test_every_rule_is_proven_alone(name: str) -> None:
    own, whole = SETS[name]
    shown = [demonstrate(template, constraint, whole) for template in own for constraint in template.constraints]
    assert shown
    assert [(one.rule, str(one.proof), one.fired) for one in shown if one.proof is not Proof.PROVEN] == []


@pytest.mark.parametrize("name", SETS)
def test_every_sentence_is_said_in_both_languages(name: str) -> None:
    for template in SETS[name][0]:
        for constraint in template.constraints:
            for said in (template.name, constraint.demand(), constraint.hint, constraint.beyond):
                assert said is None or (said.fr.strip() and said.en.strip()), template.rule_id(constraint)
            assert constraint.demand().fr != constraint.demand().en, template.rule_id(constraint)


@pytest.mark.parametrize("name", SETS)
def test_every_rule_cites_an_official_rule_or_says_why_it_goes_beyond(name: str) -> None:
    for template in SETS[name][0]:
        for constraint in template.constraints:
            assert constraint.official or constraint.beyond, template.rule_id(constraint)

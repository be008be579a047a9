"""Every header rule proves itself: silent on a valid header, alone to fire on its counterexample."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.cda.header import HEADER
from conformance.cda.header.example import EXAMPLE, LEVEL_1_EXAMPLE
from conformance.cda.proof import Proof, demonstrate_all
from conformance.core.findings import Severity


def test_every_rule_fires_alone_on_its_counterexample() -> None:
    not_proven = {d.rule: (d.proof, d.fired) for d in demonstrate_all(HEADER) if d.proof is not Proof.PROVEN}
    assert not_proven == {}


@pytest.mark.parametrize("example", [EXAMPLE, LEVEL_1_EXAMPLE], ids=["structured", "not structured"])
def test_the_examples_break_no_rule(example: str) -> None:
    assert [breach.rule for breach in HEADER.breaches(etree.fromstring(example.encode()))] == []


def test_every_rule_that_is_not_official_says_why() -> None:
    silent = [
        template.rule_id(constraint)
        for template, constraint in HEADER.rules()
        if not constraint.official and constraint.beyond is None
    ]
    assert silent == []


@pytest.mark.parametrize("code", ["G15_35", "G15_39"])
def test_a_withdrawn_profession_that_the_official_rules_still_list_is_refused_as_beyond(code: str) -> None:
    document = etree.fromstring(EXAMPLE.encode())
    for profession in document.iter("{*}code"):
        if profession.get("codeSystem") == "1.2.250.1.213.1.1.4.5":
            profession.set("code", code)
            profession.set("displayName", "Aide-soignant")
    valid = [one.rule for one in HEADER.breaches(document) if one.constraint.severity is Severity.ERROR]
    assert valid == []  # the document is of 2024, before the withdrawal
    document.find("{*}effectiveTime").set("value", "20260611101500+0200")
    errors = [one for one in HEADER.breaches(document) if one.constraint.severity is Severity.ERROR]
    assert errors
    assert all(one.constraint.beyond is not None for one in errors)


def test_a_label_that_is_not_that_of_the_code_is_a_warning() -> None:
    document = etree.fromstring(EXAMPLE.replace('displayName="Normal"', 'displayName="Restreint"').encode())
    (breach,) = HEADER.breaches(document)
    assert (breach.rule, breach.constraint.severity) == ("header.document.confidentialityCode.same-label", "warning")
    assert "Normal" in breach.violation.found.fr


def test_an_attestation_that_is_not_signed_goes_beyond_the_official_rules() -> None:
    document = etree.fromstring(EXAMPLE.encode())
    for signature in document.iterfind("{*}authenticator/{*}signatureCode"):
        signature.set("code", "X")
    assert [breach.constraint.beyond is not None for breach in HEADER.breaches(document)] == [True]

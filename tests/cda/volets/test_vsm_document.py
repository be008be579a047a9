"""The VSM's own rules: what the official ones ask, and the two that they ask and never check."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from conformance.cda.content import CONTENT
from conformance.cda.namespaces import HL7
from conformance.cda.proof import Proof, demonstrate
from conformance.cda.rules import RuleSet
from conformance.cda.volets.vsm import VSM_2022, VSM_2023
from conformance.cda.volets.vsm_example import DOCUMENT

GOOD = etree.fromstring(DOCUMENT.encode())
H = {"h": HL7}


def fired(alter: Callable[[etree._Element], None], rules: RuleSet = VSM_2022) -> list[str]:
    root = copy.deepcopy(GOOD)
    alter(root)
    return [breach.rule.partition(".")[2].partition(".")[2] for breach in rules.breaches(root)]


def first(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path, H)
    assert found is not None
    return found


@pytest.mark.parametrize("document", [VSM_2022, VSM_2023], ids=["2022.01", "2023.01"])
def test_every_rule_of_the_volet_fires_alone_with_the_content_rules_on(document: RuleSet) -> None:
    together = CONTENT + document
    proofs = {c.name: demonstrate(template, c, together).proof for template, c in document.rules()}
    assert set(proofs.values()) == {Proof.PROVEN}, proofs


def test_the_smallest_body_is_four_sections_of_text_in_their_container() -> None:
    assert fired(lambda root: None, CONTENT + VSM_2022) == []


def test_a_vsm_without_treating_doctor_is_refused() -> None:
    def forget(root: etree._Element) -> None:
        root.remove(first(root, "h:participant"))

    assert fired(forget) == ["treating-doctor"]


def test_a_treating_doctor_under_another_function_is_refused() -> None:
    assert fired(lambda root: first(root, "h:participant/h:functionCode").set("code", "ATTPHYS")) == ["treating-doctor"]


def test_two_treating_doctors_are_one_too_many() -> None:
    def twice(root: etree._Element) -> None:
        doctor = first(root, "h:participant")
        doctor.addnext(copy.deepcopy(doctor))

    assert fired(twice) == ["treating-doctor"]


@pytest.mark.parametrize("label", ["Médecin Traitant", "MÉDECIN TRAITANT", "Médecin  traitant"])
def test_case_and_spaces_of_a_label_are_no_error(label: str) -> None:
    assert fired(lambda root: first(root, "h:participant/h:functionCode").set("displayName", label)) == []


def test_another_label_is_an_error() -> None:
    def rename(root: etree._Element) -> None:
        first(root, "h:participant/h:functionCode").set("displayName", "Cardiologue")

    assert fired(rename) == ["treating-doctor"]


def test_the_version_of_2023_asks_for_no_treating_doctor() -> None:
    assert fired(lambda root: root.remove(first(root, "h:participant")), VSM_2023) == []


@pytest.mark.parametrize("rules", [VSM_2022, VSM_2023], ids=["2022.01", "2023.01"])
def test_another_documented_act_is_refused(rules: RuleSet) -> None:
    code = "h:documentationOf/h:serviceEvent/h:code"
    assert fired(lambda root: first(root, code).set("code", "11502-2"), rules) == ["documented-act"]


def test_one_right_documented_act_among_several_is_enough() -> None:
    def another(root: etree._Element) -> None:
        event = first(root, "h:documentationOf")
        other = copy.deepcopy(event)
        first(other, "h:serviceEvent/h:code").set("code", "11502-2")
        event.addprevious(other)

    assert fired(another) == []


def test_rules_that_the_official_ones_never_check_say_so() -> None:
    beyond = {c.name for _, c in VSM_2022.rules() if c.beyond is not None}
    assert beyond == {"treating-doctor", "documented-act"}

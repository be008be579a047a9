"""What the published documents hold: the keys that are wrong there are known one by one.

They are why a wrong key of a professional or of a structure is only a warning by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from conformance.identity.ins import INS_ROOTS, matricule_problems
from conformance.identity.organisation import STRUCTURE_ROOT, structure_id_problems
from conformance.identity.problems import Problem, codes
from conformance.identity.professional import PS_ROOT, professional_id_problems

PREFIXES = ("VSM", "BIO-CR-BIO", "DOC_NON_STRUCTURE", "eP-MED-DM")
"""The documents whose content the kit checks in full."""


def identifiers(folder: Path, roots: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.glob("*.xml")):
        for element in etree.parse(path, etree.XMLParser(huge_tree=True)).iter("{urn:hl7-org:v3}id"):
            if element.get("root") in roots and element.get("extension"):
                yield path.name, element.get("root"), element.get("extension")


@pytest.fixture(scope="module")
def documents(shared: Path) -> Path:
    return shared / "corpus" / "documents"


def test_only_two_documents_have_a_matricule_with_a_wrong_key(documents: Path) -> None:
    wrong = {
        (name, text) for name, root, text in identifiers(documents, INS_ROOTS) if matricule_problems(text, root) != []
    }
    assert wrong == {("CSE-CS8_2025.01.xml", "221042545611404"), ("VAC_2023.01.xml", "276059205062865")}


def test_no_matricule_of_a_document_checked_in_full_has_a_problem(documents: Path) -> None:
    found = [item for item in identifiers(documents, INS_ROOTS) if item[0].startswith(PREFIXES)]
    assert len(found) > len(PREFIXES)
    assert [item for item in found if matricule_problems(item[2], item[1])] == []


def errors(problems: list[Problem]) -> set[str]:
    return {problem.code for problem in problems if problem.severity == "error"}


def test_no_identifier_of_a_professional_or_structure_is_an_error(documents: Path) -> None:
    for name, root, text in identifiers(documents, (PS_ROOT, STRUCTURE_ROOT)):
        problems = professional_id_problems(text) if root == PS_ROOT else structure_id_problems(text)
        assert errors(problems) == set(), (name, text)


def test_most_numbers_of_professionals_are_made_up(documents: Path) -> None:
    numbers = {text for _, _, text in identifiers(documents, (PS_ROOT,))}
    wrong = {text for text in numbers if "professional.wrong-key" in codes(professional_id_problems(text))}
    assert (len(numbers), len(wrong)) == (18, 14)

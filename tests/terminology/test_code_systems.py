"""Names of the code systems."""

from __future__ import annotations

from conformance.terminology import code_systems
from conformance.terminology.value_sets import all_value_sets

CONSTANTS = {name: oid for name, oid in vars(code_systems).items() if name.isupper() and not name.startswith("_")}


def test_every_constant_has_a_name_to_show() -> None:
    assert [name for name, oid in CONSTANTS.items() if not code_systems.name_of(oid)] == []


def test_no_oid_stands_under_two_constants() -> None:
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


def test_a_system_without_a_name_is_shown_by_its_oid() -> None:
    assert code_systems.name_of("2.999") is None
    assert code_systems.named("2.999") == "2.999"
    assert code_systems.named(code_systems.LOINC) == "LOINC (2.16.840.1.113883.6.1)"


def test_most_listed_codes_are_in_a_system_that_the_kit_can_name() -> None:
    systems = [concept.system for one in all_value_sets() for concept in one.concepts.values()]
    unnamed = {system for system in systems if system and not code_systems.name_of(system)}
    assert sum(system in unnamed for system in systems) < len(systems) / 20

"""The book of rules: whatever a check can emit is in it, once, and is explained in both languages."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.explain import command as explain
from conformance.cli.rules import command as rules
from conformance.core.language import Language, choose_language
from conformance.exchange import checks
from conformance.harness.catalogue import catalogue
from conformance.resources import data_folder
from conformance.validation import dmp
from conformance.validation.envelope_rules import envelope_rules
from conformance.validation.layers import RULE_LAYERS
from conformance.validation.refusals import all_refusals
from conformance.validation.rulebook import closest, entry_of, rulebook

SOURCE = Path(checks.__file__).resolve().parents[2]
READERS = {
    "cda/reading.py": ("decoding", "metadata", "dmp-transport.soap"),
    "validation/pipeline.py": ("",),
    "validation/structure.py": ("structure",),
    "exchange/xdm.py": ("archive",),
    "exchange/mail.py": ("mail",),
    "exchange/mtom.py": ("dmp-transport.mtom",),
    "exchange/dmp/captured.py": ("dmp-transport.captured",),
}
"""Where findings that are no rules are made, and what stands before their code."""
MAKERS = {"_error", "_remark", "_Fault", "_finding", "_note_child", "Finding"}
ONLY_OF_DOCUMENTS = {"contradictory-encoding", "not-utf-8", "not-a-clinical-document"}
"""Remarks about a document that is read all the same: no other reader makes them."""


def raised() -> Iterator[str]:
    """The identifiers of the findings that readers can make, from the code that makes them."""
    for name, prefixes in READERS.items():
        tree = ast.parse((SOURCE / name).read_text("utf-8"))
        codes = {code for node in ast.walk(tree) for code in _codes(node)}
        if name == "cda/reading.py":
            codes |= {"pdf", "zip", "json"}  # from its table of signatures
        for prefix in prefixes:
            kept = codes if prefix in ("", "decoding", "structure") else codes - ONLY_OF_DOCUMENTS
            yield from (f"{prefix}.{code}".removeprefix(".") for code in kept)
    yield "dmp-transport.soap.no-envelope"
    yield from (f"{layer}.too-many" for layer in RULE_LAYERS)


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in MAKERS:
            yield str(node.args[0].value)


def test_everything_that_a_check_can_say_is_in_the_book_once() -> None:
    emitted = [rule.key for rule in (*checks.all_rules(), *dmp.all_rules(), *all_refusals())]
    assert [key for key, times in Counter([*emitted, *rulebook()]).items() if times > 1] == []
    assert set(emitted) == set(envelope_rules())


def test_every_refusal_of_the_readers_is_in_the_book() -> None:
    assert {rule.key for rule in all_refusals()} == set(raised())


def test_every_rule_on_what_travels_has_the_finding_of_its_counterexample() -> None:
    found = json.loads((data_folder("fixtures") / "rules" / "findings.json").read_text("utf-8"))
    assert {rule.key for rule in (*checks.all_rules(), *dmp.all_rules())} <= set(found) <= set(envelope_rules())
    assert all(said["fr"] != said["en"] for said in found.values())


@pytest.mark.parametrize("spoken", ["fr", "en"])
def test_every_rule_on_what_travels_is_explained(spoken: Language) -> None:
    choose_language(spoken)
    try:
        for key, entry in envelope_rules().items():
            said = CliRunner().invoke(explain, [key], standalone_mode=False, catch_exceptions=False).output
            for part in (key, str(entry.demand), entry.source, *entry.requirements, str(entry.finding or "")):
                assert part in said, key
    finally:
        choose_language(None)


def test_the_rules_of_one_layer_are_listed_for_machines_with_their_words() -> None:
    done = CliRunner().invoke(rules, ["--layer", "mail", "--format", "json"], standalone_mode=False)
    listed = json.loads(done.output)
    assert {one["layer"] for one in listed} == {"mail"}
    assert {"mail.subject", "mail.too-nested"} <= {one["id"] for one in listed}
    assert all(one["demand"] and one["source"] and one["trust"] for one in listed)


def test_the_requirements_of_every_rule_are_in_the_catalogue() -> None:
    known = {each.id for each in catalogue()}
    assert {one for entry in envelope_rules().values() for one in entry.requirements} <= known


def test_neighbours_are_looked_for_among_all_rules() -> None:
    assert "mail.x-mss-nil" in closest("x-mss-nil")
    assert entry_of("mail.x-mss-nothing") is None

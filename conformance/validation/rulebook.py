"""All the rules of the kit in one book: which documents each is for, what it asks, how it is proven.

One rule of several kinds of document is one entry, in the words of the first kind of ``KINDS`` that has it. Behind
``segur rules`` and ``segur explain``. Rules that are data prove themselves (``rulebook``); those on what travels, and
what readers refuse, are code (``envelope_rules``).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, Protocol

from conformance.cda import kinds
from conformance.cda.kinds import DocumentType
from conformance.cda.proof import Demonstration, Proof, demonstrate
from conformance.cda.rules import Constraint, RuleSet, Template
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text
from conformance.validation.envelope_rules import envelope_rules
from conformance.validation.layers import rule_sets

KINDS: Final[tuple[DocumentType, ...]] = (
    kinds.VSM_2022, kinds.VSM_2023, kinds.CR_BIO_2024, kinds.CR_BIO_2023, kinds.CR_BIO_2021, kinds.LEVEL_1, kinds.OTHER,
)  # fmt: skip
"""The kinds of document that have rules; the versions that are most in use come first."""


class BookEntry(Protocol):
    """What the book says of any rule."""

    @property
    def id(self) -> str:
        """The stable identifier."""

    @property
    def severity(self) -> Severity:
        """How grave a breach is."""

    @property
    def layer(self) -> str:
        """The layer that speaks."""

    @property
    def group(self) -> str:
        """What the list is divided by."""

    @property
    def oid(self) -> str:
        """The OID of the template, empty without one."""

    @property
    def name(self) -> Text:
        """What the rule is about."""

    @property
    def demand(self) -> Text:
        """What it asks."""

    @property
    def hint(self) -> Text | None:
        """What to do."""

    @property
    def source(self) -> str:
        """The text behind it."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements of the catalogue that it serves."""

    @property
    def trust(self) -> Trust:
        """How far the fact behind it can be trusted."""

    @property
    def official(self) -> str:
        """The official rule that it takes up, empty without one."""

    @property
    def beyond(self) -> Text | None:
        """Why it goes beyond the official rules."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of file that it is for."""


def to_json(entry: BookEntry) -> dict[str, Any]:
    """An entry as ``segur rules --format json`` gives it, in the current language."""
    return {
        "id": entry.id,
        "severity": str(entry.severity),
        "layer": entry.layer,
        "template": entry.group,
        "template_oid": entry.oid or None,
        "name": str(entry.name),
        "demand": str(entry.demand),
        "hint": str(entry.hint) if entry.hint else None,
        "source": entry.source,
        "requirements": list(entry.requirements),
        "trust": str(entry.trust),
        "official": entry.official or None,
        "beyond_official": str(entry.beyond) if entry.beyond else None,
        "kinds": list(entry.kinds),
    }


@dataclass(frozen=True)
class Entry:
    """One rule. ``rules`` is the set within which its example is valid; ``kinds`` the keys of its documents.

    ``others`` are the same rule in the sets of other kinds of document.
    """

    template: Template
    constraint: Constraint
    rules: RuleSet = field(repr=False)
    kinds: tuple[str, ...] = ()
    others: tuple[tuple[Template, Constraint, RuleSet], ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """The stable identifier."""
        return self.template.rule_id(self.constraint)

    @property
    def severity(self) -> Severity:
        """How grave a breach is."""
        return self.constraint.severity

    @property
    def layer(self) -> str:
        """The layer that speaks."""
        return self.template.layer

    @property
    def group(self) -> str:
        """The template."""
        return self.template.key

    @property
    def oid(self) -> str:
        """The OID of the template, empty without one."""
        return self.template.oid

    @property
    def name(self) -> Text:
        """What the rule is about."""
        return self.template.name

    @property
    def demand(self) -> Text:
        """What it asks."""
        return self.constraint.demand()

    @property
    def hint(self) -> Text | None:
        """What to do."""
        return self.constraint.hint

    @property
    def official(self) -> str:
        """The official rule that it takes up, empty without one."""
        return self.constraint.official or ""

    @property
    def beyond(self) -> Text | None:
        """Why it goes beyond the official rules."""
        return self.constraint.beyond

    @property
    def trust(self) -> Trust:
        """How far the fact behind the rule can be trusted."""
        return self.constraint.trust or self.template.trust

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements of the catalogue that the rule serves."""
        return self.constraint.requirements or self.template.requirements

    @property
    def source(self) -> str:
        """The text behind the rule."""
        return self.constraint.source or self.template.source

    def demonstration(self) -> Demonstration:
        """The rule on its good example and on its counterexample."""
        return demonstrate(self.template, self.constraint, self.rules)

    def proof(self) -> Proof:
        """How far the rule is proven: alone on its counterexample, and firing too in the sets of the other kinds.

        There another rule may speak with it: a laboratory report asks more of the same element.
        """
        first = self.demonstration().proof
        for template, constraint, rules in self.others:
            if first is Proof.PROVEN:
                other = demonstrate(template, constraint, rules).proof
                first = first if other is Proof.NOT_ALONE else other
        return first


@cache
def rulebook() -> dict[str, Entry]:
    """Every rule on documents by its identifier, in the order of the documents and of their templates."""
    found: dict[str, Entry] = {}
    for kind in KINDS:
        for rules in rule_sets(kind):
            for template, constraint in rules.rules():
                rule = template.rule_id(constraint)
                found[rule] = _with_kind(found.get(rule), Entry(template, constraint, rules), kind.key)
    return found


def _with_kind(known: Entry | None, entry: Entry, kind: str) -> Entry:
    if known is None:
        return replace(entry, kinds=(kind,))
    seen = any(rules is entry.rules for rules in (known.rules, *(rules for _, _, rules in known.others)))
    others = known.others if seen else (*known.others, (entry.template, entry.constraint, entry.rules))
    return replace(known, kinds=(*known.kinds, kind), others=others)


def entry_of(rule: str) -> BookEntry | None:
    """The entry of a rule of any sort; ``None`` when there is none."""
    return rulebook().get(rule) or envelope_rules().get(rule)


def closest(rule: str, most: int = 3) -> list[str]:
    """The identifiers that look like ``rule``: those that hold it, else those that are written almost the same."""
    known = [*rulebook(), *envelope_rules()]
    holding = [one for one in known if rule.lower() in one.lower()]
    return (holding or difflib.get_close_matches(rule, known, most, 0.5))[:most]


@dataclass(frozen=True, slots=True)
class Share:
    """How many rules of a template are proven, of how many; ``missing`` are the others, with what was seen."""

    template: str
    name: Text
    proven: int
    total: int
    missing: tuple[tuple[str, Proof], ...] = ()


def shares(wanted: list[Entry]) -> list[Share]:
    """The share proven, template by template."""
    by_template: dict[str, list[Entry]] = {}
    for entry in wanted:
        by_template.setdefault(entry.template.key, []).append(entry)
    return [_share(entries) for entries in by_template.values()]


def _share(entries: list[Entry]) -> Share:
    shown = [(entry.id, entry.proof()) for entry in entries]
    missing = tuple((rule, proof) for rule, proof in shown if proof is not Proof.PROVEN)
    template = entries[0].template
    return Share(template.key, template.name, len(shown) - len(missing), len(shown), missing)

"""Gives each pattern its own values where several would share a name.

By the standard a value of a pattern is known in that pattern alone. The reference implementation makes all of
them global, and does not load when two have one name, as two patterns made from the same abstract one do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from conformance.validation.packs.model import Assertion, Item, Let, Pattern, Rule, Schema
from conformance.validation.packs.xpath import bound_variables, tokens


def with_own_values(schema: Schema) -> list[Pattern]:
    """The patterns of ``schema``; a value whose name another active pattern or the schema has too gets a name of its own."""
    active = schema.active
    counts = Counter(let.name for let in schema.lets)
    for pattern in active:
        counts.update({let.name for let in pattern.lets})
    shared = {name for name, count in counts.items() if count > 1}
    taken = set(counts)
    patterns = []
    for pattern in schema.patterns:
        mine = [let.name for let in pattern.lets if let.name in shared]
        if mine and any(pattern is one for one in active):
            new: dict[str, str] = {}
            for name in mine:
                new[name] = _free(name, taken)
                taken.add(new[name])
            pattern = _renamed(pattern, new)
        patterns.append(pattern)
    return patterns


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}.{number}" in taken:
        number += 1
    return f"{name}.{number}"


def _renamed(pattern: Pattern, new: dict[str, str]) -> Pattern:
    lets = tuple(replace(let, name=new.get(let.name, let.name), value=_fill(let.value, new)) for let in pattern.lets)
    return replace(pattern, lets=lets, rules=tuple(_in_rule(rule, new) for rule in pattern.rules))


def _in_rule(rule: Rule, new: dict[str, str]) -> Rule:
    known = dict(new)
    items: list[Item] = []
    for item in rule.items:
        if isinstance(item, Let):
            items.append(replace(item, value=_fill(item.value, known)))
            known.pop(item.name, None)  # from here on the name means the rule's own
        elif isinstance(item, Assertion):
            message = tuple(replace(p, text=_fill(p.text, known)) if p.is_expression else p for p in item.message)
            items.append(replace(item, test=_fill(item.test, known), message=message))
        else:
            items.append(item)
    return replace(rule, context=_fill(rule.context, new), items=tuple(items))


def _fill(expression: str, new: dict[str, str]) -> str:
    if "$" not in expression:
        return expression
    own = bound_variables(expression)
    out = []
    for token in tokens(expression):
        name = token.text[1:].strip()
        renamed = token.kind == "variable" and name in new and name not in own
        out.append(f"${new[name]}" if renamed else token.text)
    return "".join(out)

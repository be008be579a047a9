"""Which context takes the nodes of which: what shows the rules of a pattern that can never fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.validation.packs.contexts import (
    ANY,
    NotUnderstood,
    Parser,
    Step,
    outermost,
    split,
    without_parentheses,
)
from conformance.validation.packs.xpath import Token, significant, string_value


@dataclass(frozen=True, slots=True)
class Shape:
    """One step of an alternative, for comparison: ``positional`` when one of its predicates counts positions."""

    separator: str
    name: str
    predicates: frozenset[str]
    positional: bool


def shapes(context: str, namespaces: Mapping[str, str]) -> list[list[Shape]]:
    """The alternatives of a context as ``covers`` compares them."""
    found: list[list[Shape]] = []
    for part in split(significant(context), ("|", "union")):
        try:
            found.append([_shape(step) for step in Parser(part, namespaces).steps()])
        except (NotUnderstood, RecursionError):  # equal words still match equal nodes
            found.append([Shape("//", "", frozenset({_words(part)}), False)])
    return found


def covers(wider: list[list[Shape]], narrower: list[list[Shape]]) -> bool:
    """Whether everything that the context ``narrower`` matches is matched by ``wider`` too, as far as can be told.

    A yes is certain; a no is not (``[count(a) = 2]`` is not seen to be narrower than ``[a]``).
    """
    return bool(narrower) and all(any(_covers(one, other) for one in wider) for other in narrower)


def never_visited(context: str) -> bool:
    """Whether every alternative of a context gives attributes or texts, which the reference implementation passes by."""
    parts = split(significant(context), ("|", "union"))
    return all(_of_attributes_or_texts(list(outermost(part))) for part in parts)


def _of_attributes_or_texts(tokens: list[Token]) -> bool:
    steps = split(tokens, ("/", "//"))
    last = [token.text for token in steps[-1]]
    return (
        last[:1] == ["@"] or last[:2] == ["attribute", "::"] or (last[:1] in (["text"], ["attribute"]) and ")" in last)
    )


def _shape(step: Step) -> Shape:
    positional = False
    parts: set[str] = set()
    for predicate in step.predicates:
        texts = {token.text for token in predicate}
        if {"position", "last"} & texts or (len(predicate) == 1 and predicate[0].kind == "number"):
            positional = True
        bare = without_parentheses(predicate)
        parts |= {_words(part) for part in split(bare, ("and",))} if len(split(bare, ("or",))) == 1 else {_words(bare)}
    return Shape(step.separator, step.name, frozenset(parts), positional)


def _words(tokens: Sequence[Token]) -> str:
    return " ".join(
        f"'{string_value(t.text)}'" if t.kind == "string" else t.text for t in without_parentheses(list(tokens))
    )


def _covers(wide: list[Shape], narrow: list[Shape]) -> bool:
    if len(wide) > len(narrow):
        return False
    tail = narrow[len(narrow) - len(wide) :]
    for position, (one, other) in enumerate(zip(wide, tail, strict=True)):
        if not _name_covers(one.name, other.name):
            return False
        if not all(any(_implies(given, asked) for given in other.predicates) for asked in one.predicates):
            return False
        if (one.positional or other.positional) and one.predicates != other.predicates:
            return False
        if position == 0:
            if one.separator == "/" and not (len(wide) == len(narrow) and other.separator == "/"):
                return False
        elif one.separator == "/" and other.separator != "/":
            return False
    return True


def _name_covers(wide: str, narrow: str) -> bool:
    if wide == narrow or not narrow or narrow == "/":
        return wide == narrow
    if wide.startswith("*:"):
        return "*" not in narrow and narrow.rpartition("}")[2] == wide[2:]
    return wide == ANY or (wide.endswith("}*") and narrow.startswith(wide[:-1]))


_COMPARISONS = ("=", "!=", "<", ">", "<=", ">=", "eq", "ne", "lt", "gt", "le", "ge")


def _implies(given: str, asked: str) -> bool:
    """Whether a node that passes the predicate ``given`` passes ``asked``, as far as can be told."""
    if given == asked:
        return True
    one, other = significant(given), significant(asked)
    choices = split(one, ("or",))
    if len(choices) > 1:
        return all(any(_implies(_words(p), asked) for p in split(without_parentheses(c), ("and",))) for c in choices)
    if len(split(other, ("or",))) > 1:
        return any(
            all(_implies(given, _words(part)) for part in split(without_parentheses(choice), ("and",)))
            for choice in split(other, ("or",))
        )
    # A comparison that holds, or a longer path that leads somewhere: the nodes that it begins with are there.
    if not _is_path(other):
        return False
    sides = split(one, _COMPARISONS)
    if len(sides) == 2:
        return any(_words(side) == asked for side in sides)
    return _is_path(list(outermost(one))) and given.startswith((f"{asked} / ", f"{asked} [ "))


_NOT_STEPS = frozenset(
    (
        "and",
        "or",
        "union",
        "intersect",
        "except",
        "is",
        "to",
        "div",
        "idiv",
        "mod",
        "cast",
        "castable",
        "treat",
        "instance",
    )
)


def _is_path(tokens: Sequence[Token]) -> bool:
    """Whether these are names and steps alone: a test of being there."""
    steps = ("/", "//", "@", ".", "..", "*", "::", "]")
    return all((t.kind == "name" and t.text not in _NOT_STEPS) or t.text in steps for t in tokens)

"""Shows where the context of a rule cannot be evaluated.

A pattern that fails on a node matches nothing there, and the engine says nothing: the rule would be left out
unseen. What could fail is therefore evaluated once more, as an expression whose failure can be caught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.validation.packs.contexts import NotUnderstood, Parser, split
from conformance.validation.packs.xpath import Token, significant

_NEVER_FAIL: Final = "not exists empty true false count position last boolean and or union"
_NODE_TESTS: Final = "text node comment processing-instruction element attribute document-node"
_SAFE: Final = frozenset(f"{_NEVER_FAIL} {_NODE_TESTS}".split())
_STRINGS: Final = "name local-name namespace-uri string normalize-space starts-with ends-with contains concat"
_OF_STRINGS: Final = frozenset(_STRINGS.split())
"""Functions that fail only when one of their arguments is several nodes."""

_OPERATORS: Final = "eq ne lt le gt ge div idiv mod to cast castable treat instance if some every for let"
_FALLIBLE: Final = frozenset(_OPERATORS.split())
_SYMBOLS: Final = frozenset(("+", "-", "=>", "!", "||", "{"))


@dataclass(frozen=True, slots=True)
class Probe:
    """Expressions that fail when the evaluation of a context does.

    ``whole`` gives all that one alternative matches. ``near`` gives the nodes that it could match by their names
    alone, and ``own`` is what it asks of each; both are empty when the alternative is not understood.
    """

    whole: str
    near: str = ""
    own: str = ""


def probes(context: str, namespaces: Mapping[str, str]) -> list[Probe]:
    """A probe for each alternative of ``context`` whose evaluation may fail."""
    return [_probe(part, namespaces) for part in split(significant(context), ("|", "union")) if _may_fail(part)]


def _probe(part: list[Token], namespaces: Mapping[str, str]) -> Probe:
    text = " ".join(token.text for token in part)
    try:
        steps = list(Parser(part, namespaces).steps())
    except (NotUnderstood, RecursionError):
        rooted = part[0].kind == "variable" or part[0].text in ("/", "//", ".", "key", "id", "doc", "document")
        return Probe(text if rooted else f"//{text}")
    names = "".join(step.separator + step.text for step in steps)
    own = "".join(f"[{' '.join(token.text for token in predicate)}]" for predicate in steps[-1].predicates)
    return Probe(text if part[0].text in ("/", "//") else f"//{text}", names, f".{own}" if own else "")


def _may_fail(tokens: Sequence[Token]) -> bool:
    """Whether the evaluation of a pattern could fail on some document; a no is certain."""
    for position, token in enumerate(tokens):
        after = tokens[position + 1].text if position + 1 < len(tokens) else ""
        before = tokens[position - 1].text if position else ""
        if token.kind == "variable" or (token.kind == "symbol" and token.text in _SYMBOLS):
            return True
        if token.kind == "number" and (before, after) != ("[", "]"):
            return True
        if token.kind == "name" and token.text in _FALLIBLE and before not in ("/", "//", "@", "[", "::", ""):
            return True
        if token.kind != "name" or after != "(" or token.text in _SAFE:
            continue
        if token.text not in _OF_STRINGS or not _of_single_strings(tokens[position + 2 :]):
            return True
    return False


def _of_single_strings(tokens: Sequence[Token]) -> bool:
    """Whether the arguments that begin here are texts, ``.`` or attributes: never two nodes for one."""
    for position, token in enumerate(tokens):
        if token.text == ")":
            return True
        single = token.kind == "string" or token.text in (",", ".", "@")
        if not single and not (token.kind == "name" and position and tokens[position - 1].text == "@"):
            return False
    return False

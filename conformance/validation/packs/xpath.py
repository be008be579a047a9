"""XPath expressions of a schematron: their tokens, which functions they call, which variables they use.

A pack is somebody else's code. Before an expression reaches the engine, every function that it calls is
looked up in a closed list: an expression that could reach a file, the network or the environment is
refused, and access to documents goes through a function of ours that knows the pack's files only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, NamedTuple

Kind = Literal["string", "number", "variable", "name", "symbol", "space", "comment", "other"]

FUNCTIONS: Final = "http://www.w3.org/2005/xpath-functions"
XML_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema"
OURS: Final = "urn:segur-conformance:rule-packs"
"""The namespace of the functions that stand in for those which load documents."""
_SAFE_NAMESPACES: Final = (XML_SCHEMA, OURS, *(f"{FUNCTIONS}/{part}" for part in ("math", "map", "array")))

DOCUMENT_FUNCTIONS: Final = frozenset({"doc", "document", "doc-available"})
"""Functions that load documents: each call is handed to our own, limited to the files of the pack."""

_NAME = r"[^\W\d][\w.\-·]*"
_TOKEN: Final = re.compile(
    rf"""(?P<string>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<variable>\$\s*{_NAME}(?::{_NAME})?)
    |(?P<name>Q\{{[^{{}}]*\}}{_NAME}|\*:{_NAME}|{_NAME}:\*|{_NAME}(?::(?!:){_NAME})?)
    |(?P<symbol>//|::|:=|!=|<=|>=|<<|>>|\|\||=>|\.\.|[^\s\w])
    |(?P<space>\s+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_KEYWORDS: Final = (
    "if and or div idiv mod eq ne lt le gt ge is to union intersect except in return then else satisfies as of "
    "instance cast castable treat for some every let typeswitch switch "
    "node text comment processing-instruction element attribute document-node item schema-element "
    "schema-attribute empty-sequence namespace-node map array function"
)
_NOT_FUNCTIONS: Final = frozenset(_KEYWORDS.split())
"""Words that may stand before a parenthesis without being the name of a function."""

_HARMLESS: Final = """abs adjust-date-to-timezone adjust-dateTime-to-timezone adjust-time-to-timezone apply avg base-uri boolean
    ceiling codepoint-equal codepoints-to-string compare concat contains contains-token count current current-date
    current-dateTime current-time dateTime data day-from-date day-from-dateTime days-from-duration deep-equal
    default-collation distinct-values document-uri element-with-id empty encode-for-uri ends-with error
    escape-html-uri exactly-one exists false filter floor fold-left fold-right for-each for-each-pair format-date
    format-dateTime format-integer format-number format-time function-arity function-name generate-id has-children
    head hours-from-dateTime hours-from-duration hours-from-time id idref implicit-timezone in-scope-prefixes
    index-of innermost insert-before iri-to-uri key lang last local-name local-name-from-QName lower-case matches
    max min minutes-from-dateTime minutes-from-duration minutes-from-time month-from-date month-from-dateTime
    months-from-duration name namespace-uri namespace-uri-for-prefix namespace-uri-from-QName nilled node-name
    normalize-space normalize-unicode not number one-or-more outermost parse-ietf-date path position
    prefix-from-QName QName remove replace resolve-QName resolve-uri reverse root round round-half-to-even
    seconds-from-dateTime seconds-from-duration seconds-from-time sort starts-with static-base-uri string
    string-join string-length string-to-codepoints subsequence substring substring-after substring-before sum tail
    timezone-from-date timezone-from-dateTime timezone-from-time tokenize trace translate true unordered
    upper-case year-from-date year-from-dateTime years-from-duration zero-or-one
    analyze-string collation-key current-group current-grouping-key default-language element-available
    function-available json-to-xml parse-json parse-xml parse-xml-fragment random-number-generator regex-group serialize
    type-available xml-to-json"""
_SAFE_FUNCTIONS: Final = frozenset(_HARMLESS.split())


class Token(NamedTuple):
    """A piece of an expression: its kind and its text."""

    kind: Kind
    text: str


class RefusedExpression(ValueError):
    """The expression calls what a rule pack may not call; ``args[0]`` is the name of it."""


def tokens(expression: str) -> Iterator[Token]:
    """The tokens of ``expression``, spaces and comments included: their texts joined give it back."""
    position = 0
    while position < len(expression):
        # Up to the next comment the pattern reads at the speed of C; "(:" in a string is no comment, and is rare.
        for found in _TOKEN.finditer(expression, position):
            if found.group() == "(" and expression.startswith("(:", found.start()):
                break
            yield Token(found.lastgroup, found.group())  # type: ignore[arg-type]  # the groups are named after the kinds
            position = found.end()
        if position < len(expression):
            end = _end_of_comment(expression, position)
            yield Token("comment", expression[position:end])
            position = end


def _end_of_comment(expression: str, start: int) -> int:
    depth, position = 1, start + 2
    while position < len(expression) and depth:
        if expression.startswith("(:", position):
            depth, position = depth + 1, position + 2
        elif expression.startswith(":)", position):
            depth, position = depth - 1, position + 2
        else:
            position += 1
    return position


def significant(expression: str) -> list[Token]:
    """The tokens without spaces and comments."""
    return [token for token in tokens(expression) if token.kind not in ("space", "comment")]


@lru_cache(maxsize=20_000)  # the same expressions come back with every rule that extends the same one
def variables(expression: str) -> frozenset[str]:
    """The names of the variables that ``expression`` mentions (those that it binds itself included)."""
    if "$" not in expression:
        return frozenset()
    return frozenset(_name_of(token) for token in tokens(expression) if token.kind == "variable")


def bound_variables(expression: str) -> frozenset[str]:
    """The names of the variables that ``expression`` binds itself (``for``, ``some``, ``let``…, parameters)."""
    solid = significant(expression)
    found = set()
    for position, token in enumerate(solid[:-1]):
        if token.kind == "variable" and solid[position + 1].text in ("in", ":=", "as", ",", ")"):
            before = solid[position - 1].text if position else ""
            if solid[position + 1].text in ("in", ":=", "as") or before in ("(", ","):
                found.add(_name_of(token))
    return frozenset(found)


def _name_of(token: Token) -> str:
    return token.text[1:].strip()


def counts_positions(expression: str) -> bool:
    """Whether ``expression`` asks, outside all predicates, for the position of its node among those visited with it."""
    if "position" not in expression and "last" not in expression:
        return False
    solid, depth = significant(expression), 0
    for token, following in pairwise(solid):
        if token.kind == "symbol":
            depth += (token.text == "[") - (token.text == "]")
        if depth == 0 and token.text in ("position", "last") and following.text == "(":
            return True
    return False


def string_value(literal: str) -> str:
    """The string that a literal (quotes included) stands for."""
    quote = literal[0]
    return literal[1:-1].replace(quote * 2, quote)


def constant(expression: str, values: Mapping[str, str], depth: int = 0) -> str | None:
    """The text that ``expression`` always gives, when it is put together from texts alone; else ``None``.

    ``values`` are the expressions of the variables that are known.
    """
    if depth > _DEEPEST_CONSTANT:
        return None
    solid = significant(expression)
    position = 0

    def take(*texts: str) -> bool:
        nonlocal position
        if position < len(solid) and solid[position].text in texts:
            position += 1
            return True
        return False

    def term() -> str | None:
        nonlocal position
        if position >= len(solid):
            return None
        token = solid[position]
        position += 1
        if token.kind == "string":
            return string_value(token.text)
        if token.kind == "variable":
            value = values.get(_name_of(token))
            return None if value is None else constant(value, values, depth + 1)
        if token.text == "concat" and take("("):
            parts = [term()]
            while take(","):
                parts.append(term())
            known = [part for part in parts if part is not None]
            return "".join(known) if take(")") and len(known) == len(parts) > 1 else None
        return None

    said = term()
    while said is not None and take("||"):
        other = term()
        said = None if other is None else said + other
    return said if position == len(solid) else None


_DEEPEST_CONSTANT: Final = 20


def guard(
    expression: str,
    namespaces: Mapping[str, str],
    document_call: Callable[[str], str],
    declared: Container[tuple[str, str]] = (),
) -> str:
    """``expression`` with every access to documents handed to functions of ours.

    ``document_call`` gives the name of our function for ``doc``, ``document`` or ``doc-available``; ``declared`` are
    the functions of the schematron itself (namespace, local name).
    Raises ``RefusedExpression`` for a call of any function that is not known to be harmless.
    """
    if "(" not in expression and "#" not in expression:
        return expression
    parts = list(tokens(expression))
    solid = [i for i, token in enumerate(parts) if token.kind not in ("space", "comment")]
    out = [token.text for token in parts]
    for position, index in enumerate(solid):
        token = parts[index]
        if token.kind != "name" or position + 1 >= len(solid):
            continue
        following = parts[solid[position + 1]].text
        if following == "#":
            uri, name = _resolve(token.text, namespaces)
            known = uri in _SAFE_NAMESPACES or (uri, name) in declared
            if not known and (uri != FUNCTIONS or name not in _SAFE_FUNCTIONS):
                raise RefusedExpression(f"{token.text}#")
            continue
        if following != "(" or token.text in _NOT_FUNCTIONS:
            continue
        if position and parts[solid[position - 1]].text == "::":
            continue  # a node test on an axis
        uri, name = _resolve(token.text, namespaces)
        if uri in _SAFE_NAMESPACES or (uri, name) in declared:
            continue
        if uri != FUNCTIONS:
            raise RefusedExpression(token.text)
        if name in DOCUMENT_FUNCTIONS:
            if _arguments(parts, solid, position) != 1:
                raise RefusedExpression(f"{name}(…, …)")
            out[index] = document_call(name)
        elif name not in _SAFE_FUNCTIONS:
            raise RefusedExpression(name)
    return "".join(out)


def _resolve(name: str, namespaces: Mapping[str, str]) -> tuple[str, str]:
    if name.startswith("Q{"):
        uri, local = name[2:].split("}", 1)
        return uri, local
    prefix, _, local = name.rpartition(":")
    return (namespaces.get(prefix, "") if prefix else FUNCTIONS), local


def _arguments(parts: Sequence[Token], solid: Sequence[int], position: int) -> int:
    """How many arguments the call at ``position`` has."""
    depth, commas = 0, 0
    for later in range(position + 1, len(solid)):
        token = parts[solid[later]]
        if token.kind != "symbol":
            continue
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth -= 1
            if depth == 0:
                return commas + 1 if later > position + 2 else 0
        elif token.text == "," and depth == 1:
            commas += 1
    return commas + 1

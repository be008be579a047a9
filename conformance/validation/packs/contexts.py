"""What a rule's context asks of a document before it can match anything in it.

A pack holds some 1,400 rules and a document concerns perhaps two hundred: reading the context tells which
can be left out, and where the nodes lie that the others look at. The answer errs on one side only: what
is not understood asks for nothing, and looks at every node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.validation.packs.xpath import Token, significant, string_value

ANY = "*"

ELEMENTS = "//*"
"""Every element."""

EVERYTHING = "/ | /node() | //*"
"""Every node that the reference implementation visits: the document, what stands at its top, every element."""

_OPEN_ENDED = frozenset({"if", "some", "every", "for", "let", ","})
"""Words after which ``and`` may belong to an inner expression, so that its parts are no longer all asked for."""


@dataclass(frozen=True, slots=True)
class Need:
    """An element ``tag`` (Clark name) must be in the document, with ``attribute`` = ``value`` when given."""

    tag: str
    attribute: str = ""
    value: str = ""


@dataclass(slots=True)
class Route:
    """One alternative of a context.

    ``steps`` go from the outermost to the matched element, each with the separator before it (``/`` or
    ``//``) and its Clark name, ``*``, ``*:local`` or ``{uri}*``. ``anchored``: the first step is the root.
    ``select`` is an expression that gives every element which the alternative could match.
    """

    steps: list[tuple[str, str]] = field(default_factory=list)
    anchored: bool = False
    needs: list[Need] = field(default_factory=list)
    select: str = ELEMENTS
    lookup: tuple[str, str] | None = None
    """An expression on the matched element and the value that it must have: better than ``select`` when given."""
    name: str = ANY
    """The name of the matched element, when the last step gives it."""


def routes(context: str, namespaces: Mapping[str, str]) -> list[Route]:
    """The alternatives of ``context``; one that is not understood is a ``Route`` that asks nothing."""
    found = []
    for part in split(significant(context), ("|", "union")):
        try:
            found.append(Parser(part, namespaces).route())
        except (NotUnderstood, RecursionError):
            found.append(Route(select=EVERYTHING))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a path: the separator before it, its name test as written and as a Clark name, its predicates."""

    separator: str
    text: str
    name: str
    predicates: list[list[Token]]


class NotUnderstood(Exception):
    """The alternative uses more of the language than is read here."""


def split(tokens: Sequence[Token], separators: tuple[str, ...]) -> list[list[Token]]:
    """The tokens cut at the separators that stand outside all brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "symbol":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and token.kind in ("symbol", "name") and token.text in separators:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


class Parser:
    """Reads one alternative of a context. Raises ``NotUnderstood`` for what is not a plain path."""

    def __init__(self, tokens: Sequence[Token], namespaces: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._namespaces = namespaces
        self._at = 0

    def route(self) -> Route:
        """The whole alternative as a route."""
        route = Route()
        written: list[str] = []
        own: list[_Asked] = []
        for step in self.steps():
            if step.name == "/":
                return Route(select="/", name="/")
            route.anchored = route.anchored or (not route.steps and step.separator == "/")
            route.steps.append((step.separator, step.name))
            written.append(step.text)
            own = [need for predicate in step.predicates for need in _needs(predicate, step.name, self._namespaces)]
            route.needs += [need for _, need in own]
        route.name = route.steps[-1][1]
        route.select = _selection(route, written)
        if route.select == ELEMENTS:
            found = (
                (f"{home[0]}/@{n.attribute}", n.value) for home, n in own if home and len(home) == 1 and n.attribute
            )
            route.lookup = next(found, None)
        return route

    def steps(self) -> Iterator[Step]:
        """The steps of a path, outermost first; the document alone is a step named ``/``."""
        separator = self._take_any("/", "//")
        if self._end():
            if separator == "/":
                yield Step("/", "/", "/", [])
                return
            raise NotUnderstood
        separator = separator or "//"
        while True:
            self._take_axis()
            text, name = self._name_test()
            yield Step(separator, text, name, self._predicates())
            if self._end():
                return
            separator = self._take_any("/", "//") or ""
            if not separator:
                raise NotUnderstood

    def _name_test(self) -> tuple[str, str]:
        token = self._next()
        if token.kind == "symbol" and token.text == "*":
            return "*", ANY
        if token.kind != "name":
            raise NotUnderstood
        if not self._end() and self._tokens[self._at].text in ("(", "::"):
            raise NotUnderstood
        return token.text, clark(token.text, self._namespaces)

    def _take_axis(self) -> None:
        if (
            self._at + 1 < len(self._tokens)
            and self._tokens[self._at].text == "child"
            and self._tokens[self._at + 1].text == "::"
        ):
            self._at += 2

    def _predicates(self) -> list[list[Token]]:
        found = []
        while not self._end() and self._tokens[self._at].text == "[":
            start, depth = self._at + 1, 0
            while True:
                token = self._next()
                if token.kind == "symbol":
                    depth += (token.text in "([{") - (token.text in ")]}")
                if depth == 0:
                    break
            found.append(list(self._tokens[start : self._at - 1]))
        return found

    def _next(self) -> Token:
        if self._end():
            raise NotUnderstood
        self._at += 1
        return self._tokens[self._at - 1]

    def _take_any(self, *texts: str) -> str | None:
        if not self._end() and self._tokens[self._at].kind == "symbol" and self._tokens[self._at].text in texts:
            self._at += 1
            return self._tokens[self._at - 1].text
        return None

    def _end(self) -> bool:
        return self._at >= len(self._tokens)


def _selection(route: Route, written: list[str]) -> str:
    if route.name != ANY:
        return f"//{written[-1]}"
    if len(written) > 1 and route.steps[-1][0] == "/" and written[-2] != ANY:
        return f"//{written[-2]}/*"
    return "//*"


def clark(name: str, namespaces: Mapping[str, str]) -> str:
    """The Clark name of a name test: ``{uri}local``, ``{uri}*``, ``*:local`` or ``local``."""
    if name.startswith("*:"):
        return name
    if name.startswith("Q{"):
        return name[1:]
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return local
    if prefix not in namespaces:
        raise NotUnderstood
    return f"{{{namespaces[prefix]}}}{local}" if namespaces[prefix] else local


_Asked = tuple[tuple[str, ...] | None, Need]
"""What is asked for, and the child steps that lead to it from the element that asks (``None``: not known)."""


def _needs(predicate: list[Token], step: str, namespaces: Mapping[str, str]) -> list[_Asked]:
    """What the parts of a predicate joined by ``and`` ask for."""
    predicate = without_parentheses(predicate)
    if len(split(predicate, ("or",))) > 1 or any(token.text in _OPEN_ENDED for token in outermost(predicate)):
        return []
    found: list[_Asked] = []
    for part in split(predicate, ("and",)):
        bare = without_parentheses(part)
        if len(split(bare, ("and", "or"))) > 1:
            found += [(None, need) for _, need in _needs(bare, step, namespaces)]
            continue
        try:
            found += _need(bare, step, namespaces)
        except NotUnderstood:
            continue
    return found


def outermost(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens that stand outside all brackets."""
    depth = 0
    for token in tokens:
        if token.kind == "symbol":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and token.kind in ("symbol", "name"):
            yield token


def _need(tokens: list[Token], step: str, namespaces: Mapping[str, str]) -> list[_Asked]:
    """``a/b/@c = 'x'``, ``a[@c = 'x']``, ``@c = 'x'`` or ``a/b``: anything else asks for nothing."""
    sides = split(tokens, ("=",))
    value: str | None = None
    if len(sides) == 2:
        if len(sides[1]) != 1 or sides[1][0].kind != "string":
            return []
        value = string_value(sides[1][0].text)
    elif len(sides) > 2:
        return []
    parser = Parser(sides[0], namespaces)
    dotted = parser._take_any(".")
    first = parser._take_any("/", "//")
    # Child steps from the step that asks; a path from the root or through descendants leads elsewhere.
    home: tuple[str, ...] | None = () if first is None or (dotted and first == "/") else None
    found: list[_Asked] = []
    at = step
    somewhere = home is None
    while not parser._end():
        if parser._take_any("@"):
            attribute = parser._next()
            if attribute.kind != "name" or not parser._end() or value is None or ":" in attribute.text:
                return found
            if home != () or step != ANY:
                found.append((home, Need(ANY if somewhere else at, attribute.text, value)))
            return found
        text, at = parser._name_test()
        somewhere = False
        if at != ANY:
            found.append((None, Need(at)))
        home = None if home is None else (*home, text)
        for predicate in parser._predicates():
            for inner, need in _needs(predicate, at, namespaces):
                found.append((None if home is None or inner is None else (*home, *inner), need))
        separator = parser._take_any("/", "//")
        if not parser._end() and not separator:
            raise NotUnderstood
        if separator == "//":
            home, somewhere = None, True
    return found if value is None else []


def without_parentheses(tokens: list[Token]) -> list[Token]:
    """The tokens without the brackets that stand around all of them."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for i, token in enumerate(tokens):
        if token.kind == "symbol" and token.text in "([{":
            opened.append(i)
        elif token.kind == "symbol" and token.text in ")]}" and opened:
            closed[opened.pop()] = i
    layers, last = 0, len(tokens) - 1
    while layers < last - layers and tokens[layers].text == "(" and closed.get(layers) == last - layers:
        layers += 1
    return tokens[layers : len(tokens) - layers]

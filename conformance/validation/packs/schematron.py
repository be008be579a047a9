"""Reads a schematron of a pack into the model: includes resolved, abstract patterns put in their place.

Source: ISO/IEC 19757-3, with the ``xslt2`` query binding. Includes take the root element of the file that
they name, or the element with the id after ``#``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.elements import (
    LONGEST_EXPRESSION,
    NAMESPACE,
    XSLT,
    assertion_of,
    let_of,
    line_of,
    message_of,
    name_of,
    sch,
    short_enough,
    swelling,
    words_of,
)
from conformance.validation.packs.errors import DoesNotLoad, HostilePack
from conformance.validation.packs.model import (
    Assertion,
    Extends,
    Function,
    Item,
    Key,
    Let,
    Pattern,
    Rule,
    Schema,
    Where,
)
from conformance.validation.packs.problems import Problem, ProblemKind
from conformance.validation.packs.source import PackSource

_INCLUDES: Final = (f"{{{NAMESPACE}}}include", "{http://www.w3.org/2001/XInclude}include")
DEEPEST_INCLUDE: Final = 40
MOST_INCLUDES: Final = 20_000
LONGEST_READING: Final = 120.0
"""Seconds that one schematron may take to be read; the largest of the published ones takes a hundredth of that."""

_XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
_BINDINGS: Final = {
    **dict.fromkeys(("xslt2", "xpath2", "xslt3", "xpath3"), "3.0"),
    **dict.fromkeys(("", "xslt", "xslt1", "xpath", "xpath1"), "1.0"),
}
"""Query binding → the version of XSLT by which expressions are read; a schema that names none means the first."""


def read_schema(source: PackSource, path: str) -> Schema:
    """Read the schematron ``path`` of the pack, with its includes.

    Raises ``DoesNotLoad`` when a file is missing, empty or malformed, or uses what the kit does not run;
    ``HostilePack`` when the pack reaches outside its folder.
    """
    reader = _Reader(source, path)
    try:
        schema = reader.schema()
        if reader.failure is not None:
            raise reader.failure
    except DoesNotLoad as failure:
        failure.problems = reader.problems
        raise
    return schema


_Fill = Callable[[str], str]


class _Reader:
    def __init__(self, source: PackSource, path: str) -> None:
        self._source = source
        self._path = path
        self._files: dict[str, etree._Element] = {}
        self._includes = 0
        self._deadline = time.monotonic() + LONGEST_READING
        self.problems: list[Problem] = []
        self.failure: DoesNotLoad | None = None
        """The first include that leads nowhere: the others are looked for all the same, to be told at once."""

    def schema(self) -> Schema:
        root = self._parse(self._path, None)
        if root.tag != sch("schema"):
            raise DoesNotLoad(
                Text(f"{self._path} n'est pas un schématron ISO.", f"{self._path} is not an ISO schematron."),
                self._path, line_of(root),
            )  # fmt: skip
        binding = root.get("queryBinding", "").strip()
        if binding.lower() not in _BINDINGS:
            raise DoesNotLoad(
                Text(f"liaison de langage « {binding} » non prise en charge (attendu : xslt2)",
                     f"query binding “{binding}” is not supported (expected: xslt2)"),
                self._path, line_of(root),
            )  # fmt: skip
        schema = Schema(self._path, "", {}, default_phase=root.get("defaultPhase", "").strip(), problems=self.problems)
        schema.version = _BINDINGS[binding.lower()]
        for element, file in self._children(root, self._path, 0):
            self._take(schema, element, file)
        schema.files = list(self._files)
        schema.patterns = [self._instance(pattern, schema.patterns) for pattern in schema.patterns]
        return schema

    def _take(self, schema: Schema, element: etree._Element, file: str) -> None:
        where = Where(file, line_of(element))
        name = etree.QName(element).localname
        if element.tag == f"{{{XSLT}}}key":
            use = element.get("use", "")
            schema.keys.append(Key(name_of(element, "name", where), element.get("match", ""), use, where))
        elif element.tag == f"{{{XSLT}}}function":
            schema.functions.append(Function(element, where))
        elif not element.tag.startswith(f"{{{NAMESPACE}}}"):
            if element.tag.startswith(f"{{{XSLT}}}"):
                raise DoesNotLoad(
                    Text(f"le kit n'exécute pas xsl:{name} dans un schématron", f"the kit does not run xsl:{name} in a schematron"),
                    file, where.line,
                )  # fmt: skip
        elif name == "ns":
            schema.namespaces[name_of(element, "prefix", where)] = element.get("uri", "")
        elif name == "title":
            schema.title = words_of(element)
        elif name == "let":
            schema.lets.append(let_of(element, where))
        elif name == "pattern":
            schema.patterns.append(self._pattern(element, file, schema))
        elif name == "phase":
            schema.phases[element.get("id", "")] = tuple(a.get("pattern", "") for a in element.iter(sch("active")))
            schema.lets += [let_of(let, Where(file, line_of(let))) for let in element.iter(sch("let"))]
        elif name == "diagnostics":
            for diagnostic in element.iter(sch("diagnostic")):
                schema.diagnostics[diagnostic.get("id", "")] = message_of(diagnostic)
        elif name != "properties":
            self._ignored(element, where)

    def _pattern(self, element: etree._Element, file: str, schema: Schema) -> Pattern:
        rules: list[Rule] = []
        lets: list[Let] = []
        parameters: list[tuple[str, str]] = []
        title = ""
        for child, from_file in self._children(element, file, 0):
            where = Where(from_file, line_of(child))
            if child.tag == sch("rule"):
                rules.append(self._rule(child, from_file, schema))
            elif child.tag == sch("let"):
                lets.append(let_of(child, where))
            elif child.tag == sch("param"):
                parameters.append((child.get("name", ""), child.get("value", "")))
            elif child.tag == sch("title"):
                title = words_of(child)
            else:
                self._ignored(child, where)
        if element.get("documents"):
            raise DoesNotLoad(
                Text("pattern/@documents n'est pas pris en charge", "pattern/@documents is not supported"),
                file, line_of(element),
            )  # fmt: skip
        return Pattern(
            id=element.get("id", ""),
            title=title,
            rules=tuple(rules),
            lets=tuple(lets),
            where=Where(file, line_of(element)),
            abstract=element.get("abstract") == "true",
            is_a=element.get("is-a", ""),
            parameters=tuple(parameters),
        )

    def _rule(self, element: etree._Element, file: str, schema: Schema) -> Rule:
        context = element.get("context", "")
        items = tuple(self._items(element, file, schema, context, 0))
        abstract = element.get("abstract") == "true"
        if not abstract and not context.strip():
            raise DoesNotLoad(Text("une règle n'a pas de contexte", "a rule has no context"), file, line_of(element))
        context = short_enough(context, Where(file, line_of(element)))
        return Rule(context, items, Where(file, line_of(element)), element.get("id", ""), abstract)

    def _items(self, element: etree._Element, file: str, schema: Schema, context: str, depth: int) -> Iterator[Item]:
        """What a rule holds; an ``extends`` with an address brings what the rule of another file holds."""
        for child, from_file in self._children(element, file, depth):
            where = Where(from_file, line_of(child))
            if child.tag == sch("let"):
                yield let_of(child, where)
            elif child.tag in (sch("assert"), sch("report")):
                yield assertion_of(child, where)
            elif child.tag == sch("extends") and child.get("href"):
                found = self._target(child, from_file, depth)
                if found is not None:
                    yield from self._items(*found, schema, context, depth + 1)
            elif child.tag == sch("extends"):
                yield Extends(child.get("rule", ""), where)
            elif child.tag == f"{{{XSLT}}}key":
                use = child.get("path") or child.get("use") or ""
                schema.keys.append(Key(name_of(child, "name", where), context, use, where))
            else:
                self._ignored(child, where)

    def _ignored(self, element: etree._Element, where: Where) -> None:
        """Tell of an element that means nothing where it stands, unless it is there to be read by people."""
        tag = etree.QName(element)
        if tag.namespace in (NAMESPACE, XSLT) and tag.localname not in ("p", "title"):
            self.problems.append(
                Problem(ProblemKind.ELEMENT_IGNORED, where.file, where.line, {"element": tag.localname})
            )

    # Includes -------------------------------------------------------------------------------------------

    def _children(self, parent: etree._Element, file: str, depth: int) -> Iterator[tuple[etree._Element, str]]:
        for child in parent:
            if not isinstance(child.tag, str):
                continue
            self._in_time(f"{file}:{line_of(child)}")
            if child.tag in _INCLUDES:
                if child.get("xpointer") or child.get("parse", "xml") != "xml":
                    raise DoesNotLoad(
                        Text("xi:include : seule l'inclusion d'un fichier XML entier est prise en charge",
                             "xi:include: only whole XML files can be included"),
                        file, line_of(child),
                    )  # fmt: skip
                yield from self._included(child, file, depth)
            else:
                yield child, file

    def _included(self, include: etree._Element, file: str, depth: int) -> Iterator[tuple[etree._Element, str]]:
        found = self._target(include, file, depth)
        if found is None:
            return
        element, target = found
        if element.tag == sch("schema"):
            href = include.get("href", "")
            self.problems.append(Problem(ProblemKind.INCLUDE_USELESS, file, line_of(include), {"href": href}))
        elif element.tag in _INCLUDES:
            yield from self._included(element, target, depth + 1)
        else:
            yield element, target

    def _target(self, include: etree._Element, file: str, depth: int) -> tuple[etree._Element, str] | None:
        """The element that an include means, and its file; ``None`` (and told) when there is none."""
        href, line = include.get("href", ""), line_of(include)
        self._includes += 1
        if self._includes > MOST_INCLUDES:
            raise swelling(f"{file}:{line}")
        if depth >= DEEPEST_INCLUDE:
            raise HostilePack(
                "endless-include",
                Text(f"{file}:{line} : les inclusions ne finissent pas.", f"{file}:{line}: the includes never end."),
            )
        address, _, fragment = href.partition("#")
        target = file
        if address:
            found = self._source.find(address, file)
            if found is None:
                self.problems.append(Problem(ProblemKind.INCLUDE_MISSING, file, line, {"href": address}))
                self.failure = self.failure or DoesNotLoad(
                    Text(f"le fichier inclus « {address} » n'existe pas", f"the included file “{address}” does not exist"),
                    file, line,
                )  # fmt: skip
                return None
            target = found.path
            if found.mended:
                self.problems.append(Problem(ProblemKind.INCLUDE_CASE, file, line, {"href": address, "found": target}))
        root = self._parse(target, Where(file, line))
        element: etree._Element | None = root
        if fragment:
            element = next((e for e in root.iter(sch("*")) if fragment in (e.get("id"), e.get(_XML_ID))), None)
        if element is None or not element.tag.startswith(f"{{{NAMESPACE}}}"):
            self.problems.append(Problem(ProblemKind.INCLUDE_USELESS, file, line, {"href": href}))
            return None
        return element, target

    def _in_time(self, where: str) -> None:
        if time.monotonic() > self._deadline:
            raise swelling(where)

    def _parse(self, path: str, asked: Where | None) -> etree._Element:
        if path not in self._files:
            try:
                self._files[path] = self._source.parse(path, exact_lines=True)
            except etree.XMLSyntaxError as error:
                if not self._source.read(path).strip():
                    self.problems.append(Problem(ProblemKind.EMPTY_FILE, path, 1, {}))
                    raise DoesNotLoad(Text(f"{path} est vide", f"{path} is empty"), path, 1) from None
                line = error.position[0] if error.position else 1
                raise DoesNotLoad(
                    Text(f"{path} n'est pas du XML bien formé ({error.msg})", f"{path} is not well-formed XML ({error.msg})"),
                    path, line,
                ) from None  # fmt: skip
            except OSError as error:
                place = asked or Where(path, 1)
                raise DoesNotLoad(
                    Text(f"{path} ne peut pas être lu ({error.strerror})", f"{path} cannot be read ({error.strerror})"),
                    place.file, place.line,
                ) from None  # fmt: skip
        return self._files[path]

    # Abstract patterns ----------------------------------------------------------------------------------

    def _instance(self, pattern: Pattern, patterns: list[Pattern]) -> Pattern:
        """A pattern made from the abstract one that it names, its parameters put in."""
        if not pattern.is_a or pattern.abstract:
            return pattern
        model = next((p for p in patterns if p.id == pattern.is_a and p.abstract), None)
        if model is None:
            raise DoesNotLoad(
                Text(f"le motif abstrait « {pattern.is_a} » n'existe pas", f"there is no abstract pattern “{pattern.is_a}”"),
                pattern.where.file, pattern.where.line,
            )  # fmt: skip

        def fill(text: str) -> str:
            self._in_time(str(pattern.where))
            # In order and by plain replacement, as the reference implementation does: a value may itself
            # hold a parameter that comes later.
            for name, value in pattern.parameters:
                if len(text) + text.count(f"${name}") * len(value) > LONGEST_EXPRESSION:
                    raise swelling(str(pattern.where))
                text = text.replace(f"${name}", value)
            return text

        return replace(
            pattern,
            title=pattern.title or model.title,
            lets=tuple(replace(let, value=fill(let.value)) for let in (*model.lets, *pattern.lets)),
            rules=tuple(
                replace(rule, context=fill(rule.context), items=tuple(_filled(item, fill) for item in rule.items))
                for rule in model.rules
            ),
        )


def _filled(item: Item, fill: _Fill) -> Item:
    if isinstance(item, Let):
        return replace(item, value=fill(item.value))
    if isinstance(item, Assertion):
        message = tuple(replace(part, text=fill(part.text)) for part in item.message)
        return replace(item, test=fill(item.test), message=message)
    return item

"""The ``xsl:function`` of a schematron: kept when it only computes, refused when it could do more.

The reference implementation copies them into its stylesheet as they are. Here every instruction and attribute is
looked up in a closed list, and every expression goes through the same guard as those of rules.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Final, cast

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.errors import DoesNotLoad
from conformance.validation.packs.model import Function, Where
from conformance.validation.packs.xpath import FUNCTIONS, OURS, variables

XSLT: Final = "http://www.w3.org/1999/XSL/Transform"

_INSTRUCTIONS: Final = """function param variable sequence value-of text if choose when otherwise for-each for-each-group
    sort perform-sort copy-of analyze-string matching-substring non-matching-substring"""
_ALLOWED: Final = frozenset(_INSTRUCTIONS.split())
_EXPRESSIONS: Final = frozenset(("select", "test", "group-by", "group-adjacent", "use"))
_TEMPLATES: Final = frozenset(("separator", "regex", "flags", "order", "lang", "data-type", "case-order", "stable"))
"""Attributes in which braces hold expressions."""

_PLAIN: Final = frozenset(("name", "as", "required", "override", "visibility"))
_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")

Guard = Callable[[str, Mapping[str, str], Where], str]
"""Makes an expression safe, given the namespaces that it is read with."""


def written(function: Function, namespaces: Mapping[str, str], prefix: str, guard: Guard) -> tuple[str, set[str]]:
    """The function as it may stand in a stylesheet, and the variables that it mentions.

    ``namespaces`` are those of the schematron, ``prefix`` the one that our own functions are called with. Raises
    ``DoesNotLoad`` for what the kit does not run.
    """
    element = copy.deepcopy(function.element)
    element.tail = None
    names: set[str] = set()
    for one in element.iter():
        if not isinstance(one.tag, str):
            continue
        where = Where(function.where.file, cast("int", one.sourceline or function.where.line))
        _check(one, where, prefix)
        known = {**namespaces, **_namespaces(one)}
        for attribute, value in [(str(name), str(value)) for name, value in one.items()]:
            if attribute in _EXPRESSIONS:
                one.set(attribute, guard(value, known, where))
                names |= variables(value)
            elif attribute in _TEMPLATES:
                for inner in _BRACES.findall(value):
                    if guard(inner, known, where) != inner:
                        raise _unsupported(f"{attribute}={value}", where)
                    names |= variables(inner)
    etree.strip_tags(element, etree.Comment, etree.ProcessingInstruction)
    return etree.tostring(element, encoding="unicode"), names


def name_of(function: Function, namespaces: Mapping[str, str]) -> tuple[str, str]:
    """Namespace and local name of what the function is called. Raises ``DoesNotLoad`` when that is not for a pack."""
    name = function.element.get("name") or ""
    prefix, _, local = name.rpartition(":")
    uri = {**namespaces, **_namespaces(function.element)}.get(prefix, "")
    if not uri or uri in (FUNCTIONS, OURS, XSLT):
        raise DoesNotLoad(
            Text(f"« {name} » n'est pas un nom de fonction permis", f"“{name}” is no name that a function may have"),
            function.where.file,
            function.where.line,
        )
    return uri, local


def _check(element: etree._Element, where: Where, prefix: str) -> None:
    tag = etree.QName(element)
    if tag.namespace != XSLT or tag.localname not in _ALLOWED:
        raise _unsupported(tag.localname, where)
    for attribute in element.attrib:
        if attribute not in _EXPRESSIONS | _TEMPLATES | _PLAIN:
            raise _unsupported(f"{tag.localname}/@{etree.QName(str(attribute)).localname}", where)
    if prefix in element.nsmap:
        raise _unsupported(f"xmlns:{prefix}", where)


def _namespaces(element: etree._Element) -> dict[str, str]:
    return {prefix: uri for prefix, uri in element.nsmap.items() if prefix is not None}


def _unsupported(what: str, where: Where) -> DoesNotLoad:
    return DoesNotLoad(
        Text(f"le kit n'exécute pas « {what} » dans xsl:function", f"the kit does not run “{what}” in xsl:function"),
        where.file,
        where.line,
    )

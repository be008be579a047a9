"""SOAP messages and any other XML: what the envelope says first, then the tree, folded."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from lxml import etree
from markupsafe import Markup

from conformance.core.language import Text
from conformance.reporting.readable.fragment import Fragment, escaped, joined, label

_OPEN_DEPTH = 3
"""Levels of the tree that are open at first."""
_DEEPEST = 60
_MOST_NODES = 4_000
"""Elements of one message that are drawn: beyond, the source is easier to read."""
_LONGEST_TEXT = 2_000
"""Characters of one text: what is longer is a document inside, opened when it can be."""

Opener = Callable[[bytes], Markup | None]
"""Reads a document that lies inside a message, in base 64."""

_ADDRESSING = ("Action", "To", "MessageID", "RelatesTo", "ReplyTo", "From")


def is_soap(root: etree._Element) -> bool:
    """True for a SOAP envelope, 1.1 or 1.2."""
    return _local(root) == "Envelope" and any(_local(child) == "Body" for child in root)


def render_soap(root: etree._Element, fragment: Fragment, opener: Opener) -> Markup:
    """The addressing, the identity assertion (VIHF), the fault if any, then the body."""
    header = next((child for child in root if _local(child) == "Header"), None)
    body = next(child for child in root if _local(child) == "Body")
    parts = [Markup("<h1>{}</h1>").format(label(Text("Message SOAP", "SOAP message")))]
    if header is not None:
        told = {_local(one): _words(one) for one in header}
        parts.append(fragment.table([(name, told.get(name, "")) for name in _ADDRESSING]))
        for assertion in header.iter("{*}Assertion"):
            parts.append(_assertion(assertion, fragment))
    for fault in body.iter("{*}Fault"):
        words = _words(fault)
        parts.append(Markup("<p class=fault><strong>{}</strong> {}</p>").format(
            label(Text("Erreur renvoyée :", "Fault returned:")), fragment.text(words)))  # fmt: skip
    parts.append(Markup("<h2>{}</h2>").format(label(Text("Corps", "Body"))))
    parts.append(render_tree(list(body), fragment, opener))
    if header is not None:
        parts.append(
            fragment.folded(
                label(Text("En-tête complet", "Whole header")), render_tree(list(header), fragment, opener, opened=0)
            )
        )
    return joined(parts)


def _assertion(assertion: etree._Element, fragment: Fragment) -> Markup:
    rows: list[tuple[Text | str, Markup | str]] = [
        (Text("Émetteur", "Issuer"), (assertion.findtext("{*}Issuer") or "").strip()),
        (Text("Sujet", "Subject"), (assertion.findtext("{*}Subject/{*}NameID") or "").strip()),
    ]
    for attribute in assertion.iter("{*}Attribute"):
        values: list[str] = []
        for value in attribute.iter("{*}AttributeValue"):
            coded = [f"{one.get('code')} {one.get('displayName') or ''}".strip() for one in value if one.get("code")]
            values += coded or [_words(value)]
        rows.append((attribute.get("Name") or "?", ", ".join(values)))
    inside = fragment.table(rows)
    return fragment.folded(
        label(Text("Identité portée par le message", "Identity carried by the message")), inside, opened=True
    )


def render_tree(
    elements: list[etree._Element], fragment: Fragment, opener: Opener, *, opened: int = _OPEN_DEPTH
) -> Markup:
    """Elements as nested lists: name, attributes, text."""
    tree = _Tree(fragment, opener, opened)
    items = "".join(tree.node(element, 0) for element in elements if isinstance(element.tag, str))
    return Markup(f"<ul class=tree>{items}</ul>")


class _Tree:
    """Draws the elements of one message, as many as can be read.

    All parts are escaped already, and joined as plain text: a message has thousands of them.
    """

    def __init__(self, fragment: Fragment, opener: Opener, opened: int) -> None:
        self._fragment = fragment
        self._opener = opener
        self._opened = opened
        self._left = _MOST_NODES

    def node(self, element: etree._Element, depth: int) -> str:
        """One element and those below."""
        self._left -= 1
        if self._left < 0:
            return ""
        name = _local(element)
        head = f"<code>{escaped(name)}</code>{self._attributes(element)}"
        text = (element.text or "").strip()
        children = [child for child in element if isinstance(child.tag, str)]
        if not children:
            return f"<li>{head} {self._value(name, text)}</li>"
        if depth >= _DEEPEST:
            return f"<li>{head} …</li>"
        inside = "".join([self.node(child, depth + 1) for child in children])
        said = f"<p>{self._fragment.text(text)}</p>" if text else ""
        opened = " open" if depth < self._opened else ""
        return f"<li><details{opened}><summary>{head}</summary>{said}<ul>{inside}</ul></details></li>"

    def _attributes(self, element: etree._Element) -> str:
        text = self._fragment.text
        return "".join(
            [
                f" <span class=a>{escaped(_bare(str(name)))}=<b>{text(str(value))}</b></span>"
                for name, value in element.attrib.items()
            ]
        )

    def _value(self, name: str, text: str) -> str:
        redactor = self._fragment.redactor
        if len(text) <= _LONGEST_TEXT or redactor.is_secret(name):
            return f"<span class=v>{escaped(redactor.value(name, text))}</span>"
        try:
            octets = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            octets = b""
        inside = self._opener(octets) if octets else None
        size = Markup(f"<span class=a>[{len(text)}…]</span>")
        return self._fragment.folded(size, inside) if inside else size


def _words(element: etree._Element) -> str:
    """All the text of an element, the words apart."""
    return " ".join(" ".join(str(part) for part in element.itertext()).split())


def _local(element: etree._Element) -> str:
    return _bare(element.tag) if isinstance(element.tag, str) else ""


def _bare(name: str) -> str:
    """A Clark name without its namespace."""
    return name.rpartition("}")[2]

"""Text as XML writes it. The standard library's own functions would load an HTTP client with them."""

from __future__ import annotations


def escaped(text: str) -> str:
    """``text`` as the content of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """``text`` as the value of an attribute, quotes included."""
    value = escaped(text).replace('"', "&quot;")
    return '"' + value.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;") + '"'

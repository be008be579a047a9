"""The bricks of a readable fragment: escaped text, masked names, labels in both languages, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from markupsafe import Markup, escape

from conformance.core.language import Text
from conformance.core.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Fragment:
    """Builds HTML for one reader: every text goes through the redactor, then is escaped."""

    redactor: Redactor

    def text(self, words: str | None) -> Markup:
        """Words of the message, masked and escaped."""
        return escaped(self.redactor.text(words)) if words else Markup("")

    def table(self, rows: Iterable[tuple[Text | str, Markup | str]]) -> Markup:
        """A table of facts; rows without a value are left out, and a table without rows is nothing."""
        body = "".join(
            f"<tr><th scope=row>{label(name) if isinstance(name, Text) else self.text(name)}</th>"
            f"<td>{value if isinstance(value, Markup) else self.text(value)}</td></tr>"
            for name, value in rows
            if value
        )
        return Markup(f"<table class=facts>{body}</table>") if body else Markup("")

    def source(self, words: str) -> Markup:
        """Text as it stands."""
        return Markup(f"<pre>{self.text(words)}</pre>")

    def folded(self, summary: Markup | str, inside: Markup, *, opened: bool = False) -> Markup:
        """A part that opens; ``summary`` is masked when it is not markup already."""
        head = summary if isinstance(summary, Markup) else self.text(summary)
        return Markup(f"<details{' open' if opened else ''}><summary>{head}</summary>{inside}</details>")


@cache
def label(words: Text) -> Markup:
    """Our words, in both languages: the page shows one."""
    return Markup("<span class=t lang=fr>{}</span><span class=t lang=en>{}</span>").format(words.fr, words.en)


def joined(parts: Sequence[Markup]) -> Markup:
    """Fragments one after the other."""
    return Markup("".join(parts))


def escaped(words: str) -> Markup:
    """Masked words as they stand in HTML."""
    return _short(words) if len(words) < _SHORT else escape(words)


_SHORT = 100
"""Characters of what messages say again and again: names of elements, codes, addresses of services."""


@lru_cache(maxsize=20_000)
def _short(words: str) -> Markup:
    return escape(words)

"""The bricks of a readable fragment: escaped text, masked names, labels in both languages, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from conformance.core.language import Text
from conformance.core.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Fragment:
    """Builds HTML for one reader: every text goes through the redactor, then is escaped."""

    redactor: Redactor

    def text(self, words: str | None) -> Markup:
        """Words of the message, masked and escaped."""
        return escape(self.redactor.text(words)) if words else Markup("")

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
    return Markup("").join(parts)

"""French and English: every sentence that a person reads exists in both, and one place chooses.

The choice goes: ``--lang``, then ``segur.toml``, then the locale, else French.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["fr", "en"]

LANGUAGES: tuple[Language, ...] = ("fr", "en")

_chosen: Language | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in the two languages of the kit.

    ``str(text)`` gives the language chosen for this run; machine formats that need both take
    the fields.
    """

    fr: str
    en: str

    def __str__(self) -> str:
        return self.in_(current_language())

    def in_(self, language: Language) -> str:
        """The sentence in ``language``."""
        return self.fr if language == "fr" else self.en

    def format(self, **values: Any) -> Text:
        """Fill the ``{names}`` of both sentences; a ``Text`` among the values follows the language."""

        def fill(sentence: str, language: Language) -> str:
            said = {k: v.in_(language) if isinstance(v, Text) else v for k, v in values.items()}
            return sentence.format(**said)

        return Text(fill(self.fr, "fr"), fill(self.en, "en"))


def verbatim(words: str) -> Text:
    """Words that are the same in both languages (a name, a code, a path)."""
    return Text(words, words)


def counted(count: int, one: Text, several: Text) -> Text:
    """A count with its noun: « 0 test », “0 tests”. French keeps the singular below two, English for one alone."""
    return Text(f"{count} {several.fr if count > 1 else one.fr}", f"{count} {one.en if count == 1 else several.en}")


def choose_language(language: Language | None) -> None:
    """Fix the language of this process (``None``: back to the locale)."""
    global _chosen
    _chosen = language


def current_language() -> Language:
    """The language chosen, else that of the locale, else French."""
    return _chosen or language_of_locale() or "fr"


def language_of_locale(environment: dict[str, str] | None = None) -> Language | None:
    """The language that the locale variables name; ``None`` when they name neither (``C``, unset)."""
    variables = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = variables.get(name, "")
        if value:
            code = value.split("_")[0].split(".")[0].lower()
            return code if code in LANGUAGES else None
    return None

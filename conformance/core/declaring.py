"""Reading the small TOML files in which people declare things: one table after the other, unknown keys refused."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from conformance.core.errors import UsageError
from conformance.core.language import Text


class Reader:
    """One table: each key is asked for by name, and what was never asked for is an error."""

    def __init__(self, table: dict[str, Any], path: Path, kind: str, number: int) -> None:
        self._table = table
        self._asked: set[str] = set()
        self.where = f"{path.name}, [[{kind}]] n° {number}"

    def text(self, key: str, *, needed: bool = True) -> str:
        """A string that is not empty, or ``""`` when it is not needed."""
        value = self._get(key, needed)
        if value is None:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.wrong(Text(f"« {key} » doit être un texte", f"“{key}” must be a text"))
        return value.strip()

    def choice(self, key: str, choices: Collection[str]) -> str:
        """One of ``choices``."""
        value = self.text(key)
        if value not in choices:
            listed = ", ".join(choices)
            raise self.wrong(
                Text(f"{key} = « {value} » ; attendu : {listed}", f"{key} = “{value}”; expected: {listed}")
            )
        return value

    def day(self, key: str) -> str:
        """A date, as ISO 8601."""
        value = self._get(key, needed=True)
        # A date with a time is a date to Python.
        if not isinstance(value, date):
            raise self.wrong(Text(f"« {key} » doit être une date (2026-09-15)", f"“{key}” must be a date (2026-09-15)"))
        return value.isoformat()[:10]

    def tables(self, key: str) -> list[dict[str, Any]]:
        """A list of tables, empty when the key is absent."""
        value = self._get(key, needed=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong(Text(f"« {key} » doit être une liste de tables", f"“{key}” must be a list of tables"))
        return value

    def finish(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                close = get_close_matches(key, self._asked, n=1)
                meant = Text(f" (plutôt « {close[0]} » ?)", f" (did you mean “{close[0]}”?)") if close else Text("", "")
                raise self.wrong(
                    Text(f"la clé « {key} » est inconnue{meant.fr}", f"the key “{key}” is unknown{meant.en}")
                )

    def wrong(self, what: Text) -> UsageError:
        """The error for this table."""
        return UsageError(
            "declaration.wrong",
            Text(f"{self.where} : {what.fr}.", f"{self.where}: {what.en}."),
            Text(
                "Corrigez ce fichier ; docs/report.md en montre la forme.",
                "Correct this file; docs/report.md shows its form.",
            ),
        )

    def _get(self, key: str, needed: bool) -> Any:
        self._asked.add(key)
        if needed and key not in self._table:
            raise self.wrong(Text(f"il manque « {key} »", f"“{key}” is missing"))
        return self._table.get(key)


def read_tables(path: Path, kind: str) -> Iterator[Reader]:
    """The ``[[kind]]`` tables of ``path``; none when the file does not exist.

    Raises ``UsageError`` when the file cannot be read, is not TOML, or holds another top-level key.
    """
    if not path.exists():
        return
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, Text(f"il est illisible ({error})", f"it cannot be read ({error})")) from error
    others = sorted(set(values) - {kind})
    if others:
        raise _unreadable(path, Text(f"la clé « {others[0]} » est inconnue", f"the key “{others[0]}” is unknown"))
    tables = values.get(kind, [])
    if not isinstance(tables, list):
        raise _unreadable(path, Text(f"écrivez [[{kind}]]", f"write [[{kind}]]"))
    for number, table in enumerate(tables, start=1):
        yield Reader(table, path, kind, number)


def _unreadable(path: Path, what: Text) -> UsageError:
    return UsageError(
        "declaration.unreadable",
        Text(f"{path} : {what.fr}.", f"{path}: {what.en}."),
        Text(
            "Corrigez ce fichier ; docs/report.md en montre la forme.",
            "Correct this file; docs/report.md shows its form.",
        ),
    )

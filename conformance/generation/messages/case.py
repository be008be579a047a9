"""A named case: messages to deliver in order, what is wrong with them, and what a product must make of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.language import Text
from conformance.generation.messages.post import Post

Builder = Callable[[Post], list[bytes]]


class Outcome(StrEnum):
    """What a product must do with the last message of a case."""

    FILED = "filed"
    """Every document goes to the record of its patient (of itself or with one click)."""
    WORKLIST = "worklist"
    """The message is readable, its documents wait for a person: none enters a record of itself."""
    IGNORED = "ignored"
    """Already there: nothing new enters the record."""
    SHOWN = "shown"
    """A message to read; there is no document to file."""
    REFUSED = "refused"
    """Nothing of the archive enters a record; the message stays readable and says why."""


@dataclass(frozen=True)
class Case:
    """One case.

    ``rules``: the errors on the envelope that the kit's own validation finds in the last message; ``refused``: the code of the
    refusal when the reader refuses a part of it. ``sure``: the expected outcome is written in a source (else it is
    good sense, and a profile may only advise).
    """

    name: str
    title: Text
    build: Builder
    outcome: Outcome
    rules: tuple[str, ...] = ()
    refused: str = ""
    sure: bool = True

    def messages(self, post: Post | None = None) -> list[bytes]:
        """The messages in the order of their delivery."""
        return self.build(post or Post())


class Cases:
    """A collection of cases; ``case`` is the decorator that adds one."""

    def __init__(self) -> None:
        self.all: dict[str, Case] = {}

    def case(
        self, fr: str, outcome: Outcome, *, rules: tuple[str, ...] = (), refused: str = "", sure: bool = True
    ) -> Callable[[Builder], Builder]:
        """Add the decorated builder; its docstring is the title in English, ``fr`` the one in French."""

        def add(build: Builder) -> Builder:
            name = getattr(build, "__name__", "")
            english = (build.__doc__ or "").strip()
            self.all[name] = Case(name, Text(fr, english), build, outcome, rules, refused, sure)
            return build

        return add


CASES: Final = Cases()

"""Incoming messages by name: each case builds its messages from clinical documents, on the fly.

>>> for message in case("lower_version_late").messages(Post(level_3=my_vsm)): ...
"""

from __future__ import annotations

from conformance.generation.messages import hostile, ordinary  # noqa: F401  # each adds its cases
from conformance.generation.messages.case import CASES, Case, Outcome
from conformance.generation.messages.post import Post

__all__ = ["Case", "Outcome", "Post", "all_cases", "case"]


def all_cases() -> tuple[Case, ...]:
    """Every case, in the order in which the modules tell them."""
    return tuple(CASES.all.values())


def case(name: str) -> Case:
    """The case called ``name``; ``KeyError`` when there is none."""
    return CASES.all[name]

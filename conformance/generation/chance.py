"""Draws that shrink: hypothesis tries 0 first, so 0 must mean « no », « no more », « the plain form »."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

Drawn = TypeVar("Drawn")


def chance(random: Random, probability: float) -> bool:
    """Yes with this probability; the smallest draw says no."""
    return random.random() >= 1 - probability


class Plain(Random):
    """Draws the smallest of everything: « no », « no more », « the plain form »."""

    def random(self) -> float:
        """Always 0."""
        return 0.0

    def getrandbits(self, k: int, /) -> int:
        """Always 0."""
        return 0


def drawn_by(number: int) -> Random:
    """Draws that one number decides, with 0 for the plain form: many draws, when hypothesis need not shrink each."""
    return Random(number) if number else Plain()


def several(random: Random, draw: Callable[[], Drawn], least: int, most: int, more: float = 0.7) -> list[Drawn]:
    """From ``least`` to ``most`` draws: one more as long as a draw says so."""
    drawn = [draw() for _ in range(least)]
    while len(drawn) < most and chance(random, more):
        drawn.append(draw())
    return drawn

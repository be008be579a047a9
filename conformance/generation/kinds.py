"""One document of a kind from a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from conformance.core.errors import UsageError
from conformance.core.language import Text


def _cr_bio(random: Random) -> bytes:
    from conformance.generation.lab import draw_report, make_setting, write_lab_report

    setting = make_setting(random)
    return write_lab_report(draw_report(random, setting), setting)


def _vsm(random: Random) -> bytes:
    from conformance.generation.vsm import draw_vsm, make_vsm_setting

    setting = make_vsm_setting(random)
    return draw_vsm(random, setting)


def _letter(random: Random) -> bytes:
    from conformance.generation.level_1 import draw_letter, make_letter_setting

    return draw_letter(random, make_letter_setting(random))


def _prescription(random: Random) -> bytes:
    from conformance.generation.level_1 import draw_prescription, make_letter_setting

    return draw_prescription(random, make_letter_setting(random))


KINDS: Final[dict[str, Callable[[Random], bytes]]] = {
    "vsm": _vsm,
    "cr-bio": _cr_bio,
    "letter": _letter,
    "prescription": _prescription,
}
"""The kinds of document and how one is drawn."""


def generate(kind: str, seed: int) -> bytes:
    """A valid document of ``kind`` in UTF-8, always the same for the same seed.

    Raises ``UsageError`` for a kind that is not in ``KINDS``.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(
            "generation.unknown-kind",
            Text(f"Le kit ne fabrique pas de document « {kind} ».", f"The kit makes no document “{kind}”."),
            Text(f"Documents : {known}.", f"Documents: {known}."),
        )
    return KINDS[kind](Random(f"{kind}-{seed}"))

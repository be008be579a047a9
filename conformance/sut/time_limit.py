"""A time limit that holds whatever the product does: hang, drip byte by byte, loop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do ``work`` in a thread of its own; raises ``TimeoutError`` when it takes longer than ``seconds``.

    What ``work`` raises is raised here. Work that is late is abandoned, never waited for: only a product that
    hangs pays that price, and the run goes on.
    """
    answers: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # handed over to the caller, whatever it is
            answers.put((None, error))

    threading.Thread(target=run, name="segur-time-limit", daemon=True).start()
    try:
        value, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # without an error there is a value

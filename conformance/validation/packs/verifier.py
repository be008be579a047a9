"""Sees whether whole schematrons compile, beside the judging of a document that needs only some of their rules.

A schematron with one rule that does not compile does not load, whichever document is judged. Registration
finds this out for good; a folder that is not registered is looked at in a second worker while the first one
judges, and the answer is kept in the cache.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from conformance.core.language import Text, verbatim
from conformance.validation.packs.cache import confirm
from conformance.validation.packs.engine import Engine, EngineFault, LimitReached, Limits
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.program import Program
from conformance.validation.packs.stylesheet import checking, place_of_line

_WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class LoadFault:
    """Why a schematron does not load, and where the fault is, as far as the engine tells."""

    reason: Text
    file: str
    line: int


def load_fault(program: Program, engine: Engine) -> LoadFault | None:
    """Compile every rule of a schematron: why it does not load, ``None`` when it does. Raises ``LimitReached``."""
    if program.refusal is not None:
        return LoadFault(Text(*program.refusal), program.path, 1)
    engine.begin()
    xslt = checking(program, {number: tuple(group) for number, group in enumerate(program.groups)})
    try:
        engine.ask(do="compile", name=_WHOLE, xslt=xslt)
    except EngineFault as fault:
        place = place_of_line(program, xslt, fault.line) if fault.line else None
        return LoadFault(verbatim(str(fault)), *(place or (program.path, 1)))
    engine.ask(do="forget", names=[_WHOLE])
    return None


class Verifier:
    """Compiles whole schematrons in a worker of its own, one after the other, in the background."""

    def __init__(self, pack: Pack, limits: Limits) -> None:
        self._pack = pack
        self._limits = limits
        self._answers: dict[str, Future[LoadFault | None]] = {}
        self._thread: ThreadPoolExecutor | None = None
        self._engine: Engine | None = None

    def look_at(self, program: Program) -> None:
        """Begin with ``program``, unless it is known to load."""
        if program.loads or program.refusal is not None or self._pack.verified or program.path in self._answers:
            return
        if self._thread is None or self._engine is None:
            self._thread, self._engine = ThreadPoolExecutor(1), Engine(self._limits)
        self._answers[program.path] = self._thread.submit(self._verify, program, self._engine)

    def fault(self, path: str) -> LoadFault | None:
        """Why the schematron ``path`` does not load; waits for the answer when it is still being looked for."""
        answer = self._answers.get(path)
        return answer.result() if answer is not None else None

    def close(self) -> None:
        """Stop the worker."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        if self._engine is not None:
            self._engine.close()

    def _verify(self, program: Program, engine: Engine) -> LoadFault | None:
        try:
            fault = load_fault(program, engine)
        except LimitReached as limit:
            return LoadFault(limit.reason, program.path, 1)
        if fault is None:
            confirm(self._pack.source, program)
        return fault

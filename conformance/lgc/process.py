"""Start and stop the reference product as a process of its own, from Python."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

from conformance.core.child import Child
from conformance.core.language import Text


class ReferenceProduct:
    """The reference product, running: ``with ReferenceProduct(faults=("forgets_allergies",)) as lgc: lgc.url``.

    It answers on the loopback. It ends with the ``with`` block, and with this process whatever happens to it.
    ``store`` is the folder of its data; without it nothing is kept. Raises ``BenchError`` when it does not
    start within ``start_seconds``.
    """

    def __init__(
        self,
        faults: tuple[str, ...] = (),
        store: Path | None = None,
        port: int = 0,
        start_seconds: float = 30.0,
    ) -> None:
        self._arguments = ["--port", str(port), "--while-stdin-open"]
        self._arguments += ["--store", str(store)] if store else []
        self._arguments += [part for fault in faults for part in ("--fault", fault)]
        name = Text("le logiciel témoin", "the reference product")
        self._child = Child("conformance.lgc", "lgc.did-not-start", name, "segur lgc serve", start_seconds)

    def __enter__(self) -> ReferenceProduct:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it answers; empty before it has started."""
        return str(self._child.said.get("url", ""))

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._child.pid

    @property
    def restart_command(self) -> list[str]:
        """The command that starts it again at the same address, with what its store kept; ends when it answers."""
        return [sys.executable, "-m", "conformance.lgc.restart", str(self.pid), self.url]

    @property
    def log(self) -> str:
        """What the product wrote to its log so far, without what must not be shown."""
        return self._child.log

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._child.start(self._arguments)

    def stop(self) -> None:
        """End it, gently then firmly; a second call does nothing."""
        self._child.close()

    def kill(self) -> None:
        """End it as a power cut would; ``stop`` still has to be called."""
        self._child.kill()

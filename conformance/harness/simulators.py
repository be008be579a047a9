"""The simulators of a run: each is started once, when a test first needs it, and stopped with the run.

With several processes (xdist) the controller starts those that the profiles need and the workers speak to them. Tests
play ``together``: they keep apart by using patients and correspondents of their own. What disturbs everybody (an outage,
a wrong certificate, another user who logs in to the product) is done ``alone``, while no other test plays.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from conformance.core.errors import OperationNotOffered

if TYPE_CHECKING:
    from conformance.simulators.dmp import DmpSimulator
    from conformance.simulators.mssante import Operator, RemoteOperator

try:
    import fcntl
except ImportError:  # Windows: runs of one process only, which need no lock
    fcntl = None  # type: ignore[assignment]  # Windows has none


class Configured:
    """What the product was told (``mssante``, ``dmp``): the product is one, so all processes of a run share it.

    ``file`` holds the names, one a line; without it there is one process. Changes are made ``alone``.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._own: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names()

    def add(self, name: str) -> None:
        """The product was told this."""
        self._keep(self._names() | {name})

    def discard(self, name: str) -> None:
        """What the product was told of this counts no more."""
        self._keep(self._names() - {name})

    def _names(self) -> set[str]:
        if self._file is None:
            return self._own
        return set(self._file.read_text("utf-8").split()) if self._file.exists() else set()

    def _keep(self, names: set[str]) -> None:
        self._own = names
        if self._file is not None:
            self._file.write_text("\n".join(sorted(names)), encoding="utf-8")


class Simulators:
    """What one process of a run knows of the simulators.

    ``given``: name → control URL of those that the controller runs. ``folder`` is where the processes of a run meet
    (``share``); without it there is one process.
    """

    def __init__(self, given: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        self._given = dict(given or {})
        self._folder = folder
        self._held: IO[str] | None = None
        self._alone = False
        self._operators: dict[str, RemoteOperator] = {}
        self._dmp: DmpSimulator | None = None
        self._at_the_end = ExitStack()
        self.configured = Configured(folder / "configured" if folder else None)
        self.not_offered: dict[str, OperationNotOffered] = {}
        """Roads to the product (``mssante``, ``dmp``) that it turned out not to offer, and how it said so."""

    def operator(self, control: str = "") -> RemoteOperator:
        """The MSSanté operator: the one at ``control``, or the embedded one."""
        # Loaded by the runs that need it: servers and certificates take their time.
        from conformance.simulators.mssante import Operator, RemoteOperator

        known = self._operators.get(control)
        if known is None:
            address = control or self._given.get("mssante", "")
            known = self._operators[control] = RemoteOperator(address) if address else self._started(Operator())
        return known

    @property
    def shared_product(self) -> bool:
        """Whether other processes of this run use the product too, and may have told it something else since."""
        return self._folder is not None

    def dmp(self) -> DmpSimulator:
        """The simulated DMP."""
        from conformance.simulators.dmp import DmpSimulator

        if self._dmp is None:
            self._dmp = self._at_the_end.enter_context(DmpSimulator())
        return self._dmp

    def _started(self, operator: Operator) -> Operator:
        self._at_the_end.callback(operator.close)
        return operator

    def start(self, names: tuple[str, ...]) -> dict[str, str]:
        """Start the simulators of these names now; gives their control URLs, for other processes."""
        return {name: self.operator().control_url for name in names if name == "mssante"}

    def share(self) -> Path:
        """A folder where the processes of this run meet; it goes when the simulators stop."""
        folder = Path(tempfile.mkdtemp(prefix="segur-run-"))
        self._at_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def close(self) -> None:
        """Stop those that were started here."""
        self._at_the_end.close()
        self._operators.clear()
        self._dmp = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Others may play too."""
        if self._folder is None or fcntl is None or self._held is not None:
            yield
            return
        with (self._folder / "lock").open("a") as held:
            with self._turn():
                fcntl.flock(held, fcntl.LOCK_SH)
            self._held = held
            try:
                yield
            finally:
                self._held = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside ``together``: nobody else plays meanwhile. Others may have played since the test began."""
        if self._held is None or fcntl is None or self._alone:
            yield
            return
        fcntl.flock(self._held, fcntl.LOCK_UN)  # two that wait for each other would wait for ever
        with self._turn():
            fcntl.flock(self._held, fcntl.LOCK_EX)
        self._alone = True
        try:
            yield
        finally:
            self._alone = False
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def give_way(self) -> None:
        """Inside ``together``: let those play now who wait to be alone. The product may have another user afterwards."""
        if self._held is None or fcntl is None or self._alone:
            return
        fcntl.flock(self._held, fcntl.LOCK_UN)
        with self._turn():
            fcntl.flock(self._held, fcntl.LOCK_SH)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Who waits to be alone is not overtaken by those who play together."""
        assert self._folder is not None
        with (self._folder / "turn").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

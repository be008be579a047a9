"""The simulators of a run: each is started once, when a test first needs it, and stopped with the run.

With several processes (xdist) the controller starts those that the profiles need and the workers speak to them; tests
keep apart by using patients and correspondents of their own. What disturbs everybody (an outage, a wrong certificate)
is done ``alone``, while no other test uses the simulators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.simulators.dmp import DmpSimulator
    from conformance.simulators.mssante import Operator, RemoteOperator

try:
    import fcntl
except ImportError:  # Windows: runs of one process only, which need no lock
    fcntl = None  # type: ignore[assignment]


class Simulators:
    """What one process of a run knows of the simulators.

    ``given``: name → control URL of those that the controller runs. ``folder`` holds the lock between processes;
    without it there is one process.
    """

    def __init__(self, given: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        self._given = dict(given or {})
        self._lock = folder / "simulators.lock" if folder else None
        self._held: IO[str] | None = None
        self._operators: dict[str, RemoteOperator] = {}
        self._dmp: DmpSimulator | None = None
        self._at_the_end = ExitStack()
        self.configured: set[str] = set()
        """What the product was already told in this process (``mssante``…)."""

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
        return self._lock is not None

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

    def close(self) -> None:
        """Stop those that were started here."""
        self._at_the_end.close()
        self._operators.clear()
        self._dmp = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Others may use the simulators too."""
        if self._lock is None or fcntl is None:
            yield
            return
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            self._held = held
            try:
                yield
            finally:
                self._held = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside ``together``: nobody else uses the simulators meanwhile."""
        if self._held is None or fcntl is None:
            yield
            return
        fcntl.flock(self._held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._held, fcntl.LOCK_SH)

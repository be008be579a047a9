"""The session of the product at the operator: its mailbox, who logs in, looking for mail, waiting, being alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Final, TypeVar

from conformance.harness.bench import Bench
from conformance.simulators.mssante import RemoteOperator
from conformance.sut.contract import Endpoint, OperationNotOffered, ProductRefused, Settings

HOLDER: Final = "899999000013"
"""The professional (PS_IdNat) whose session opens the mailbox of the product."""
MAILBOX: Final = "erwan.lotissier@quai.mssante.fr"
"""That of the product, when the profile has no option for it."""
SOFTWARE: Final = "DEV935997"
"""The reference that the product is told to send (X-MSS-NIL)."""

Found = TypeVar("Found")


class MailSession:
    """A product with a mailbox, and the operator that watches it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._random = Random(f"mssante {bench.seed} {bench.test}")
        self.token = "".join(self._random.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(7))
        self.operator: RemoteOperator = bench.simulators.operator(str(bench.options.get("control", "")))
        self.mailbox = str(bench.options.get("mailbox", MAILBOX))
        self.patience = float(bench.options.get("patience", 10))
        self.looks_by_itself = False
        """Whether the product looks into its mailbox in its own time: what must show is then waited for."""
        self.log_in()
        self.started = self.operator.last
        """The number of the journal's entry before this test: what came earlier is not its own."""

    def log_in(self) -> None:
        """Tell the product where its mailbox is, unless it was told, and nobody else has logged in since."""
        configured = self.bench.simulators.configured
        if "mssante" not in configured:
            with self.bench.simulators.alone():
                if "mssante" not in configured:
                    self.configure()
                    configured.add("mssante")

    def configure(self) -> None:
        """Give the product its mailbox, as a user who logs in. A product that is set up by hand is left as it is."""
        operator = self.operator
        operator.add_mailbox(self.mailbox, name="Essai", holders=[HOLDER])
        trusted = operator.trust_file.read_text("ascii")

        def endpoint(url: str) -> Endpoint:
            return Endpoint(url=url, mailbox=self.mailbox, trusted_certificates=trusted)

        settings = Settings(
            mssante_submission=endpoint(f"smtp://{operator.host}:{operator.smtp_port}"),
            mssante_retrieval=endpoint(f"imap://{operator.host}:{operator.imap_port}"),
            tokens=Endpoint(url=operator.token_url, secret=operator.token(HOLDER).refresh),
            software_reference=SOFTWARE,
        )
        try:
            self.bench.product.configure(settings)
        except OperationNotOffered:
            if not self.bench.options.get("control"):
                raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other test plays meanwhile."""
        with self.bench.simulators.alone():
            self.log_in()  # another test may have played, with another user, until nobody else did
            yield

    def poll(self, uids: Sequence[int] = ()) -> None:
        """Have the product look into its mailbox; one that looks by itself is waited for."""
        try:
            self.bench.product.poll_mailbox()
        except OperationNotOffered:
            self.looks_by_itself = True
            for uid in uids:
                if self.operator.wait_for("imap.fetched", self.patience, self.started, uid=uid) is None:
                    raise
            time.sleep(min(2.0, self.patience))  # fetched is not yet filed

    def poll_refused_or_not(self) -> None:
        """Have the product look into its mailbox while the operator is in trouble: it may say so."""
        try:
            self.poll()
        except ProductRefused:
            self.bench.story.work += 1  # it answered: it says that it cannot

    def until(self, found: Callable[[], Found]) -> Found:
        """Ask again until there is something, as long as the patience of the profile lasts."""
        end = time.monotonic() + self.patience
        while True:
            seen = found()
            if seen or time.monotonic() > end:
                return seen
            time.sleep(0.05)

    def in_time(self, found: Callable[[], Found]) -> Found:
        """What must show by now; for a product that looks into its mailbox in its own time, within its patience."""
        return self.until(found) if self.looks_by_itself else found()

    def until_sent(self, found: Callable[[], Found]) -> Found:
        """The same for a product that tries again: between two looks it is asked to send and receive."""

        def look() -> Found:
            self.poll_refused_or_not()
            return found()

        return self.until(look)

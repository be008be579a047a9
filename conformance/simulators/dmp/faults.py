"""Faults on request: what the simulated DMP does wrong, how often, and to whom.

A fault waits for the next requests that it concerns, serves ``times`` of them (0: until it is lifted), and is
written in the journal each time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.exchange.dmp import transactions as td
from conformance.simulators.dmp.refusals import ERROR_CODES


class FaultKind(StrEnum):
    """What goes wrong."""

    UNAVAILABLE = "unavailable"
    """503, and nothing is done."""
    SLOW = "slow"
    """The answer comes after ``seconds``."""
    CUT = "cut"
    """The connection is cut before anything is done."""
    CUT_AFTER = "cut_after"
    """The request is served, then the connection is cut before the answer: the product cannot know."""
    ERROR = "error"
    """Refused with ``code``, in the place where the service says its errors."""
    PARTIAL_SUCCESS = "partial_success"
    """Served, and answered by PartialSuccess with a warning."""
    DUPLICATE = "duplicate"
    """Served, and answered as a lot that was there already (an acknowledgement that got lost, then the same again)."""
    EXPIRED_CERTIFICATE = "expired_certificate"
    """The server presents an expired certificate."""
    WRONG_HOST = "wrong_host"
    """The server presents a certificate for another name."""
    UNKNOWN_AUTHORITY = "unknown_authority"
    """The server presents a certificate that no trusted authority issued."""
    REDIRECT = "redirect"
    """The request is sent on to the same address by ``code`` (one of ``REDIRECTIONS``; 307 when empty)."""
    GARBAGE = "garbage"
    """The answer is no SOAP message."""


CERTIFICATE_FAULTS = frozenset({FaultKind.EXPIRED_CERTIFICATE, FaultKind.WRONG_HOST, FaultKind.UNKNOWN_AUTHORITY})
REDIRECTIONS = ("301", "302", "307", "308")
BEFORE_READING = CERTIFICATE_FAULTS | {FaultKind.REDIRECT}
"""What happens before the transaction is known: they concern any."""
LETTERED = {td.FEED.key: ("td2.1", "td2.2"), td.SEARCH.key: ("td3.1a", "td3.1b")}
CONCERNED = ("", *(key for one in td.TRANSACTIONS for key in LETTERED.get(one.key, (one.key,))))
"""What ``DmpFault.transaction`` may be."""


@dataclass(frozen=True, slots=True)
class DmpFault:
    """A fault. ``transaction`` (one of ``CONCERNED``) narrows it down; empty: any. ``times`` 0: until lifted."""

    kind: FaultKind
    times: int = 1
    transaction: str = ""
    code: str = ""
    seconds: float = 2.0

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DmpFault:
        """The fault of a JSON object. Raises ``UsageError`` for what does not exist."""
        try:
            kind = FaultKind(values["kind"])
            made = cls(
                kind,
                int(values.get("times", 1)),
                str(values.get("transaction", "")),
                str(values.get("code", "")),
                float(values.get("seconds", 2.0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unknown(", ".join(FaultKind)) from error
        made.check()
        return made

    def check(self) -> None:
        """Raise ``UsageError`` when the fault asks for an error code that does not exist, or is out of bounds."""
        if self.kind is FaultKind.ERROR and self.code not in ERROR_CODES:
            raise _unknown(", ".join(ERROR_CODES))
        if self.kind is FaultKind.REDIRECT and self.code not in ("", *REDIRECTIONS):
            raise _unknown(", ".join(REDIRECTIONS))
        if self.transaction not in CONCERNED or (self.transaction and self.kind in BEFORE_READING):
            raise _unknown("transaction : " + ", ".join(one or "«  »" for one in CONCERNED))
        if self.times < 0 or not 0 <= self.seconds <= 600:
            raise _unknown("times ≥ 0, 0 ≤ seconds ≤ 600")


def _unknown(known: str) -> UsageError:
    return UsageError(
        "dmp.fault",
        Text("Ce défaut du DMP simulé n’existe pas.", "The simulated DMP has no such fault."),
        Text(f"Possibles : {known}.", f"Possible: {known}."),
    )


class FaultBox:
    """The faults that wait. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[DmpFault] = []

    def add(self, fault: DmpFault) -> None:
        """Let a fault wait. Raises ``UsageError`` when it makes no sense."""
        fault.check()
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Lift every fault."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[DmpFault]:
        """The faults that wait."""
        with self._lock:
            return list(self._waiting)

    def take(self, transaction: str) -> DmpFault | None:
        """The fault that this request meets, if any; it has then served once more."""
        return self._take(lambda fault: fault.kind not in CERTIFICATE_FAULTS and fault.transaction in ("", transaction))

    @property
    def certificate_waits(self) -> bool:
        """Whether the next new connection meets a wrong certificate."""
        return any(one.kind in CERTIFICATE_FAULTS for one in self.waiting())

    def take_certificate(self) -> FaultKind | None:
        """The certificate fault that a new connection meets, if any."""
        found = self._take(lambda fault: fault.kind in CERTIFICATE_FAULTS)
        return found.kind if found else None

    def _take(self, concerns: Any) -> DmpFault | None:
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if not concerns(fault):
                    continue
                if fault.times == 1:
                    del self._waiting[index]
                elif fault.times > 1:
                    self._waiting[index] = replace(fault, times=fault.times - 1)
                return fault
        return None

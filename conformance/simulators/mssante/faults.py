"""Misbehaviour on request: in the recipient's address, or through the control API.

In an address, after a plus sign: ``martin+rcpt-550@…`` is refused at RCPT with 550; the same mailbox otherwise. As MAIL
comes before any recipient is known, ``mail-`` is read in the sender's address. Tags:

===================  ====================================================================================
``mail-CODE``        the sender is refused at MAIL
``rcpt-CODE``        the recipient is refused at RCPT
``data-CODE``        DATA is refused before the message
``end-CODE``         the message is refused after its last line
``…-xN``             any of the above and of the drops, for the first N attempts only: ``rcpt-451-x2``
``slow-SECONDS``     the answer to the last line comes late
``drop``             the connection is cut in the middle of DATA; nothing was accepted
``drop-end``         the connection is cut after the last line: accepted, and never acknowledged
``bounce-STATUS``    accepted, then a failure notice with that enhanced status (``bounce-5.1.1``)
``delay``            accepted, with a notice that delivery is late when one was asked for
``mdn``              the recipient opens the message: a read receipt, if one was asked for
``mdn-late-SECONDS``  the same, late
``mdn-CODE``         the recipient's product could not integrate it: 900 to 906; ``mdn-old-CODE`` the old grammar
===================  ====================================================================================

The codes are those that ANS maps to business errors (volet CDA-R2 en HL7v2, table SMTPERRORCODE).
"""

from __future__ import annotations

import fnmatch
import itertools
import re
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.simulators.mssante.model import mailbox_address, split

SMTP_CODES: Final = {
    101: "Cannot open the connection", 111: "Connection refused", 251: "User not local, will forward",
    252: "Cannot verify the user, will try", 420: "Timeout", 421: "Service not available",
    422: "Mailbox over quota", 431: "Out of storage", 432: "Recipient's queue is stopped",
    441: "Recipient's server does not answer", 442: "Connection dropped", 450: "Mailbox busy",
    451: "Local error", 452: "Insufficient storage", 500: "Command not recognised", 501: "Bad argument",
    502: "Command not implemented", 503: "Bad sequence", 504: "Parameter not implemented", 510: "Bad address",
    512: "Domain not found", 513: "Bad address type", 523: "Message too big", 530: "Authentication required",
    541: "Refused as spam", 550: "Mailbox not found", 551: "User not local", 552: "Mailbox full",
    553: "Mailbox name not allowed", 554: "Transaction failed",
}  # fmt: skip
"""Code and what this operator says with it. The codes below 400 are no refusal on the wire; they can be sent too."""


class FaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    SLOW = "slow"
    DROP = "drop"
    BOUNCE = "bounce"
    DELAY = "delay"
    RECEIPT = "receipt"
    EXPIRE = "expire"


class Stage(StrEnum):
    """When it goes wrong: steps of submission, steps of access, or after acceptance."""

    CONNECT = "connect"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"
    IMAP_CONNECT = "imap-connect"
    IMAP_AUTH = "imap-auth"
    IMAP_COMMAND = "imap-command"
    IMAP_IDLE = "imap-idle"
    IMAP_FETCH = "imap-fetch"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour.

    ``address`` is a pattern (``*@patient.mssante.fr``) on the recipient; on the sender at MAIL, and on the mailbox that
    is opened at the stages of access; before any address is known it must be ``*``. ``times``: how often, ``None``
    for ever. ``code``: of SMTP, or of an integration error for receipts; ``status``: enhanced, for bounces. A receipt
    with neither code says that the message was displayed; ``old_grammar`` writes it as before v1.1.3.
    """

    kind: FaultKind
    stage: Stage
    address: str = "*"
    code: int = 0
    status: str = ""
    seconds: float = 0.0
    times: int | None = None
    words: str = ""
    old_grammar: bool = False
    octets: int = 2000

    @property
    def answer(self) -> str:
        """What the server says when it refuses."""
        enhanced = f"{self.code // 100}.3.0 " if self.code >= 400 else ""
        return f"{self.code} {self.status + ' ' if self.status else enhanced}{self.words or _words(self.code)}"

    def as_json(self) -> dict[str, Any]:
        """The fault as the control API speaks of it."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(value: Any) -> Fault:
        """Read what ``as_json`` wrote, or a part of it; raises ``UsageError`` when it is no fault."""
        try:
            fault = Fault(**value)
            fault = replace(fault, kind=FaultKind(fault.kind), stage=Stage(fault.stage))
        except (TypeError, ValueError) as error:
            raise _not_a_fault(str(error)) from error
        for name, kinds in _FORMS.items():
            given = getattr(fault, name)
            if not isinstance(given, kinds) or (isinstance(given, bool) and bool not in kinds):
                raise _not_a_fault(f"{name} {given!r}")
        if not 0 <= fault.seconds <= _LONGEST or any(character in fault.words + fault.status for character in "\r\n"):
            raise _not_a_fault(f"seconds {fault.seconds}, words {fault.words!r}")
        if fault.kind is FaultKind.REFUSE and fault.stage in _SMTP_STAGES and not 100 <= fault.code <= 599:
            raise _not_a_fault(f"code {fault.code}")
        return fault


_FORMS: Final[dict[str, tuple[type, ...]]] = {
    "address": (str,), "code": (int,), "status": (str,), "seconds": (int, float), "times": (int, type(None)),
    "words": (str,), "old_grammar": (bool,), "octets": (int,),
}  # fmt: skip
_LONGEST: Final = 86_400.0
"""Seconds that a fault may last."""
_SMTP_STAGES: Final = (Stage.CONNECT, Stage.AUTH, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END)
_REFUSAL: Final = re.compile(r"(mail|rcpt|data|end)-([1-5]\d\d)(?:-x(\d+))?\Z")
_DROP: Final = re.compile(r"drop(-end)?(?:-x(\d+))?\Z")
_SLOW: Final = re.compile(r"slow-(\d+(?:\.\d+)?)\Z")
_BOUNCE: Final = re.compile(r"bounce(?:-(\d\.\d{1,3}\.\d{1,3}))?\Z")
_RECEIPT: Final = re.compile(r"mdn(?:-late-(\d+(?:\.\d+)?))?(?:-(old-)?(90[0-6]))?\Z")


def fault_in(address: str) -> Fault | None:
    """The fault that an address asks for; ``None`` for an ordinary address."""
    tag = split(address)[1]
    if match := _REFUSAL.match(tag):
        return Fault(FaultKind.REFUSE, Stage(match[1]), address, int(match[2]), times=_number(match[3]))
    if match := _DROP.match(tag):
        return Fault(FaultKind.DROP, Stage.END if match[1] else Stage.DATA, address, times=_number(match[2]))
    if match := _SLOW.match(tag):
        return Fault(FaultKind.SLOW, Stage.END, address, seconds=float(match[1]))
    if match := _BOUNCE.match(tag):
        return Fault(FaultKind.BOUNCE, Stage.LATER, address, status=match[1] or "5.1.1")
    if tag == "delay":
        return Fault(FaultKind.DELAY, Stage.LATER, address)
    if match := _RECEIPT.match(tag):
        code = int(match[3] or 0)
        return Fault(
            FaultKind.RECEIPT, Stage.LATER, address, code, seconds=float(match[1] or 0), old_grammar=bool(match[2])
        )
    return None


class Faults:
    """The faults that are waiting, and how often those of the addresses happened. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Fault] = {}
        self._happened: dict[str, int] = {}

    def add(self, fault: Fault) -> int:
        """Arm a fault; gives its number."""
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = fault
            return number

    def remove(self, number: int) -> bool:
        """Disarm one; says whether it was still there."""
        with self._lock:
            return self._waiting.pop(number, None) is not None

    def clear(self) -> None:
        """Disarm all, and forget how often those of the addresses happened."""
        with self._lock:
            self._waiting.clear()
            self._happened.clear()

    def waiting(self) -> dict[int, Fault]:
        """The faults armed through the API, by number; ``times`` is what is left."""
        with self._lock:
            return dict(self._waiting)

    def at(self, stage: Stage, address: str = "") -> list[Fault]:
        """The faults that would happen at ``stage`` to ``address``, the next one first; none is counted."""
        with self._lock:
            coded = fault_in(address)
            found = [coded] if coded is not None and coded.stage is stage else []
            return found + [one for one in self._waiting.values() if one.stage is stage and _fits(one.address, address)]

    def take(self, stage: Stage, address: str = "") -> Fault | None:
        """The fault that must happen now at ``stage`` to ``address``, counted as having happened."""
        with self._lock:
            coded = fault_in(address)
            if coded is not None and coded.stage is stage:
                seen = self._happened.get(address.casefold(), 0)
                if coded.times is None or seen < coded.times:
                    self._happened[address.casefold()] = seen + 1
                    return coded
            for number, fault in self._waiting.items():
                if fault.stage is stage and _fits(fault.address, address):
                    if fault.times is not None:
                        if fault.times <= 1:
                            del self._waiting[number]
                        else:
                            self._waiting[number] = replace(fault, times=fault.times - 1)
                    return fault
            return None


def _fits(pattern: str, address: str) -> bool:
    wanted = pattern.casefold()
    return any(fnmatch.fnmatchcase(one, wanted) for one in (address.casefold(), mailbox_address(address)))


def _words(code: int) -> str:
    return SMTP_CODES.get(code, "Refused on request")


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _not_a_fault(why: str) -> UsageError:
    return UsageError(
        "mssante.not-a-fault",
        Text(f"Ce défaut n’est pas compris ({why}).", f"This fault is not understood ({why})."),
        Text("La liste des défauts est dans docs/mssante.fr.md.", "The list of faults is in docs/mssante.md."),
    )

"""The seeded faults: each replaces one part of the product by one that does one thing wrong.

A fault is a class that inherits from the part it spoils; its name is the class name in small letters, and
its docstring says what it does, in one English sentence and, after a blank line, the same in French. To add
one: write the class in the file of its domain.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.lgc.biology.judging import LabJudging
from conformance.lgc.biology.laboratory import Laboratory
from conformance.lgc.biology.reading import LabReading
from conformance.lgc.biology.showing import LabShowing
from conformance.lgc.display import Display
from conformance.lgc.dmp.client import DmpClient
from conformance.lgc.dmp.consultation import Consultation
from conformance.lgc.dmp.feeding import Feeding
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.lots import Lots
from conformance.lgc.dmp.user import Voucher
from conformance.lgc.faults import (
    biology_judging,
    biology_lists,
    biology_reading,
    biology_showing,
    display_sheets,
    dmp_consulting,
    dmp_feeding,
    dmp_lifecycle,
    dmp_messages,
    dmp_preloading,
    identity_statuses,
    mss_channel,
    mss_following,
    mss_identity,
    mss_reception,
    mss_sending,
    vsm_absence,
    vsm_content,
    vsm_header,
    vsm_versions,
    vsm_writing,
)
from conformance.lgc.identities import Identities
from conformance.lgc.mail.courier import Courier
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.outbox import Outbox
from conformance.lgc.mail.reading import Reader
from conformance.lgc.mail.receipts import Receipts
from conformance.lgc.mail.revocation import Revocations
from conformance.lgc.mail.vigilance import Vigilance
from conformance.lgc.mail.writing import Writer
from conformance.lgc.practice import Parts, Practice
from conformance.lgc.versions import Versions
from conformance.lgc.vsm import Vsm

_MODULES: tuple[ModuleType, ...] = (
    vsm_header,
    vsm_content,
    vsm_absence,
    vsm_versions,
    vsm_writing,
    identity_statuses,
    mss_reception,
    mss_identity,
    mss_sending,
    mss_channel,
    mss_following,
    biology_reading,
    biology_judging,
    biology_showing,
    biology_lists,
    display_sheets,
    dmp_feeding,
    dmp_lifecycle,
    dmp_messages,
    dmp_consulting,
    dmp_preloading,
)

_PARTS: dict[str, type[Any]] = {
    "practice": Practice,
    "vsm": Vsm,
    "identities": Identities,
    "laboratory": Laboratory,
    "lab_reading": LabReading,
    "lab_judging": LabJudging,
    "lab_showing": LabShowing,
    "desk": Desk,
    "courier": Courier,
    "reader": Reader,
    "vigilance": Vigilance,
    "versions": Versions,
    "writer": Writer,
    "outbox": Outbox,
    "receipts": Receipts,
    "revocations": Revocations,
    "display": Display,
    "feeding": Feeding,
    "consultation": Consultation,
    "lots": Lots,
    "link": Link,
    "dmp_client": DmpClient,
    "voucher": Voucher,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name on the command line, its domain, what it does, and the part it replaces."""

    name: str
    domain: str
    sentence: Text
    part: str
    replacement: type[Any]


def _faults_of(module: ModuleType) -> list[Fault]:
    found = []
    for kind in vars(module).values():
        if not inspect.isclass(kind) or kind.__module__ != module.__name__ or kind.__name__.startswith("_"):
            continue
        part = next((name for name, base in _PARTS.items() if issubclass(kind, base)), None)
        if part is not None:
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
            domain = module.__name__.rsplit(".", 1)[1].partition("_")[0]
            found.append(Fault(name, domain, _sentence(kind), part, kind))
    return found


def _sentence(kind: type[Any]) -> Text:
    english, _, french = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
    return Text(french, english)


ALL: tuple[Fault, ...] = tuple(fault for module in _MODULES for fault in _faults_of(module))

FAULTS: dict[str, Fault] = {fault.name: fault for fault in ALL}


def names() -> tuple[str, ...]:
    """The names of all faults."""
    return tuple(FAULTS)


def faulty_parts(chosen: tuple[str, ...]) -> Parts:
    """The parts of the product with the faults ``chosen``; raises ``UsageError`` for an unknown name."""
    parts = Parts(practice=Practice)
    for name in chosen:
        fault = FAULTS.get(name)
        if fault is None:
            raise UsageError(
                "lgc.unknown-fault",
                Text(f"Le défaut « {name} » n’existe pas.", f"There is no fault “{name}”."),
                Text("« segur lgc faults » en donne la liste.", "“segur lgc faults” lists them."),
            )
        spoiled = getattr(parts, fault.part)
        # Two faults of one part work together: each calls the other through super().
        both = type(fault.replacement.__name__, (fault.replacement, spoiled), {})
        parts = replace(parts, **{fault.part: both})
    return parts

"""The reference product as one that looks into its mailbox by itself: ``poll_mailbox`` is not offered."""

from __future__ import annotations

import threading
import time
from typing import Any

from conformance.lgc.faults import faulty_parts
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store
from conformance.sut.contract import ProductRefused


class PollingProduct:
    """A Python object for the adapter ``python``; what it is not asked for it does every 100 ms."""

    def __init__(self) -> None:
        parts = faulty_parts(())
        self._practice = parts.practice(Store(), parts)
        threading.Thread(target=self._look, daemon=True).start()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "poll_mailbox":
            raise AttributeError(name)
        method = getattr(self._practice, name)

        def call(*arguments: Any) -> Any:
            try:
                return method(*arguments)
            except Refused as refused:
                raise ProductRefused(name, refused.status, refused.code, refused.message) from refused

        return call

    def _look(self) -> None:
        while True:
            time.sleep(0.1)
            try:
                self._practice.poll_mailbox()
            except Refused:
                continue

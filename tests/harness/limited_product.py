"""The reference product without some of the operations of the contract, as a Python object for its adapter."""

from __future__ import annotations

from typing import Any

from conformance.lgc.faults import faulty_parts
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store
from conformance.sut.contract import ProductRefused


class LimitedProduct:
    """All operations but those named."""

    def __init__(self, *missing: str) -> None:
        parts = faulty_parts(())
        self._practice = parts.practice(Store(), parts)
        self._missing = missing

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in self._missing:
            raise AttributeError(name)
        method = getattr(self._practice, name)

        def call(*arguments: Any) -> Any:
            try:
                return method(*arguments)
            except Refused as refused:
                raise ProductRefused(name, refused.status, refused.code, refused.message) from refused

        return call


class WithoutReset(LimitedProduct):
    """A product that never forgets."""

    def __init__(self) -> None:
        super().__init__("reset")

"""What one failure of the adapter means for the calls that follow it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from conformance.core.errors import AdapterError
from conformance.core.language import Text
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut import errors
from conformance.sut.contract import Product


class Failing:
    """Fails at each operation as it is told, and counts what it was asked."""

    def __init__(self, **how: AdapterError) -> None:
        self.how = how
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def operation() -> tuple[()]:
            self.asked.append(name)
            if name in self.how:
                raise self.how[name]
            return ()

        return operation


def watched(**how: AdapterError) -> tuple[Any, Failing]:
    product = Failing(**how)
    return Watched(cast(Product, product), Story(None)), product


def garbage(name: str) -> AdapterError:
    return errors.garbage(name, Text("n'importe quoi", "anything"))


def test_after_an_answer_that_is_not_of_the_contract_all_is_still_asked() -> None:
    seen, product = watched(worklist=garbage("worklist"))
    for _ in range(2):
        with pytest.raises(AdapterError):
            seen.worklist()
        seen.alerts()
    assert product.asked == ["worklist", "alerts"] * 2


@pytest.mark.parametrize(
    "error", [errors.too_slow("worklist", 1), errors.cut("worklist", ""), errors.too_long("worklist", 1)]
)
def test_an_operation_that_takes_time_to_fail_is_not_tried_again_and_others_are(error: AdapterError) -> None:
    seen, product = watched(worklist=error)
    for _ in range(2):
        with pytest.raises(AdapterError):
            seen.worklist()
        seen.alerts()
    assert product.asked == ["worklist", "alerts", "alerts"]


def test_after_two_operations_that_hang_nothing_is_tried() -> None:
    seen, product = watched(worklist=errors.too_slow("worklist", 1), outgoing=errors.too_slow("outgoing", 1))
    for name in ("worklist", "outgoing", "alerts", "worklist"):
        with pytest.raises(AdapterError):
            getattr(seen, name)()
    assert product.asked == ["worklist", "outgoing"]


def test_a_product_that_cannot_be_reached_is_asked_nothing_more() -> None:
    seen, product = watched(worklist=errors.unreachable("http://127.0.0.1:9", "refused"))
    for name in ("worklist", "alerts"):
        with pytest.raises(AdapterError):
            getattr(seen, name)()
    assert product.asked == ["worklist"]

"""Pairing at the least cost: against every pairing that there is."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.harness.pairing import least_cost

TABLES = st.integers(0, 4).flatmap(
    lambda width: st.lists(st.lists(st.none() | st.integers(0, 9), min_size=width, max_size=width), max_size=4)
)


def _worth(costs: list[list[int | None]], pairing: list[int | None]) -> tuple[int, int]:
    """How many rows are left alone, then what the pairs cost: the less the better."""
    paid = [costs[row][column] for row, column in enumerate(pairing) if column is not None]
    return len(costs) - len(paid), sum(cost for cost in paid if cost is not None)


@settings(max_examples=150)
@given(costs=TABLES)
def test_no_other_pairing_is_better(costs: list[list[int | None]]) -> None:
    found = least_cost(costs)
    columns = [column for column in found if column is not None]
    assert len(columns) == len(set(columns))
    assert all(column is None or costs[row][column] is not None for row, column in enumerate(found))
    width = len(costs[0]) if costs else 0
    every = permutations([*range(width), *[None] * len(costs)], len(costs))
    allowed = (p for p in every if all(c is None or costs[r][c] is not None for r, c in enumerate(p)))
    assert _worth(costs, found) == min(_worth(costs, list(pairing)) for pairing in allowed)

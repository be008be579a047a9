"""Pairing what a record holds with what a document says, at the least cost over all pairs together."""

from __future__ import annotations

from collections.abc import Sequence

_NEVER = 10**9


def least_cost(costs: Sequence[Sequence[int | None]]) -> list[int | None]:
    """For each row the column that it goes with: as many pairs as can be, at the least total cost.

    ``None`` among the costs: the two cannot go together. A row left alone gets ``None``. The Hungarian method, with a
    column more for each row, so that any row may stay alone.
    """
    rows = len(costs)
    width = len(costs[0]) if costs else 0
    table = [[_NEVER if cost is None else cost for cost in row] + [_NEVER] * rows for row in costs]
    row_prices = [0] * (rows + 1)
    prices = [0] * (width + rows + 1)
    owner = [0] * (width + rows + 1)  # column → row, from 1; 0 is nobody, and column 0 holds the row being placed
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        slack = [2 * _NEVER] * (width + rows + 1)
        way = [0] * (width + rows + 1)
        done = [False] * (width + rows + 1)
        while owner[column]:
            done[column] = True
            placed, smallest, following = owner[column], 2 * _NEVER, 0
            for other in range(1, width + rows + 1):
                if done[other]:
                    continue
                reduced = table[placed - 1][other - 1] - row_prices[placed] - prices[other]
                if reduced < slack[other]:
                    slack[other], way[other] = reduced, column
                if slack[other] < smallest:
                    smallest, following = slack[other], other
            for other in range(width + rows + 1):
                if done[other]:
                    row_prices[owner[other]] += smallest
                    prices[other] -= smallest
                else:
                    slack[other] -= smallest
            column = following
        while column:
            owner[column] = owner[way[column]]
            column = way[column]
    found: list[int | None] = [None] * rows
    for column in range(1, width + 1):
        row = owner[column]
        if row and costs[row - 1][column - 1] is not None:
            found[row - 1] = column - 1
    return found

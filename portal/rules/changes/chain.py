"""Chains: the pairs that keep their order on both sides."""

from collections.abc import Callable, Sequence


def heaviest_chain(values: list[int], weight_of: Callable[[int], float]) -> list[int]:
    """Positions of the heaviest strictly increasing subsequence of distinct `values`; of equal ones always the same.

    `weight_of` gives the weight of a position.
    """
    ascending = sorted(values)
    if values == ascending:
        return list(range(len(values)))
    order = {value: rank for rank, value in enumerate(ascending, 1)}
    best: list[tuple[float, int]] = [(0.0, -1)] * (len(values) + 1)
    before: list[int] = []
    for position, value in enumerate(values):
        rank, at = order[value], order[value] - 1
        found = (0.0, -1)
        while at:
            found = max(found, best[at], key=_weight)
            at &= at - 1
        before.append(found[1])
        entry = (found[0] + weight_of(position), position)
        while rank <= len(values):
            if entry[0] > best[rank][0]:
                best[rank] = entry
            rank += rank & -rank
    at, top = len(values), (0.0, -1)
    while at:
        top = max(top, best[at], key=_weight)
        at &= at - 1
    chain = []
    position = top[1]
    while position >= 0:
        chain.append(position)
        position = before[position]
    return chain[::-1]


def _weight(entry: tuple[float, int]) -> float:
    return entry[0]


def best_pairs(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The order-preserving pairs (row, column) of the largest total gain; a gain of 0 or less is no pair."""
    rows, columns = len(gains), len(gains[0])
    table = [[0.0] * (columns + 1)]
    for gain in gains:
        above, here, best = table[-1], [0.0], 0.0
        for column, worth in enumerate(gain):
            if worth > 0 and above[column] + worth > best:
                best = above[column] + worth
            best = max(best, above[column + 1])
            here.append(best)
        table.append(here)
    pairs = []
    row, column = rows, columns
    while row and column:
        here_best = table[row][column]
        if here_best == table[row - 1][column]:
            row -= 1
        elif here_best == table[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]

"""Rows from columns."""

from typing import NamedTuple

import pytest

from portal.rules.columns import rows_of


class Pair(NamedTuple):
    number: int
    name: str = "nobody"


def test_a_row_for_each_place() -> None:
    rows = rows_of(Pair, [1, 2], map(str.upper, ["a", "b"]))
    assert rows == [Pair(1, "A"), Pair(2, "B")]
    assert [type(row) for row in rows] == [Pair, Pair]


def test_no_place_no_row() -> None:
    assert rows_of(Pair, [], []) == []


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        rows_of(Pair, [1, 2], ["a"])


def test_a_field_without_a_column_is_refused() -> None:
    with pytest.raises(TypeError, match="Pair has 2 fields, not 1"):
        rows_of(Pair, [1, 2])

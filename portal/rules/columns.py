"""Rows from columns: what is known of many things at once, put together without a line of Python for each."""

from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar

Row = TypeVar("Row", bound="tuple[Any, ...]")


def rows_of(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """A NamedTuple of that kind for each place in the columns, one for each of its fields, in their order.

    Raises ValueError where the columns have different lengths.
    """
    return list(map(partial(tuple.__new__, kind), zip(*columns, strict=True)))

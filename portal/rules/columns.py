"""Rows from columns: what is known of many things at once, put together without a line of Python for each."""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple, TypeVar

Row = TypeVar("Row", bound=NamedTuple)


def rows_of(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """A NamedTuple of that kind for each place in the columns, one for each of its fields, in their order.

    Raises TypeError where there is not one for each field, and ValueError where they have different lengths.
    """
    if len(columns) != len(kind._fields):
        raise TypeError(f"{kind.__name__} has {len(kind._fields)} fields, not {len(columns)}")
    return list(map(partial(tuple.__new__, kind), zip(*columns, strict=True)))

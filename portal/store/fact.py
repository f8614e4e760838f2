"""What every fact about a member carries, and the type of a JSON column."""

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

Json = fields.JSONField[Any]


class Fact(Model):
    """Something that happened.

    `received_at`: when it happened or arrived, the instant the rules use. `recorded_at`: when the portal learned of it.
    `sequence`: the id of the event that recorded it, which keeps the order of recording among equal instants.
    All in UTC, to the second.
    """

    received_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    sequence = fields.BigIntField()

    class Meta:
        abstract = True


def one_of(column: str, kind: type[StrEnum]) -> str:
    """A check that the column holds one of the kind's values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in kind)})"


def one_of_written_often(column: str, kind: type[StrEnum]) -> str:
    """The same for a table of which many rows are written at a time.

    SQLite makes a table of its own of a list of more than two values, anew for each row that it checks. It does not
    where they are compared one after the other.
    """
    return " OR ".join(f"{column} = {str(value)!r}" for value in kind)

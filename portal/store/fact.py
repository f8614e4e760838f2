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

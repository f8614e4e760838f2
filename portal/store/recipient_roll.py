"""The recipient roll: which members were owed a notice when a version was posted. It can be counted again."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from tortoise import fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.policies import Version
from portal.store.statement import for_dialect


class RecipientRoll(Model):
    """The members who were owed a notice when the version was posted, without names and addresses. Never altered.

    The roll is the version's notices with an id up to `last_notice_id` (0: there was none): no notice is ever deleted
    or given to another member or version, and those that are owed later have higher ids. `members` is their number,
    `digest` (`sha256:` and 64 hexadecimal digits) is that of their members' row ids: in ascending order, decimal, each
    followed by a line feed. `recorded_at` in UTC.
    """

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="rolls", on_delete=fields.RESTRICT
    )
    version_id: int
    members = fields.BigIntField()
    last_notice_id = fields.BigIntField()
    digest = fields.CharField(max_length=80)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "recipient_roll"
        constraints = (
            UniqueConstraint(fields=("version_id",), name="recipient_roll_once"),
            CheckConstraint(check="members >= 0", name="recipient_roll_number_known"),
            CheckConstraint(check="(members = 0) = (last_notice_id = 0)", name="recipient_roll_ends"),
        )


# The number is asked for with the highest id, so that no database looks for that one backwards through all versions.
OWED = "SELECT count(*) AS members, coalesce(max(id), 0) AS last FROM notice WHERE version_id = $1::bigint"

# In both the database writes the lines. A limited subquery hands its rows to SQLite's group_concat in their order.
LINES_SQLITE = """
SELECT group_concat(member_id, char(10)) AS lines, max(member_id) AS last FROM (
    SELECT member_id FROM notice WHERE version_id = ? AND id <= ? AND member_id > ? ORDER BY member_id LIMIT ?)
"""
# One statement: right after a million inserts PostgreSQL knows so little of the rows that it would sort them all anew
# for each chunk.
LINES_POSTGRESQL = "SELECT member_id FROM notice WHERE version_id = $1 AND id <= $2 ORDER BY member_id"
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Counted:
    """The number and the digest of a roll, as the notices have them."""

    members: int
    digest: str


class _Tally:
    """Lines that pass by: their number and their digest."""

    def __init__(self) -> None:
        self._lines = 0
        self._hash = sha256()

    async def take(self, lines: bytes) -> None:
        self._lines += lines.count(b"\n")
        self._hash.update(lines)

    def counted(self) -> Counted:
        return Counted(self._lines, f"sha256:{self._hash.hexdigest()}")


async def freeze_roll(connection: BaseDBAsyncClient, version_id: int, *, at: datetime) -> RecipientRoll:
    """Records who is owed a notice of the version now. Call it in the transaction that posts the version."""
    [owed] = await connection.execute_query_dict(for_dialect(connection, OWED), [version_id])
    found = await counted_roll(connection, version_id, owed["last"])
    return await RecipientRoll.create(
        version_id=version_id,
        members=owed["members"],
        last_notice_id=owed["last"],
        digest=found.digest,
        recorded_at=at,
    )


async def counted_roll(connection: BaseDBAsyncClient, version_id: int, last_notice_id: int) -> Counted:
    """Number and digest of the version's notices up to that id, read from the rows; in bounded memory."""
    tally = _Tally()
    if connection.capabilities.dialect == "sqlite":
        await _chunks(connection, [version_id, last_notice_id], tally)
    else:
        # COPY writes a row as its number and a line feed, and asyncpg hands that on as it comes.
        async with connection.acquire_connection() as own:
            await own.copy_from_query(LINES_POSTGRESQL, version_id, last_notice_id, output=tally.take)
    return tally.counted()


async def _chunks(connection: BaseDBAsyncClient, chosen: list[Any], tally: _Tally) -> None:
    last = 0
    while True:
        [row] = await connection.execute_query_dict(LINES_SQLITE, [*chosen, last, CHUNK])
        if row["last"] is None:
            return
        await tally.take(f"{row['lines']}\n".encode())
        last = row["last"]


async def roll_of(version_id: int) -> RecipientRoll | None:
    """None: the version came by an import of its history, or from before there were rolls."""
    return await RecipientRoll.get_or_none(version_id=version_id)

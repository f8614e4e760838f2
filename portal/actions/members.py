"""Members brought in from a file: new ones join, known ones get their new address, name and language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.actions.actor import Actor
from portal.actions.member_chunk import Chunk, Landscape, landscape, write_chunk
from portal.actions.member_file import BadRow, Row, read_rows
from portal.rules.errors import RuleBroken
from portal.rules.said import Plural
from portal.store.connections import transaction
from portal.store.policies import Policy
from portal.store.standings import published_versions

CHUNK = 1_000


@dataclass(slots=True)
class Imported:
    """What became of a file: how many members are new, changed or as they were, and each row that was left out.

    `notices`: how many are owed to them of versions that were posted after they joined.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    notices: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + len(self.bad)

    def add(self, chunk: Chunk) -> None:
        self.new += chunk.new
        self.changed += chunk.changed
        self.unchanged += chunk.unchanged
        self.notices += chunk.notices
        self.bad += chunk.bad


async def import_members(
    file: bytes, *, by: Actor, at: datetime, all_or_nothing: bool = False, encoding: str | None = None
) -> Imported:
    """Brings in a CSV file's members (columns: member_file.COLUMNS), a thousand rows a transaction.

    A new member joins the newest version posted by `joined_at` (UTC, default `at`), or the one that `joined_on` names,
    and is owed what was posted after. Of a known one a new address, name, language or zone is recorded; an empty cell
    changes nothing. A bad row is left out whole. Raises RuleBroken: `file_encoding`, `file_empty`, `columns_wrong`;
    with `all_or_nothing`, also `rows_wrong`, with `bad`, where there is a bad row: then nothing is written.
    """
    rows = read_rows(file, encoding)
    for policy in await Policy.all():
        await published_versions(policy.id)  # remembered, and so not read again for every chunk
    if all_or_nothing:
        return await _all_or_nothing(list(rows), by, at)
    imported = Imported()
    for some in _chunks(rows):
        async with transaction() as connection:
            chunk = await _write(connection, some, by, at)
        imported.add(chunk)  # once it is committed
    return imported


async def _all_or_nothing(rows: list[Row | BadRow], by: Actor, at: datetime) -> Imported:
    imported = Imported(bad=[row for row in rows if isinstance(row, BadRow)])
    if not imported.bad:
        async with transaction() as connection:
            seen: Landscape | None = None
            for some in _chunks(rows):
                seen = seen or await landscape()
                imported.add(await write_chunk(connection, some, seen, by=by, at=at))
            if imported.bad:
                raise _rows_wrong(imported)
    if imported.bad:
        raise _rows_wrong(imported)
    return imported


async def _write(connection: BaseDBAsyncClient, some: list[Row | BadRow], by: Actor, at: datetime) -> Chunk:
    return await write_chunk(connection, some, await landscape(), by=by, at=at)


def _rows_wrong(imported: Imported) -> RuleBroken:
    message = Plural(
        "%(num)s row is wrong, so nothing was brought in.", "%(num)s rows are wrong, so nothing was brought in."
    )
    return RuleBroken("rows_wrong", message, num=len(imported.bad), bad=tuple(sorted(imported.bad)))


def _chunks(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    remaining = iter(rows)
    while some := list(islice(remaining, CHUNK)):
        yield some

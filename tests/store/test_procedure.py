"""A procedure does the same on both databases, alone or inside of somebody's transaction: all of it or nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tortoise import connections
from tortoise.exceptions import IntegrityError, OperationalError

from portal.store.alone import note_alone, run_alone
from portal.store.connections import WRITER, transaction
from portal.store.log import empty_log
from portal.store.members import Member
from portal.store.procedure import Ask, AskMany, Discard, LockMembers, Procedure, Reserve, Together, run_within
from portal.store.ready import sqlite_file

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
NEW = """
INSERT INTO member (id, external_id, language, link_epoch, recorded_at) SELECT id, name, 'en', 1, at FROM {given}
"""
NAMES = "SELECT id, external_id FROM member WHERE id IN $1::numbers AND recorded_at <= $2::timestamptz ORDER BY id"


def adds(names: list[str]) -> Procedure[list[str]]:
    """Members of these names; gives those names that the database then has."""
    ids = list((yield Reserve("member", len(names))))
    rows = [(number, name, AT) for number, name in zip(ids, names, strict=True)]
    yield Together(NEW, {"id": "bigint", "name": "text", "at": "timestamptz"}, rows)
    yield LockMembers(ids)
    found = yield Ask(NAMES, (ids, AT))
    assert [row["id"] for row in found] == ids
    return [row["external_id"] for row in found]


async def names() -> list[str]:
    return [member.external_id for member in await Member.all().order_by("id")]


async def test_alone_it_is_a_transaction_of_its_own(store: str) -> None:
    assert await run_alone(adds(["a", "b"])) == ["a", "b"]
    assert await run_alone(adds([])) == []
    assert await names() == ["a", "b"]


async def test_what_it_wrote_before_it_failed_is_gone(store: str) -> None:
    def fails() -> Procedure[None]:
        yield from adds(["a"])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await run_alone(fails())
    with pytest.raises(IntegrityError):
        await run_alone(adds(["b", "b"]))
    assert await names() == []
    assert await run_alone(adds(["c"])) == ["c"]


async def test_within_a_transaction_it_ends_with_that(store: str) -> None:
    async def fails_later() -> None:
        async with transaction() as connection:
            assert await run_within(connection, adds(["a"])) == ["a"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails_later()
    assert await names() == []
    async with transaction() as connection:
        await run_within(connection, adds(["a", "b"]))
    assert await names() == ["a", "b"]


RAISED = "UPDATE member AS m SET link_epoch = given.epoch FROM {given} WHERE m.external_id = given.name AND m.id < $1"


def raises(epochs: list[tuple[str, int]], below: int) -> Procedure[int]:
    """Sets the members' epochs, of those with a lower id; gives how many there were."""
    [done] = yield Together(RAISED, {"name": "text", "epoch": "int"}, epochs, (below,))
    return int(done["changed"])


async def test_one_statement_over_many_rows_tells_how_many_it_changed(store: str) -> None:
    await run_alone(adds(["a", "b", "c"]))
    last = (await Member.get(external_id="c")).id
    assert await run_alone(raises([("a", 7), ("b", 8), ("c", 9), ("d", 10)], below=last)) == 2
    async with transaction() as connection:
        assert await run_within(connection, raises([("a", 17)], below=last)) == 1
        assert await run_within(connection, raises([], below=last)) == 0
    assert await run_alone(raises([], below=last)) == 0
    assert [member.link_epoch for member in await Member.all().order_by("id")] == [17, 8, 1]


MANY = """
SELECT external_id AS name, link_epoch AS epoch, NULL AS missing, link_epoch > 1 AS raised FROM member
WHERE recorded_at <= $1::timestamptz AND external_id <> $2 ORDER BY id FOR NO KEY UPDATE OF member SKIP LOCKED
"""


def reads_many(but: str) -> Procedure[list[tuple[object, ...]]]:
    rows = yield AskMany(MANY, ("name", "epoch", "missing", "raised"), (AT, but))
    return [tuple(row) for row in rows]


async def test_many_rows_come_as_the_values_of_their_columns(store: str) -> None:
    await run_alone(adds(["a", 'b "and" c', "d"]))
    await run_alone(raises([("d", 7)], below=10**6))
    expected = [("a", 1, None, False), ('b "and" c', 1, None, False), ("d", 7, None, True)]
    assert await run_alone(reads_many(but="")) == expected
    async with transaction() as connection:
        assert await run_within(connection, reads_many(but="a")) == expected[1:]
    assert await run_alone(reads_many(but="a")) == expected[1:]


async def test_ids_are_given_to_nobody_else(store: str) -> None:
    first = await run_alone(reserves(3))
    await run_alone(adds(["a"]))
    assert min(member.id for member in await Member.all()) > max(first)


def deletes(step: Ask | Discard) -> Procedure[None]:
    yield step


async def settings_of_the_writer() -> tuple[int, int]:
    """Whether what is deleted is overwritten, and where temporary files are (0: on the disk)."""
    writer = connections.get(WRITER)
    [deleting] = await writer.execute_query_dict("PRAGMA secure_delete")
    [waiting] = await writer.execute_query_dict("PRAGMA temp_store")
    return deleting["secure_delete"], waiting["temp_store"]


@pytest.mark.database("sqlite")
async def test_what_is_discarded_is_gone_and_the_connection_is_as_before(store: str) -> None:
    await run_alone(adds(["a", "b"]))
    await note_alone(deletes(Discard("DELETE FROM member WHERE external_id = $1", ("a",))), carrying=True)
    assert await names() == ["b"]
    assert await settings_of_the_writer() == (1, 0)
    with pytest.raises(OperationalError):
        await note_alone(deletes(Discard("DELETE FROM member WHERE misspelt = $1", ("b",))), carrying=True)
    assert await names() == ["b"]
    assert await settings_of_the_writer() == (1, 0)


@pytest.mark.database("sqlite")
async def test_what_is_deleted_else_is_overwritten_in_the_file(store: str) -> None:
    secret = "Maria Muster " * 2000  # more than the page of its row
    await run_alone(adds([secret, "b"]))
    file = sqlite_file(store)
    assert await empty_log()
    assert b"Maria Muster Maria" in file.read_bytes()
    await run_alone(deletes(Ask("DELETE FROM member WHERE external_id = $1", (secret,))))
    assert await empty_log()
    assert b"Maria" not in file.read_bytes()


def reserves(count: int) -> Procedure[list[int]]:
    return list((yield Reserve("member", count)))


def test_a_procedure_is_no_more_than_its_steps() -> None:
    steps: Iterator[object] = adds(["a"])
    assert next(steps) == Reserve("member", 1)

"""A check that lets more values in: the table keeps its rows, indexes and triggers, and other connections see it."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.migrations.constraints import CheckConstraint

from portal.actions.actor import Actor
from portal.actions.request import ask
from portal.store import connect, disconnect
from portal.store.answers import Way
from portal.store.connections import is_sqlite, transaction
from portal.store.requests import MemberRequest, RequestKind
from portal.store.wider_check import replace_check
from tests.support.schema import checks_of, indexes_of, triggers_of
from tests.support.world import make_member, make_policy

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TABLE, NAME = "member_request", "member_request_way_known"
PRESENT = next(one for one in MemberRequest._meta.constraints if one.name == NAME)
BEFORE = CheckConstraint(check="way IN ('link', 'account', 'letter', 'call', 'reply')", name=NAME)


@pytest.fixture
async def member_id(database_url: str) -> AsyncIterator[int]:
    """A member, in a database whose check is as narrow as it was."""
    await connect(database_url)
    member = await make_member(await make_policy())
    await replaced(PRESENT, BEFORE)
    yield member.id
    await disconnect()


async def replaced(old: object, new: object) -> None:
    assert isinstance(old, CheckConstraint)
    assert isinstance(new, CheckConstraint)
    async with transaction() as connection:
        await replace_check(connection, TABLE, old, new)


async def asked(kind: RequestKind, way: Way, member_id: int) -> MemberRequest:
    return await ask(member_id, kind, way=way, by=Actor("member", member_id), at=AT)


async def had(url: str) -> tuple[set[str], set[str], set[str]]:
    return await indexes_of(url, TABLE), await triggers_of(url), await checks_of(url, TABLE, {NAME})


async def test_it_takes_what_it_refused_and_the_table_loses_nothing(database_url: str, member_id: int) -> None:
    await asked(RequestKind.ACCESS, Way.LETTER, member_id)
    with pytest.raises(IntegrityError):
        await asked(RequestKind.EXPORT, Way.EMAIL, member_id)
    before = await had(database_url)
    await replaced(BEFORE, PRESENT)
    assert (await asked(RequestKind.EXPORT, Way.EMAIL, member_id)).way is Way.EMAIL
    assert await had(database_url) == before
    assert await MemberRequest.all().count() == 2


async def test_a_check_that_the_table_does_not_have_is_not_replaced(member_id: int) -> None:
    with pytest.raises(Exception, match=r"has no check|does not exist"):
        await replaced(CheckConstraint(check="way <> ''", name="member_request_other"), PRESENT)
    with pytest.raises(IntegrityError):
        await asked(RequestKind.EXPORT, Way.EMAIL, member_id)


async def test_a_connection_that_knew_the_narrow_one_reads_the_table_anew(database_url: str, member_id: int) -> None:
    await asked(RequestKind.ACCESS, Way.LETTER, member_id)
    if not is_sqlite(database_url):
        await replaced(BEFORE, PRESENT)  # PostgreSQL tells its connections itself
        assert (await asked(RequestKind.EXPORT, Way.IN_PERSON, member_id)).way is Way.IN_PERSON
        return
    other = sqlite3.connect(Path("/") / urlsplit(database_url).path)
    try:
        copy = (
            "INSERT INTO member_request (id, received_at, recorded_at, sequence, member_id, number, kind, way, due_at)"
            " SELECT 99, received_at, recorded_at, sequence, member_id, 'X', 'export', 'email', due_at"
        )
        with pytest.raises(sqlite3.IntegrityError, match=NAME):
            other.execute(f"{copy} FROM member_request")
        other.rollback()
        await replaced(BEFORE, PRESENT)
        other.execute(f"{copy} FROM member_request")
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        other.commit()
    finally:
        other.close()
    assert (await MemberRequest.get(id=99)).way is Way.EMAIL

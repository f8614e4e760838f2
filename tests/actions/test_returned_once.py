"""A message is recorded once, by however many processes it is taken in, and is never altered."""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.inbox import mark_handled
from portal.store.connections import transaction
from portal.store.notices import Bounce, Sending
from portal.store.returned import (
    HandledAs,
    MatchedBy,
    ReturnedContent,
    ReturnedMail,
    ReturnedMatch,
)
from tests.actions.conftest import Told
from tests.support.coming_back import AT, OPS, about_nothing, path, taken
from tests.support.world import events


async def test_the_same_bytes_again_change_nothing(told: Told, sending: Sending) -> None:
    first = await taken(about_nothing(), path(sending.id))
    again = await taken(about_nothing(), path(sending.id))
    assert (first.new, again.new) == (True, False)
    assert again.returned.id == first.returned.id
    assert await ReturnedMail.all().count() == await ReturnedContent.all().count() == 1
    assert await Bounce.filter(sending_id=sending.id).count() == 1
    assert len(await events("mail.came_in")) == 1


async def test_another_report_of_the_same_bounce_is_kept_and_does_nothing(told: Told, sending: Sending) -> None:
    await taken(about_nothing(), path(sending.id))
    row = (await taken(about_nothing(status="5.7.1"), path(sending.id))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.IGNORED)
    assert await Bounce.filter(sending_id=sending.id).count() == 1


async def test_the_database_refuses_to_alter_what_came_in(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(), path(sending.id))).returned
    waits = (await taken(about_nothing(status="5.7.1"))).returned
    await mark_handled(waits.id, "Seen.", by=OPS, at=AT)
    refused: list[Awaitable[Any]] = [
        ReturnedMail.filter(id=row.id).update(status="2.0.0"),
        ReturnedMail.filter(id=waits.id).update(handled_at=None, handled_as=None),
        ReturnedMail.filter(id=waits.id).update(handled_at=AT + timedelta(days=9)),
        ReturnedMail.filter(id=row.id).delete(),
        ReturnedMatch.filter(returned_id=row.id).update(sending_id=sending.id - 1),
        ReturnedMatch.filter(returned_id=row.id).delete(),
        ReturnedContent.filter(returned_id=row.id).update(subject="Another"),
        ReturnedContent.filter(returned_id=row.id).update(content=b"Another"),
        ReturnedContent.filter(returned_id=waits.id).update(note="Another"),
        ReturnedContent.filter(returned_id=row.id).delete(),
    ]
    for query in refused:
        with pytest.raises(IntegrityError):
            async with transaction():
                await query
    async with transaction():
        content = await ReturnedContent.get(returned_id=row.id)
        content.sender = content.subject = content.recipient = content.note = ""
        content.content = b""
        await content.save()


async def test_a_message_is_about_a_sending_to_the_member_it_names(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    with pytest.raises(IntegrityError):
        async with transaction():
            await ReturnedMatch.create(
                member_id=None, returned_id=row.id, sending_id=sending.id, matched_by=MatchedBy.OPS, recorded_at=AT
            )


async def test_many_sessions_of_one_process_at_once_record_each_message_once(told: Told, sending: Sending) -> None:
    same = [taken(about_nothing(), path(sending.id)) for _ in range(5)]
    others = [taken(about_nothing(status=f"5.2.{number}"), path(sending.id)) for number in range(5)]
    done = await asyncio.gather(*same, *others)
    assert sum(one.new for one in done) == 6
    assert len({one.returned.id for one in done}) == await ReturnedMail.all().count() == 6
    assert await Bounce.filter(sending_id=sending.id).count() == 1


RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.returned import take_in
from portal.mail.returned import Envelope, Ours, read
from portal.store import connect, disconnect

url, start, file, recipient, at = sys.argv[1:]

async def race():
    await connect(url)
    came = read(Path(file).read_bytes(), Envelope("", (recipient,)), Ours("privacy@example.com", "bounces@example.com"))
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    taken = await take_in(came, at=datetime.fromisoformat(at))
    print(taken.returned.id, taken.returned.kind, taken.new)
    await disconnect()

asyncio.run(race())
"""


async def test_processes_that_get_the_same_message_at_once_record_it_once(
    store: str, told: Told, sending: Sending, tmp_path: Path
) -> None:
    start, file = tmp_path / "start", tmp_path / "message"
    file.write_bytes(about_nothing())
    arguments = [store, str(start), str(file), path(sending.id), AT.isoformat()]
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RACER, *arguments, stdout=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    said = sorted([(await racer.communicate())[0].decode().split() for racer in racers], key=lambda one: one[2])
    row = await ReturnedMail.get()
    assert said == [[str(row.id), "bounce", "False"]] * 2 + [[str(row.id), "bounce", "True"]]
    assert await Bounce.filter(sending_id=sending.id).count() == 1
    assert len(await events("mail.came_in")) == 1

"""What mail that came in said is erased, at once or after its time; that it came, and what followed, stays."""

import asyncio
from datetime import timedelta

import pytest
from tortoise.exceptions import DoesNotExist, IntegrityError

from portal.actions.actor import Actor
from portal.actions.erasing import A_TURN, erase_aged, erase_mail
from portal.actions.inbox import mark_handled
from portal.actions.returned import take_in
from portal.jobs.aging import TURNS, Aging
from portal.mail.returned import Envelope, read
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.returned import HandledAs, ReturnedContent, ReturnedKind, ReturnedMail
from portal.store.statement import execute
from tests.actions.conftest import Told
from tests.support.came_back import HOLIDAY, OBJECTION, OURS, plain
from tests.support.world import SENT_2, events

AT = SENT_2 + timedelta(days=1)
KEPT = timedelta(days=180)
OPS = Actor("staff", 7)


async def came_in(raw: bytes = OBJECTION, *, done: bool = True) -> ReturnedMail:
    row = (await take_in(read(raw, Envelope(), OURS), at=AT)).returned
    return await mark_handled(row.id, "Objection of Maria entered.", by=OPS, at=AT) if done else row


async def words(row: ReturnedMail) -> tuple[object, ...]:
    content = await ReturnedContent.get(returned_id=row.id)
    return content.sender, content.subject, content.recipient, content.note, bytes(content.content)


BLANK = ("", "", "", "", b"")


async def test_what_it_said_goes_and_what_happened_stays(told: Told) -> None:
    row = await came_in()
    before = {
        name: getattr(row, name) for name in ("kind", "digest", "size", "received_at", "handled_at", "handled_as")
    }
    erased = await erase_mail(row.id, " Maria asked for it. ", by=OPS, at=AT + KEPT)
    assert await words(row) == BLANK
    assert {name: getattr(erased, name) for name in before} == before
    assert (erased.erased_at, erased.erased_by, erased.erased_why) == (AT + KEPT, 7, "Maria asked for it.")
    [event] = await events("mail.erased")
    assert (event.actor, event.received_at) == ("staff:7", AT + KEPT)
    assert event.facts == {"returned": row.id, "digest": row.digest}


async def test_the_same_bytes_again_do_not_bring_it_back(told: Told) -> None:
    row = await came_in()
    await erase_mail(row.id, "Asked for.", by=OPS, at=AT)
    taken = await take_in(read(OBJECTION, Envelope(), OURS), at=AT)
    assert (taken.new, taken.returned.id) == (False, row.id)
    assert await words(row) == BLANK


async def test_it_is_refused_without_a_reason_while_it_waits_and_twice(told: Told) -> None:
    waiting = await came_in(done=False)
    row = await came_in(plain("Hello.\n", sender="a@example.net", subject="Hello"))
    for returned_id, reason, code in (
        (row.id, "  ", "reason_wanted"),
        (row.id, "x" * 601, "reason_too_long"),
        (waiting.id, "Spam.", "still_waits"),
    ):
        with pytest.raises(RuleBroken) as broken:
            await erase_mail(returned_id, reason, by=OPS, at=AT)
        assert broken.value.code == code
    with pytest.raises(DoesNotExist):
        await erase_mail(99, "Spam.", by=OPS, at=AT)
    assert BLANK not in (await words(waiting), await words(row))
    await erase_mail(row.id, "Spam.", by=OPS, at=AT)
    with pytest.raises(RuleBroken) as broken:
        await erase_mail(row.id, "Again.", by=OPS, at=AT)
    assert broken.value.code == "already_erased"
    assert await Event.filter(action="mail.erased").count() == 1


async def test_two_who_erase_at_once_erase_once(told: Told) -> None:
    row = await came_in()
    told_so = await asyncio.gather(
        *(erase_mail(row.id, "Asked for.", by=OPS, at=AT) for _ in range(2)), return_exceptions=True
    )
    assert [type(one) for one in told_so if isinstance(one, BaseException)] == [RuleBroken]
    assert await Event.filter(action="mail.erased").count() == 1


async def test_after_its_time_what_was_done_with_is_erased_and_what_waits_is_not(told: Told) -> None:
    waiting = await came_in(done=False)
    ignored, letter = await came_in(HOLIDAY, done=False), await came_in(plain("1\n", sender="a@x.example", subject="1"))
    sweep = Aging(KEPT.days)
    await sweep(AT + KEPT)
    assert await Event.filter(action="mail.aged_out").count() == 0
    later = AT + KEPT + timedelta(seconds=1)
    await sweep(later)
    await sweep(later)
    assert await words(ignored) == await words(letter) == BLANK
    assert (await words(waiting))[4] == OBJECTION
    for row in (ignored, letter):
        found = await ReturnedMail.get(id=row.id)
        assert (found.erased_at, found.erased_by, found.erased_why) == (later, None, "")
    told_of = await events("mail.aged_out")
    assert [(event.actor, event.facts["returned"]) for event in told_of] == [
        ("system", ignored.id),
        ("system", letter.id),
    ]
    assert ignored.handled_as is HandledAs.IGNORED
    assert ignored.kind is ReturnedKind.AUTO_REPLY


async def test_of_very_many_a_sweep_erases_some_and_the_next_goes_on(told: Told) -> None:
    async with transaction() as connection:
        await execute(
            connection,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)"
            " INSERT INTO returned_mail (kind, hard, status, reason, digest, size, handled_at, handled_as, received_at,"
            " recorded_at, sequence) SELECT 'letter', FALSE, '', '', 'd' || i, 1, '2026-01-01 00:00:00+00:00', 'noted',"
            " '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 0 FROM n",
        )
        await execute(
            connection,
            "INSERT INTO returned_content (returned_id, sender, subject, recipient, note, content)"
            " SELECT id, 'a', 'b', '', '', '1' FROM returned_mail",
        )
    sweep = Aging(1)
    await sweep(AT)
    assert await ReturnedMail.filter(erased_at__isnull=True).count() == 2100 - A_TURN * TURNS
    await sweep(AT)
    assert not await ReturnedMail.filter(erased_at__isnull=True).exists()
    assert not await ReturnedContent.exclude(sender="").exists()


async def test_two_processes_that_sweep_at_once_erase_each_once(told: Told) -> None:
    for number in range(20):
        await came_in(plain(f"{number}\n", sender="a@x.example", subject="Letter"))
    later = AT + KEPT + timedelta(days=1)
    erased = await asyncio.gather(*(erase_aged(later - KEPT, at=later) for _ in range(3)))
    assert sum(erased) + await erase_aged(later - KEPT, at=later) == 20
    assert await Event.filter(action="mail.aged_out").count() == 20


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE returned_mail SET erased_at = NULL, erased_by = NULL, erased_why = ''",
        "UPDATE returned_mail SET erased_why = 'Another reason.'",
        "UPDATE returned_mail SET erased_by = 8",
        "UPDATE returned_mail SET handled_at = NULL, handled_as = NULL, staff_id = NULL",
        "UPDATE returned_mail SET staff_id = 8",
        "UPDATE returned_mail SET digest = 'x'",
        "UPDATE returned_mail SET kind = 'complaint'",
        "UPDATE returned_content SET subject = 'Invented'",
        "DELETE FROM returned_mail",
        "DELETE FROM returned_content",
    ],
)
async def test_the_database_refuses_to_alter_what_was_erased(told: Told, change: str) -> None:
    row = await came_in()
    await erase_mail(row.id, "Asked for.", by=OPS, at=AT)
    with pytest.raises(IntegrityError):
        async with transaction() as connection:
            await execute(connection, change)


async def test_the_database_refuses_to_call_erased_what_is_not_blank_or_still_waits(told: Told) -> None:
    row, waiting = await came_in(), await came_in(HOLIDAY.replace(b"Auto-Submitted: auto-replied", b"X: y"), done=False)
    assert waiting.handled_at is None
    async with transaction():
        await ReturnedContent.filter(returned_id=waiting.id).update(content=b"", sender="", subject="")
    for change in (
        f"UPDATE returned_mail SET erased_at = handled_at WHERE id = {row.id}",
        f"UPDATE returned_mail SET erased_why = 'Why' WHERE id = {row.id}",
        f"UPDATE returned_mail SET erased_at = received_at WHERE id = {waiting.id}",
    ):
        with pytest.raises(IntegrityError):
            async with transaction() as connection:
                await execute(connection, change)

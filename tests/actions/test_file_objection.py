"""Filing an objection: what it writes, what it refuses, and who is first of two."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store.answers import ObjectedChange, Objection, Way
from portal.store.connections import transaction
from portal.store.members import Remark
from portal.store.outbox import MailKind, OutgoingMail
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, POSTED_2, events, make_policy, make_version


async def test_an_objection_to_marketing_freezes(told: Told) -> None:
    objection = await file_objection(
        told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED, reason="No more mails"
    )
    assert not objection.closing
    assert (objection.received_at, objection.recorded_at) == (OBJECTED, OBJECTED)
    covered = await ObjectedChange.filter(objection_id=objection.id).prefetch_related("change")
    assert [link.change.key for link in covered] == ["c1"]
    assert [mail.kind for mail in await OutgoingMail.all()] == [MailKind.RECEIPT]


async def test_an_objection_to_the_service_closes_and_mails_a_code(told: Told) -> None:
    objection = await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)
    assert objection.closing
    assert {mail.kind for mail in await OutgoingMail.all()} == {MailKind.RECEIPT, MailKind.CODE}


async def test_without_a_choice_every_objectable_change_is_covered(told: Told) -> None:
    objection = await file_objection(told.member.id, told.version.id, way=Way.LINK, by=told.by, at=OBJECTED)
    covered = await ObjectedChange.filter(objection_id=objection.id).prefetch_related("change")
    assert sorted(link.change.key for link in covered) == ["c1", "c2"]


async def test_the_event_holds_ids_and_no_words_of_the_member(told: Told) -> None:
    await file_objection(
        told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED, reason="Leave me alone"
    )
    (event,) = await events("objection.filed")
    assert event.actor == f"member:{told.member.id}"
    assert event.facts["changes"] == ["c1"]
    assert "alone" not in str(event.facts)
    assert await Remark.filter(text="Leave me alone").count() == 1


async def test_objection_in_the_last_second_counts(told: Told) -> None:
    last = CLOSES_2 - DAY / 86_400
    assert await file_objection(told.member.id, told.version.id, way=Way.LINK, by=told.by, at=last)


async def test_objection_at_the_closing_instant_is_late_and_names_the_deadline(told: Told) -> None:
    with pytest.raises(RuleBroken) as refused:
        await file_objection(told.member.id, told.version.id, way=Way.LINK, by=told.by, at=CLOSES_2)
    assert refused.value.code == "late"
    assert refused.value.facts["closes_at"] == CLOSES_2
    assert await Objection.all().count() == 0
    assert await OutgoingMail.all().count() == 0
    assert await events("objection.filed") == []


async def test_a_letter_entered_late_but_arrived_in_time_counts(told: Told) -> None:
    arrived = CLOSES_2 - 2 * DAY
    objection = await file_objection(
        told.member.id,
        told.version.id,
        ["c1"],
        way=Way.LETTER,
        by=Actor("staff", 7),
        at=CLOSES_2 + 3 * DAY,
        received_at=arrived,
    )
    assert (objection.received_at, objection.recorded_at) == (arrived, CLOSES_2 + 3 * DAY)
    assert objection.staff_id == 7


async def test_an_answer_from_the_future_is_refused(told: Told) -> None:
    with pytest.raises(RuleBroken, match="future"):
        await file_objection(
            told.member.id, told.version.id, way=Way.LETTER, by=told.by, at=OBJECTED, received_at=OBJECTED + DAY
        )


@pytest.mark.parametrize(("keys", "why"), [(["c3"], "unknown_change"), (["nothing"], "unknown_change")])
async def test_an_unknown_or_editorial_change_is_refused(told: Told, keys: list[str], why: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await file_objection(told.member.id, told.version.id, keys, way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == why


async def test_a_second_objection_is_refused_until_the_first_is_withdrawn(told: Told) -> None:
    first = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == "already_objected"
    await withdraw(first.id, way=Way.LINK, by=told.by, at=OBJECTED)
    assert await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)


async def test_a_closed_account_cannot_object(told: Told) -> None:
    await close_account(told.member.id, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await file_objection(told.member.id, told.version.id, way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == "account_closed"


async def test_a_version_of_a_policy_the_member_is_not_under_is_no_notice(told: Told) -> None:
    other = await make_policy("other")
    version = await make_version(other, POSTED_2, {"c1": ["marketing"]})
    with pytest.raises(RuleBroken) as refused:
        await file_objection(told.member.id, version.id, way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == "no_notice"


async def test_of_ten_at_the_same_instant_one_is_in_force(told: Told) -> None:
    answers = await asyncio.gather(
        *(
            file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
            for _ in range(10)
        ),
        return_exceptions=True,
    )
    refused = [answer.code for answer in answers if isinstance(answer, RuleBroken)]
    assert refused == ["already_objected"] * 9
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 1
    assert len(await events("objection.filed")) == 1
    assert await OutgoingMail.all().count() == 1


async def test_the_database_itself_refuses_a_late_objection(told: Told) -> None:
    with pytest.raises(IntegrityError, match="window has not closed"):
        async with transaction():
            await Objection.create(
                member_id=told.member.id,
                version_id=told.version.id,
                number="X",
                closing=False,
                way=Way.LINK,
                received_at=CLOSES_2,
                recorded_at=CLOSES_2,
                sequence=1,
            )


async def test_the_database_refuses_to_alter_a_received_objection(told: Told) -> None:
    objection = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    for change in ({"received_at": POSTED_2}, {"closing": True}, {"number": "Y"}):
        with pytest.raises(IntegrityError, match="only the withdrawal is set"):
            async with transaction():
                await Objection.filter(id=objection.id).update(**change)
    with pytest.raises(IntegrityError):
        async with transaction():
            await Objection.filter(id=objection.id).delete()

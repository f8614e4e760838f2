"""A member's name, language and zone are corrected."""

import pytest

from portal.actions.outcome import close_account
from portal.actions.profile import correct_profile
from portal.rules.errors import RuleBroken
from portal.store.members import Member, Profile
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import DAY, events


async def correct(
    told: Told, name: str = "Maria Ruiz", language: str = "de", zone: str | None = None
) -> Profile | None:
    return await correct_profile(told.member.id, name=name, language=language, zone=zone, by=told.by, at=OBJECTED)


async def test_what_is_new_becomes_the_newest_and_the_history_stays(told: Told) -> None:
    await correct(told, zone="Europe/Madrid", language="DE_at")
    member = await Member.get(id=told.member.id)
    assert (member.language, member.zone) == ("de-AT", "Europe/Madrid")
    assert [row.name for row in await Profile.filter(member_id=told.member.id).order_by("id")] == ["M1", "Maria Ruiz"]


async def test_event_names_nobody(told: Told) -> None:
    await correct(told)
    [event] = await events("profile.given")
    assert event.facts == {}
    assert event.actor == f"member:{told.member.id}"


async def test_correcting_nothing_records_nothing(told: Told) -> None:
    assert await correct(told) is not None
    assert await correct(told, name=" Maria Ruiz ") is None
    assert len(await events("profile.given")) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"language": "klingon!"}, "language_form"),
        ({"zone": "localtime"}, "zone_unknown"),
        ({"name": "a" * 301}, "name_too_long"),
    ],
)
async def test_refuses_what_is_not_in_order_and_names_the_field(told: Told, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await correct(told, **wrong)
    assert refused.value.code == code
    assert refused.value.facts["field"] in wrong
    assert await Profile.filter(member_id=told.member.id).count() == 1


async def test_refuses_a_closed_account(told: Told) -> None:
    await close_account(told.member.id, by=told.by, at=OBJECTED - DAY)
    with pytest.raises(RuleBroken, match="closed"):
        await correct(told)

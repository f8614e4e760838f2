"""Consents to opt-in purposes, and opt-outs."""

import asyncio

import pytest

from portal.actions.consent import consent, opt_in, opt_out, purposes_to_opt_out_of
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store.answers import Consent, OptOut, Way
from portal.store.standings import opted_out
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import DAY, POSTED_2, events


async def says_yes(told: Told, purpose: str = "ai_training") -> Consent:
    return await consent(told.member.id, told.version.id, purpose, way=Way.ACCOUNT, by=told.by, at=OBJECTED)


async def test_a_consent_is_recorded_once(told: Told) -> None:
    first, again = await says_yes(told), await says_yes(told)
    assert first.id == again.id
    assert len(await events("consent.given")) == 1


@pytest.mark.parametrize("purpose", ["marketing", "service", "nothing"])
async def test_only_what_the_version_asks_for_can_be_consented_to(told: Told, purpose: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await says_yes(told, purpose)
    assert refused.value.code == "not_asked"


async def test_there_is_no_consent_before_the_version_is_posted(told: Told) -> None:
    early = POSTED_2 - DAY
    with pytest.raises(RuleBroken) as refused:
        await consent(
            told.member.id, told.version.id, "ai_training", way=Way.LETTER, by=told.by, at=OBJECTED, received_at=early
        )
    assert refused.value.code == "no_notice"


async def test_an_opt_out_stops_the_purpose_and_an_opt_in_lifts_it(told: Told) -> None:
    assert await opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=OBJECTED)
    assert await opted_out(told.member.id) == {"marketing"}
    assert await opted_out(told.member.id, as_of=OBJECTED - DAY) == frozenset()
    assert await opt_in(told.member.id, "marketing", way=Way.ACCOUNT, by=told.by, at=OBJECTED + DAY)
    assert await opted_out(told.member.id) == frozenset()
    assert await opted_out(told.member.id, as_of=OBJECTED) == {"marketing"}


async def test_opting_out_twice_writes_once(told: Told) -> None:
    answers = await asyncio.gather(
        *(opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=OBJECTED) for _ in range(4))
    )
    assert sorted(answers) == [False, False, False, True]
    assert await OptOut.all().count() == 1


async def test_a_consent_does_not_lift_an_opt_out(told: Told) -> None:
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED)
    await says_yes(told)
    assert await opted_out(told.member.id) == {"ai_training"}


async def test_a_purpose_that_does_not_exist_cannot_be_opted_out_of(told: Told) -> None:
    with pytest.raises(RuleBroken) as refused:
        await opt_out(told.member.id, "nothing", way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == "unknown_purpose"


async def test_what_the_account_needs_is_not_offered_as_an_opt_out(told: Told) -> None:
    assert await purposes_to_opt_out_of(told.member.id) == {"marketing", "ai_training"}


async def test_a_closed_account_neither_consents_nor_opts_out(told: Told) -> None:
    await close_account(told.member.id, by=told.by, at=OBJECTED)
    for attempt in (says_yes(told), opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=OBJECTED)):
        with pytest.raises(RuleBroken) as refused:
            await attempt
        assert refused.value.code == "account_closed"

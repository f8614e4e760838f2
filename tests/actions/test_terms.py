"""The question of the company's systems, answered from the database."""

import pytest

from portal.actions.actor import Actor
from portal.actions.consent import opt_out
from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, POSTED_2, make_policy


async def ask(told: Told, purpose: str = "marketing", *, at: object = CLOSES_2 + DAY) -> tuple[int | None, bool, str]:
    collected = POSTED_2 - DAY
    asked = await governing_terms("m1", told.policy.slug, purpose, collected, at=at)  # type: ignore[arg-type]
    return asked.answer.version, asked.answer.allowed, str(asked.answer.basis)


async def test_after_the_window_the_new_version_governs(told: Told) -> None:
    assert await ask(told) == (2, True, "in_force")


async def test_while_the_window_is_open_the_old_version_governs_marketing_only(told: Told) -> None:
    assert await ask(told, at=OBJECTED) == (1, True, "window_open")
    assert await ask(told, "service", at=OBJECTED) == (2, True, "in_force")


async def test_frozen_data_stays_under_the_old_version_until_the_objection_is_withdrawn(told: Told) -> None:
    freeze = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    assert await ask(told) == (1, True, "objection")
    await withdraw(freeze.id, way=Way.LINK, by=told.by, at=CLOSES_2 + 2 * DAY)
    assert await ask(told, at=CLOSES_2 + 3 * DAY) == (2, True, "in_force")
    assert await ask(told, at=CLOSES_2 + DAY) == (1, True, "objection"), "as of an earlier instant nothing changes"


async def test_a_letter_changes_the_answers_after_it_was_entered_not_those_before(told: Told) -> None:
    entered = CLOSES_2 + 3 * DAY
    arrived = CLOSES_2 - DAY
    await file_objection(
        told.member.id, told.version.id, ["c1"], way=Way.LETTER, by=Actor("staff", 5), at=entered, received_at=arrived
    )
    assert await ask(told, at=entered - DAY) == (2, True, "in_force")
    assert await ask(told, at=entered) == (1, True, "objection")


async def test_what_was_opted_out_of_is_not_allowed(told: Told) -> None:
    await opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=OBJECTED)
    assert await ask(told) == (2, False, "opted_out")


async def test_missing_consent_keeps_old_data_under_the_old_version(told: Told) -> None:
    assert await ask(told, "ai_training") == (1, True, "consent_missing")


async def test_a_closed_account_has_no_version(told: Told) -> None:
    await close_account(told.member.id, by=told.by, at=OBJECTED)
    assert await ask(told) == (None, False, "account_closed")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("member", "policy", "purpose", "why"),
    [
        ("nobody", "privacy", "marketing", "unknown_member"),
        ("m1", "nothing", "marketing", "unknown_policy"),
        ("m1", "other", "marketing", "not_under_policy"),
        ("m1", "privacy", "nothing", "unknown_purpose"),
    ],
)
async def test_a_question_that_makes_no_sense_names_what_is_wrong(
    member: str, policy: str, purpose: str, why: str
) -> None:
    await make_policy("other")
    with pytest.raises(RuleBroken) as refused:
        await governing_terms(member, policy, purpose, POSTED_2, at=CLOSES_2)
    assert refused.value.code == why
    assert refused.value.facts["field"] in {"member", "policy", "purpose"}

"""Ops enters an opt-out, its end, or a consent that came by letter or call."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_out
from portal.actions.outcome import close_account
from portal.mail.catcher import Catcher
from portal.store.answers import Consent, OptOut, Way
from portal.store.declarations import Declaration
from portal.store.staff import Role
from portal.store.standings import opted_out
from portal.store.submissions import Submission, SubmissionKind
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, REASON, SCAN, entered, second_page, submission_after
from tests.support.mailed import newest
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

OUT = {"purpose": "marketing", "turn": "out"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def opt_outs(noticed: Noticed) -> str:
    return f"/staff/members/{noticed.member.id}/opt-outs"


def consents(noticed: Noticed) -> str:
    return f"/staff/members/{noticed.member.id}/consents?version={noticed.version.id}"


async def stopped(noticed: Noticed, purpose: str, clock: Clock) -> None:
    by = Actor("member", noticed.member.id)
    await opt_out(noticed.member.id, purpose, way=Way.LINK, by=by, at=clock())


async def test_an_opt_out_counts_from_its_arrival_and_the_member_gets_a_receipt(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    member_page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert f'href="{opt_outs(noticed)}"' in member_page
    page = (await ops.get(opt_outs(noticed))).text
    for words in ("Marketing", "Allowed at present.", "Ai Training"):
        assert words in page, words
    assert 'value="service"' not in page  # it cannot be stopped by itself
    review = await second_page(ops, opt_outs(noticed), day="2026-03-01", **OUT)
    assert "Your data may not be used for Marketing any more, in all our policies." in review.text
    assert not await OptOut.exists()
    submission = await submission_after(await entered(ops, opt_outs(noticed), [SCAN], day="2026-03-01", **OUT))
    row = await OptOut.get()
    assert (row.received_at.isoformat(), row.recorded_at, row.way) == ("2026-03-01T22:59:59+00:00", clock(), "letter")
    mail = await newest(app, catcher, "maria@example.org")
    said = " ".join(mail.words.split())
    assert mail.subject == f"Receipt {submission.number}: your opt-out of Marketing"
    for words in (submission.number, "we received by letter that you opt out of Marketing", "Your account stays open."):
        assert words in said, words
    link = mail.link("/opt-out/").removeprefix(str(app.state.settings.base_url))
    assert "Marketing" in (await ops.get(link)).text
    assert "Opt-out" in (await ops.get(f"/staff/members/{noticed.member.id}")).text


async def test_an_opt_out_that_was_made_already_is_not_entered_again(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await stopped(noticed, "marketing", clock)
    clock.move(hours=1)
    answer = await second_page(ops, opt_outs(noticed), **OUT)
    assert answer.status_code == 422
    assert "The member had opted out of it by then already." in answer.text
    assert BY_LETTER["note"] in answer.text
    assert await OptOut.all().count() == 1
    assert not await Submission.exists()


async def test_the_end_of_an_opt_out_is_entered(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    await stopped(noticed, "marketing", clock)
    clock.move(hours=1)
    assert "Stopped at present." in (await ops.get(opt_outs(noticed))).text
    submission = await submission_after(await entered(ops, opt_outs(noticed), purpose="marketing", turn="in"))
    assert submission.kind is SubmissionKind.OPT_IN
    assert await opted_out(noticed.member.id) == frozenset()
    assert "you allow Marketing again" in (await newest(app, catcher, "maria@example.org")).subject


async def test_what_needs_a_consent_is_allowed_again_with_a_reason_only(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await stopped(noticed, "ai_training", clock)
    clock.move(hours=1)
    bare = await second_page(ops, opt_outs(noticed), purpose="ai_training", turn="in")
    assert bare.status_code == 422
    assert 'href="#reason"' in bare.text
    assert await opted_out(noticed.member.id) == {"ai_training"}
    answer = await entered(ops, opt_outs(noticed), purpose="ai_training", turn="in", reason=REASON)
    submission = await submission_after(answer)
    assert (await Declaration.get(id=submission.declaration_id)).number == submission.number
    assert await opted_out(noticed.member.id) == frozenset()


async def test_a_consent_is_entered_with_a_reason_and_has_the_members_receipt(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed
) -> None:
    assert consents(noticed) in (await ops.get(f"/staff/members/{noticed.member.id}")).text
    bare = await second_page(ops, consents(noticed), purpose="ai_training")
    assert bare.status_code == 422
    assert "Say how you know that the member wants this." in bare.text
    typed = {"purpose": "ai_training", "reason": REASON, "way": "in_person"}
    review = await second_page(ops, consents(noticed), **typed)
    assert "For Ai Training version 2 applies also to what we already hold." in review.text
    assert not await Consent.exists()
    submission = await submission_after(await entered(ops, consents(noticed), [SCAN], **typed))
    assert ((await Consent.get()).way, submission.kind) == ("in_person", "consent")
    mail = await newest(app, catcher, "maria@example.org")
    assert f"Receipt {submission.number}: your yes to Ai Training" in mail.subject
    again = await second_page(ops, consents(noticed), **typed)
    assert again.status_code == 422
    assert "This consent is on record already." in again.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"purpose": "service"}, "purpose"),
        ({"purpose": ""}, "purpose"),
        ({"turn": ""}, "turn"),
        ({"turn": "sideways"}, "turn"),
        ({"way": "account"}, "way"),
        ({"day": "2026-03-03"}, "day"),
        ({"day": "2026-01-09"}, "day"),
    ],
)
async def test_what_is_not_in_order_is_named_and_nothing_is_entered(
    ops: AsyncClient, noticed: Noticed, typed: dict[str, str], field: str
) -> None:
    sent = BY_LETTER | OUT | {"step": "enter"} | typed
    answer = await ops.post(opt_outs(noticed), data=sent)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert not await OptOut.exists()
    assert not await Submission.exists()


async def test_a_version_that_asks_for_no_consent_takes_none(ops: AsyncClient, noticed: Noticed) -> None:
    for number in ("0", "999", "x", ""):
        here = f"/staff/members/{noticed.member.id}/consents?version={number}"
        assert (await ops.get(here)).status_code == 404
        assert (await ops.post(here, data=BY_LETTER | {"purpose": "ai_training"})).status_code == 404


async def test_a_closed_account_takes_neither(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    for address in (opt_outs(noticed), consents(noticed)):
        assert (await ops.get(address)).headers["location"] == f"/staff/members/{noticed.member.id}"
        sent = BY_LETTER | OUT | {"purpose": "ai_training", "reason": REASON, "step": "enter"}
        answer = await ops.post(address, data=sent)
        assert answer.status_code == 422
        assert "The account is closed." in answer.text
    assert not await OptOut.exists()
    assert not await Consent.exists()


async def test_other_roles_enter_nothing(as_staff: SignIn, noticed: Noticed) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    for address in (opt_outs(noticed), consents(noticed)):
        assert (await other.get(address)).status_code == 403
        assert (await other.post(address, data=BY_LETTER | OUT | {"step": "enter"})).status_code == 403
    assert not await OptOut.exists()

"""Ops looks after answers that nobody has confirmed: finds out whose they are, confirms or rejects them."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM, Actor
from portal.actions.declare import declare_consent, take_back
from portal.actions.outcome import close_account
from portal.store.answers import ConfirmationWay, Consent, Objection, Way
from portal.store.declarations import Decision, Declaration
from portal.store.members import Remark
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.staff import Role
from tests.support.answering import erase_address
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, submission_after
from tests.support.noticed import Noticed
from tests.support.objecting import closing
from tests.web.conftest import SignIn

REASON = {"reason": "Called the number in the contract, spoke to the owner."}
SAID = BY_LETTER | REASON | {"way": "call", "step": "enter"}
INDEX = "/staff/declarations"


async def says_yes(noticed: Noticed, clock: Clock) -> Declaration:
    declared = await declare_consent(
        noticed.member.id,
        noticed.version.id,
        "ai_training",
        way=Way.LINK,
        known_as=None,
        by=Actor("member", noticed.member.id),
        at=clock(),
    )
    assert declared is not None
    return declared


async def takes_back(noticed: Noticed, clock: Clock) -> tuple[Objection, Declaration]:
    """A confirmed closing objection that is taken back by link when time is over."""
    objection = await closing(noticed, clock(), confirmed=True)
    by = Actor("member", noticed.member.id)
    declared = await take_back(objection.id, way=Way.LINK, known_as=None, by=by, at=clock.move(days=30))
    assert declared is not None
    return objection, declared


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def test_it_is_the_members_for_48_hours_and_then_for_ops(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    declared = await says_yes(noticed, clock)
    ops = await as_staff(Role.OPS)
    page = (await ops.get(INDEX)).text
    for words in (declared.number, "m1", "Yes to Ai Training", "With the member", "2 March 2026, 10:00"):
        assert words in page, words
    assert "Nothing yet: the member was mailed a code" in (await ops.get(f"{INDEX}/{declared.id}")).text
    assert "is to be confirmed" not in (await ops.get("/staff")).text
    clock.move(hours=48)
    ops = await as_staff(Role.OPS)
    assert "1 answer is to be confirmed" in (await ops.get("/staff")).text
    assert "has not confirmed it within 48 hours" in (await ops.get(f"{INDEX}/{declared.id}")).text
    assert "With the member" not in (await ops.get(INDEX)).text
    assert "1 other answer waits for its confirmation" in (await ops.get("/staff/objections")).text


async def test_where_no_code_could_be_mailed_it_is_for_ops_at_once(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await erase_address(noticed)
    await says_yes(noticed, clock)
    assert "1 answer is to be confirmed" in (await ops.get("/staff")).text


async def test_a_reason_confirms_it_and_its_time_is_kept(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    received_at = clock()
    declared = await says_yes(noticed, clock)
    clock.move(days=3)
    ops = await as_staff(Role.OPS)
    here = f"{INDEX}/{declared.id}"
    assert "The purpose is allowed from then on" in (await ops.get(f"{here}/confirmation")).text
    answer = await ops.post(f"{here}/confirmation", data=SAID)
    submission = await submission_after(answer)
    assert (submission.kind, submission.declaration_id) == ("confirmation", declared.id)
    decided = await Declaration.get(id=declared.id)
    assert (decided.decided_as, decided.confirmed_by) == (Decision.CONFIRMED, ConfirmationWay.OPS)
    assert (await Remark.get(id=decided.remark_id)).text == REASON["reason"]
    assert (await Consent.get()).received_at == received_at
    assert await OutgoingMail.filter(kind=MailKind.CONSENT).count() == 1
    assert declared.number not in (await ops.get(INDEX)).text


async def test_a_reason_rejects_it_and_nothing_changes(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    objection, declared = await takes_back(noticed, clock)
    ops = await as_staff(Role.OPS)
    answer = await ops.post(f"{INDEX}/{declared.id}/rejection", data=REASON)
    assert answer.status_code == 303
    assert (await Declaration.get(id=declared.id)).decided_as is Decision.REJECTED
    assert (await Objection.get(id=objection.id)).withdrawn_at is None


@pytest.mark.parametrize("noun", ["confirmation", "rejection"])
async def test_without_a_reason_nothing_happens(ops: AsyncClient, noticed: Noticed, clock: Clock, noun: str) -> None:
    declared = await says_yes(noticed, clock)
    answer = await ops.post(f"{INDEX}/{declared.id}/{noun}", data=SAID | {"reason": "  "})
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert (await Declaration.get(id=declared.id)).decided_at is None


async def test_an_objections_page_names_what_was_declared_and_it_is_not_closed_meanwhile(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    objection, declared = await takes_back(noticed, clock)
    ops = await as_staff(Role.OPS)
    here = f"/staff/objections/{objection.id}"
    assert f'href="{INDEX}/{declared.id}"' in (await ops.get(here)).text
    refused = await ops.post(f"{here}/closure", data={"confirmed": "1"})
    assert refused.status_code == 422
    assert "has not confirmed it yet" in refused.text
    assert f"Takes objection {objection.number} back" in (await ops.get(f"{INDEX}/{declared.id}")).text


async def test_what_was_decided_is_decided_once(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    declared = await says_yes(noticed, clock)
    here = f"{INDEX}/{declared.id}"
    await ops.post(f"{here}/rejection", data=REASON)
    late = await ops.post(f"{here}/confirmation", data=SAID)
    assert late.status_code == 422
    assert "This was decided already." in late.text
    assert (await ops.get(f"{here}/confirmation")).headers["location"] == here
    assert await Consent.all().count() == 0


async def test_what_a_closed_account_declared_waits_for_nobody(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    declared = await says_yes(noticed, clock)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert declared.number not in (await ops.get(INDEX)).text
    assert (await ops.post(f"{INDEX}/{declared.id}/confirmation", data=SAID)).status_code == 422
    assert await Consent.all().count() == 0


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER, Role.ADMIN])
async def test_other_roles_do_none_of_it(as_staff: SignIn, noticed: Noticed, clock: Clock, role: Role) -> None:
    declared = await says_yes(noticed, clock)
    browser = await as_staff(role)
    for path in ("", f"/{declared.id}", f"/{declared.id}/confirmation", f"/{declared.id}/rejection"):
        assert (await browser.get(f"{INDEX}{path}")).status_code == 403
    assert (await browser.post(f"{INDEX}/{declared.id}/confirmation", data=SAID)).status_code == 403
    assert (await Declaration.get(id=declared.id)).decided_at is None


async def test_what_is_not_there_is_not_found(ops: AsyncClient) -> None:
    for path in ("/999999", "/999999/confirmation"):
        assert (await ops.get(f"{INDEX}{path}")).status_code == 404

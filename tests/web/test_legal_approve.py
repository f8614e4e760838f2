"""A second person approves exactly what they have read."""

import pytest

from portal.actions.actor import Actor
from portal.actions.draft import DraftEdit, save_draft
from portal.store.drafts import Approval, Draft
from portal.store.events import Event
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import TEXT_2, classified, drafted
from tests.support.forms import form_on
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day")


@pytest.fixture
async def author(privacy: Policy) -> Actor:
    assert privacy
    return Actor("staff", (await Staff.get(name="Ann Author")).id)


@pytest.fixture
async def draft(privacy: Policy, author: Actor, clock: Clock) -> Draft:
    return await classified(await drafted(privacy, TEXT_3, by=author, at=clock()), by=author, at=clock())


def at(draft: Draft) -> str:
    return f"/staff/drafts/{draft.id}/approvals"


async def test_it_shows_what_is_approved_and_approves_it(as_staff: SignIn, draft: Draft) -> None:
    approver = await as_staff(Role.APPROVER)
    page = (await approver.get(at(draft))).text
    for words in (
        "Ann Author",
        "every day",
        "Marketing",
        "Because.",
        draft.digest,
        "20 days, counted in Europe/Berlin",
    ):
        assert words in page, words
    answer = await approver.post(at(draft), data=form_on(page, at(draft), confirmed="1"))
    assert (answer.status_code, answer.headers["location"]) == (303, at(draft))
    assert (await Approval.get(draft_id=draft.id)).digest == draft.digest
    assert "Approved as it stands" in (await approver.get(at(draft))).text


async def test_approving_twice_is_approving_once(as_staff: SignIn, draft: Draft) -> None:
    approver = await as_staff(Role.APPROVER)
    sent = form_on((await approver.get(at(draft))).text, at(draft), confirmed="1")
    assert [(await approver.post(at(draft), data=sent)).status_code for _ in range(2)] == [303, 303]
    assert await Approval.filter(draft_id=draft.id).count() == 1
    assert await Event.filter(action="draft.approved", policy_id=draft.policy_id).count() == 3


async def test_without_the_tick_nothing_is_approved(as_staff: SignIn, draft: Draft) -> None:
    approver = await as_staff(Role.APPROVER)
    answer = await approver.post(at(draft), data={"digest": draft.digest})
    assert answer.status_code == 422
    assert "Tick the box if you approve all of it." in answer.text
    assert not await Approval.exists(draft_id=draft.id)


async def test_what_was_edited_since_the_page_was_opened_is_not_approved(
    as_staff: SignIn, draft: Draft, author: Actor, clock: Clock
) -> None:
    approver = await as_staff(Role.APPROVER)
    sent = form_on((await approver.get(at(draft))).text, at(draft), confirmed="1")
    await save_draft(draft.id, DraftEdit(summary="Another."), by=author, at=clock())
    answer = await approver.post(at(draft), data=sent)
    assert answer.status_code == 409
    assert "was edited since you opened it" in answer.text
    assert "Another." in answer.text
    assert not await Approval.exists(draft_id=draft.id)


async def test_whoever_edited_any_of_it_cannot_approve_it(as_staff: SignIn, draft: Draft) -> None:
    both = await as_staff(Role.LEGAL, Role.APPROVER, name="Both")
    edit = form_on((await both.get(f"/staff/drafts/{draft.id}")).text, f"/staff/drafts/{draft.id}", summary="Mine.")
    assert (await both.post(f"/staff/drafts/{draft.id}", data=edit)).status_code == 303
    page = (await both.get(at(draft))).text
    assert "You worked on this draft: another person has to approve it." in page
    assert "Approve this draft" not in page
    digest = (await Draft.get(id=draft.id)).digest
    answer = await both.post(at(draft), data={"digest": digest, "confirmed": "1"})
    assert answer.status_code == 409
    assert not await Approval.exists(draft_id=draft.id)


async def test_an_unclassified_change_stands_in_the_way(
    as_staff: SignIn, draft: Draft, author: Actor, clock: Clock
) -> None:
    text = TEXT_3.replace("for 60 days", "for 90 days")
    draft = await save_draft(draft.id, DraftEdit(text=text), by=author, at=clock())
    approver = await as_staff(Role.APPROVER)
    assert "1 change is not classified" in (await approver.get(at(draft))).text
    answer = await approver.post(at(draft), data={"digest": draft.digest, "confirmed": "1"})
    assert answer.status_code == 409
    assert not await Approval.exists(draft_id=draft.id)


@pytest.mark.parametrize("role", [Role.LEGAL, Role.OPS, Role.ADMIN])
async def test_other_roles_approve_nothing(as_staff: SignIn, draft: Draft, role: Role) -> None:
    answer = await (await as_staff(role)).post(at(draft), data={"digest": draft.digest, "confirmed": "1"})
    assert answer.status_code == 403
    assert not await Approval.exists(draft_id=draft.id)

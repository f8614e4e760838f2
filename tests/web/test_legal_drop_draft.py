"""Legal gives a draft up."""

import pytest

from portal.actions.actor import Actor
from portal.actions.draft import start_draft
from portal.store.drafts import Draft
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.web.conftest import SignIn


@pytest.fixture
async def draft(privacy: Policy, clock: Clock) -> Draft:
    return await start_draft(privacy.id, by=Actor("staff", (await Staff.get(name="Ann Author")).id), at=clock())


async def test_it_goes_once_the_box_is_ticked(as_staff: SignIn, draft: Draft) -> None:
    legal, here = await as_staff(Role.LEGAL), f"/staff/drafts/{draft.id}/removal"
    assert "Nobody was told of it." in (await legal.get(here)).text
    unticked = await legal.post(here)
    assert unticked.status_code == 422
    assert (await Draft.get(id=draft.id)).dropped_at is None
    answer = await legal.post(here, data={"confirmed": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/policies/privacy")
    assert (await Draft.get(id=draft.id)).dropped_at is not None


async def test_dropping_it_again_leads_to_the_policy(as_staff: SignIn, draft: Draft) -> None:
    legal, here = await as_staff(Role.LEGAL), f"/staff/drafts/{draft.id}/removal"
    answers = [await legal.post(here, data={"confirmed": "1"}) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == ["/staff/policies/privacy"] * 2
    assert (await legal.get(f"/staff/drafts/{draft.id}")).headers["location"] == "/staff/policies/privacy"


async def test_an_approver_drops_nothing(as_staff: SignIn, draft: Draft) -> None:
    answer = await (await as_staff(Role.APPROVER)).post(f"/staff/drafts/{draft.id}/removal", data={"confirmed": "1"})
    assert answer.status_code == 403
    assert (await Draft.get(id=draft.id)).dropped_at is None

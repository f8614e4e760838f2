"""Legal starts a draft of a policy's next version."""

from portal.store.drafts import Draft
from portal.store.policies import Policy
from portal.store.staff import Role
from tests.support.drafting import TEXT_2
from tests.web.conftest import SignIn

START = "/staff/policies/privacy/drafts"


async def test_it_begins_with_the_text_in_force(as_staff: SignIn, privacy: Policy) -> None:
    legal = await as_staff(Role.LEGAL)
    assert "Start a draft of version 3" in (await legal.get("/staff/policies/privacy")).text
    answer = await legal.post(START)
    draft = await Draft.get(policy_id=privacy.id, published_as=None)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/drafts/{draft.id}")
    assert (draft.base, draft.text) == (2, TEXT_2)
    assert "Privacy policy, version 3" in (await legal.get("/staff/drafts")).text


async def test_starting_again_leads_to_the_open_draft(as_staff: SignIn, privacy: Policy) -> None:
    legal = await as_staff(Role.LEGAL)
    first, second = await legal.post(START), await legal.post(START)
    assert second.headers["location"] == first.headers["location"]
    assert await Draft.filter(policy_id=privacy.id, published_as=None).count() == 1
    assert "open already" in (await legal.get(second.headers["location"])).text


async def test_an_approver_and_ops_start_none(as_staff: SignIn, privacy: Policy) -> None:
    for role in (Role.APPROVER, Role.OPS, Role.ADMIN):
        assert (await (await as_staff(role)).post(START)).status_code == 403
    assert not await Draft.exists(policy_id=privacy.id, published_as=None)
    page = await (await as_staff(Role.APPROVER)).get("/staff/policies/privacy")
    assert page.status_code == 200
    assert "Start a draft" not in page.text


async def test_of_a_policy_that_is_not_there_none_is_started(as_staff: SignIn) -> None:
    assert (await (await as_staff(Role.LEGAL)).post("/staff/policies/nothing/drafts")).status_code == 404

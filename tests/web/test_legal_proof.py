"""Legal and approvers have a proof of the notice mailed to themselves."""

import pytest

from portal.actions.actor import Actor
from portal.actions.draft import start_draft
from portal.store.drafts import Draft
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.web.conftest import SignIn


@pytest.fixture
async def draft(privacy: Policy, clock: Clock) -> Draft:
    return await start_draft(privacy.id, by=Actor("staff", (await Staff.get(name="Ann Author")).id), at=clock())


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER])
async def test_it_goes_to_the_one_who_asks_and_to_nobody_else(as_staff: SignIn, draft: Draft, role: Role) -> None:
    person = await as_staff(role)
    answer = await person.post(f"/staff/drafts/{draft.id}/proof")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/drafts/{draft.id}")
    mail = await OutgoingMail.get(kind=MailKind.PROOF)
    assert mail.staff_id == (await Staff.get(email=f"{role}@example.com")).id
    assert (mail.member_id, mail.about) == (None, {"draft": draft.id})
    assert f"{role}@example.com" in (await person.get(f"/staff/drafts/{draft.id}")).text


async def test_other_roles_get_none(as_staff: SignIn, draft: Draft) -> None:
    assert (await (await as_staff(Role.OPS)).post(f"/staff/drafts/{draft.id}/proof")).status_code == 403
    assert not await OutgoingMail.exists(kind=MailKind.PROOF)

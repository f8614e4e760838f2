"""Staff see what waits for them, by role, and what happened last."""

from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM, Actor
from portal.actions.notice import record_bounce
from portal.store.drafts import Draft
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import classified, drafted
from tests.support.noticed import CLOSES_2, TEXT_2, Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day").replace("for 60 days", "for 90 days")


async def overview(client: AsyncClient) -> str:
    answer = await client.get("/staff")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_with_nothing_to_do_it_says_so(as_staff: SignIn) -> None:
    for role in Role:
        assert "Nothing waits for you" in await overview(await as_staff(role))


async def test_ops_sees_objections_and_notices_that_wait(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    await freezing(noticed, clock())
    await closing(noticed, clock(), noticed.other)
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    clock.move(hours=48)  # until then the code is the member's to enter
    page = await overview(await as_staff(Role.OPS))
    for words in (
        "1 closing objection is to be confirmed",
        "1 freeze is to be confirmed by the systems",
        "1 member was not reached by a notice",
        "Objection received",
        "Notice came back",
        "Version published",
    ):
        assert words in page, words
    assert "is to be confirmed" not in await overview(await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN))


async def test_ops_sees_what_is_due(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    await closing(noticed, clock(), confirmed=True)
    clock.now = CLOSES_2
    assert "1 account is to be closed now" in await overview(await as_staff(Role.OPS))
    clock.move(days=3)
    assert "1 account is overdue for closing" in await overview(await as_staff(Role.OPS))


async def test_legal_classifies_then_waits_then_publishes(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    by = Actor("staff", (await Staff.get(name="Ann Author")).id)
    legal, approver = await as_staff(Role.LEGAL), await as_staff(Role.APPROVER)
    draft = await drafted(noticed.policy, TEXT_3, by=by, at=clock())
    assert "Classify 2 changes of Privacy policy, version 3" in await overview(legal)
    assert "Nothing waits for you" in await overview(approver)
    await classified(draft, by=by, at=clock())
    assert "waits for approval by a second person" in await overview(legal)
    assert "Approve Privacy policy, version 3, as a second person" in await overview(approver)
    digest = (await Draft.get(id=draft.id)).digest
    await approver.post(f"/staff/drafts/{draft.id}/approvals", data={"digest": digest, "confirmed": "1"})
    assert "Publish Privacy policy, version 3: it is approved" in await overview(legal)
    assert "Nothing waits for you" in await overview(approver)
    assert "Nothing waits for you" in await overview(await as_staff(Role.OPS))


async def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: AsyncClient) -> None:
    assert (await client.get("/staff")).headers["location"] == "/staff/sign-in?next=/staff"

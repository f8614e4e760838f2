"""Legal publishes an approved draft, with its consequences before the button."""

import pytest

from portal.actions.actor import Actor
from portal.actions.approve import approve
from portal.actions.draft import DraftEdit, save_draft
from portal.store.drafts import Draft
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import classified, drafted
from tests.support.forms import form_on
from tests.support.noticed import TEXT_2, Noticed
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day").replace("for 60 days", "for 90 days")


@pytest.fixture
async def author(noticed: Noticed) -> Actor:
    assert noticed
    return Actor("staff", (await Staff.get(name="Ann Author")).id)


@pytest.fixture
async def draft(noticed: Noticed, author: Actor, clock: Clock) -> Draft:
    """Classified and approved."""
    draft = await classified(await drafted(noticed.policy, TEXT_3, by=author, at=clock()), by=author, at=clock())
    approver = Actor("staff", (await Staff.get(name="Ben Approver")).id)
    await approve(draft.id, draft.digest, by=approver, at=clock())
    return draft


def at(draft: Draft) -> str:
    return f"/staff/drafts/{draft.id}/publication"


async def test_the_consequences_stand_before_the_button(as_staff: SignIn, draft: Draft) -> None:
    page = (await (await as_staff(Role.LEGAL)).get(at(draft))).text
    for words in (
        "<strong>2</strong> <span>members concerned</span>",
        "Until 23 March 2026, 00:00 (Europe/Berlin)",
        "It closes the account.",
        "It freezes: what was collected stays",
        "cannot be called back",
        "I want to publish version 3 and have 2 members told by mail.",
    ):
        assert words in page, words
    assert page.index("What nobody can undo") < page.index("Publish version 3 now")


async def test_reading_the_page_publishes_nothing(as_staff: SignIn, draft: Draft) -> None:
    await (await as_staff(Role.LEGAL)).get(at(draft))
    assert await Version.filter(policy_id=draft.policy_id).count() == 2


async def test_publishing_owes_everybody_a_notice_and_shows_the_version(as_staff: SignIn, draft: Draft) -> None:
    legal = await as_staff(Role.LEGAL)
    sent = form_on((await legal.get(at(draft))).text, at(draft), confirmed="1")
    answer = await legal.post(at(draft), data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/policies/privacy/versions/3")
    version = await Version.get(policy_id=draft.policy_id, number=3)
    assert await Notice.filter(version_id=version.id).count() == 2
    page = (await legal.get(answer.headers["location"])).text
    for words in ("Version 3 is published.", "members concerned", "2 to go", "Ben Approver"):
        assert words in page, words


async def test_a_second_click_publishes_nothing_more(as_staff: SignIn, draft: Draft) -> None:
    legal = await as_staff(Role.LEGAL)
    sent = form_on((await legal.get(at(draft))).text, at(draft), confirmed="1")
    answers = [await legal.post(at(draft), data=sent) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == ["/staff/policies/privacy/versions/3"] * 2
    assert await Version.filter(policy_id=draft.policy_id).count() == 3


async def test_without_the_tick_nothing_is_published(as_staff: SignIn, draft: Draft) -> None:
    answer = await (await as_staff(Role.LEGAL)).post(at(draft), data={"digest": draft.digest})
    assert answer.status_code == 422
    assert "Tick the box if you want to publish." in answer.text
    assert await Version.filter(policy_id=draft.policy_id).count() == 2


async def test_what_was_edited_since_is_not_published(
    as_staff: SignIn, draft: Draft, author: Actor, clock: Clock
) -> None:
    legal = await as_staff(Role.LEGAL)
    sent = form_on((await legal.get(at(draft))).text, at(draft), confirmed="1")
    await save_draft(draft.id, DraftEdit(summary="Another."), by=author, at=clock())
    answer = await legal.post(at(draft), data=sent)
    assert answer.status_code == 409
    assert "The draft was edited since you opened this page." in answer.text
    assert "Nobody has approved the draft as it stands now." in answer.text
    assert await Version.filter(policy_id=draft.policy_id).count() == 2


async def test_what_stands_in_the_way_is_named_and_there_is_no_button(
    as_staff: SignIn, draft: Draft, author: Actor, clock: Clock
) -> None:
    text = TEXT_3.replace("privacy@example.org", "data@example.org")
    await save_draft(draft.id, DraftEdit(text=text, summary=""), by=author, at=clock())
    legal = await as_staff(Role.LEGAL)
    page = (await legal.get(at(draft))).text
    for words in ("1 change is not classified.", "Members need a summary", "Nobody has approved the draft"):
        assert words in page, words
    assert "now</button>" not in page
    digest = (await Draft.get(id=draft.id)).digest
    assert (await legal.post(at(draft), data={"digest": digest, "confirmed": "1"})).status_code == 409
    assert await Version.filter(policy_id=draft.policy_id).count() == 2


@pytest.mark.parametrize("role", [Role.APPROVER, Role.OPS, Role.ADMIN])
async def test_other_roles_publish_nothing(as_staff: SignIn, draft: Draft, role: Role) -> None:
    answer = await (await as_staff(role)).post(at(draft), data={"digest": draft.digest, "confirmed": "1"})
    assert answer.status_code == 403
    assert await Version.filter(policy_id=draft.policy_id).count() == 2

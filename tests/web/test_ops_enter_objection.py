"""Ops enters an objection that came by letter or call, and closes an account for another reason."""

import asyncio

import pytest
from httpx2 import ASGITransport, AsyncClient

from portal.store.answers import Objection
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member, Remark
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.staff import Role
from portal.store.submissions import Submission, SubmittedFile
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, PDF, SCAN, entered, second_page, submission_after
from tests.support.noticed import CLOSES_2, Noticed
from tests.web.conftest import SignIn

LETTER = BY_LETTER | {"step": "enter"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(noticed: Noticed) -> str:
    return f"/staff/members/{noticed.member.id}/objections?version={noticed.version.id}"


async def test_it_is_entered_with_its_changes_and_reference(ops: AsyncClient, noticed: Noticed) -> None:
    page = (await ops.get(at(noticed))).text
    for words in ("News", "Marketing", "Service", "22 March 2026, 00:00 (Europe/Berlin)"):
        assert words in page, words
    assert noticed.keys["Models"] not in page  # opt-in: there is nothing to object to
    answer = await ops.post(at(noticed), data=LETTER | {"changes": [noticed.keys["News"]]})
    submission = await submission_after(answer)
    objection = await Objection.get(member_id=noticed.member.id)
    assert (objection.way, objection.closing) == ("letter", False)
    assert (await Remark.get(id=objection.remark_id)).text == LETTER["note"]
    assert (submission.objection_id, submission.number) == (objection.id, objection.number)
    assert await OutgoingMail.exists(kind=MailKind.RECEIPT, member_id=noticed.member.id)
    assert LETTER["note"] in (await ops.get(f"/staff/objections/{objection.id}")).text


async def test_none_ticked_means_all_and_closes(ops: AsyncClient, noticed: Noticed) -> None:
    await ops.post(at(noticed), data=LETTER)
    objection = await Objection.get(member_id=noticed.member.id)
    assert objection.closing
    page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert "It closes the account, and has to be confirmed." in page
    assert not await Closure.exists()


async def test_what_arrived_in_time_and_is_entered_late_is_in_time(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    clock.now = CLOSES_2
    clock.move(days=4)
    ops = await as_staff(Role.OPS)
    assert "Enter an objection" in (await ops.get(f"/staff/members/{noticed.member.id}")).text
    late = await ops.post(at(noticed), data=LETTER | {"day": "2026-03-22"})
    assert late.status_code == 422
    assert "That was too late: the time to object ended 22 March 2026, 00:00 (Europe/Berlin)." in late.text
    assert LETTER["note"] in late.text
    for words in ("The day it began does not count. Day 20 is Saturday, 21 March 2026.", 'href="#day"'):
        assert words in late.text, words
    assert f'href="/staff/members/{noticed.member.id}/opt-outs"' in late.text
    assert not await Objection.exists()
    assert (await ops.post(at(noticed), data=LETTER | {"day": "2026-03-21"})).status_code == 303
    objection = await Objection.get(member_id=noticed.member.id)
    assert objection.received_at.isoformat() == "2026-03-21T22:59:59+00:00"
    assert objection.recorded_at == clock()


async def test_a_time_of_day_is_taken_in_the_policys_zone(ops: AsyncClient, noticed: Noticed) -> None:
    sent = LETTER | {"way": "call", "day": "2026-03-01", "time": "14:05"}
    assert (await ops.post(at(noticed), data=sent)).status_code == 303
    assert (await Objection.get()).received_at.isoformat() == "2026-03-01T13:05:00+00:00"


async def test_a_second_one_is_refused(ops: AsyncClient, noticed: Noticed) -> None:
    answers = [await ops.post(at(noticed), data=LETTER) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "An objection to this version is in force already." in answers[1].text
    assert await Objection.all().count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"asked_by": ""}, "Choose who asked."),
        ({"asked_by": "representative"}, "Enter the name of who represents the member."),
        ({"representative": "Rita Roe"}, "You named somebody who represents the member"),
        ({"way": ""}, "Choose how it came."),
        ({"way": "account"}, "Choose how it came."),
        ({"day": ""}, "Enter a day such as 2026-03-22."),
        ({"day": "2026-03-03"}, "This is still to come."),
        ({"time": "noon"}, "Enter a time such as 14:05."),
        ({"time": "23:59"}, "This is still to come."),
        ({"note": " "}, "Enter a reference by which it can be found again."),
        ({"changes": "nothing"}, "names a change that cannot be objected to"),
        ({"note": "x" * 301}, "Use at most 300 characters."),
        ({"day": "2026-02-01"}, "does not concern the member"),
    ],
)
async def test_what_is_not_in_order_is_named_and_nothing_is_entered(
    ops: AsyncClient, noticed: Noticed, typed: dict[str, str], words: str
) -> None:
    answer = await ops.post(at(noticed), data=LETTER | typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert not await Objection.exists()
    assert not await Submission.exists()


async def test_what_would_follow_is_read_before_the_button_in_the_members_own_words(
    ops: AsyncClient, noticed: Noticed
) -> None:
    here, news = at(noticed), noticed.keys["News"]
    freeze = await second_page(ops, here, changes=[news])
    members = await noticed_review(noticed, news)
    for words in ("Your account stays open", "You can take the objection back for as long as your account is open."):
        assert words in members
        assert words in freeze.text, words
    for words in ("Nothing has been entered yet.", "News", "by letter", "the member", LETTER["note"]):
        assert words in freeze.text, words
    closure = await second_page(ops, here)
    assert "Your account will be closed on 22 March 2026, 00:00 (Europe/Berlin)" in closure.text
    assert "a code is mailed to m" in closure.text
    assert not await Objection.exists()
    assert not await OutgoingMail.exists()
    assert not await Event.exists(action__in=["objection.filed", "submission.entered"])


async def noticed_review(noticed: Noticed, change: str) -> str:
    """The member's own review page, by the mailed link."""
    transport = ASGITransport(noticed.app)
    async with AsyncClient(transport=transport, base_url=str(noticed.app.state.settings.base_url)) as browser:
        return (await browser.get(f"{noticed.by_link()}/objection?answer=object&change={change}")).text


async def test_what_was_typed_can_be_changed_from_the_second_page(ops: AsyncClient, noticed: Noticed) -> None:
    typed = BY_LETTER | {"changes": [noticed.keys["News"]], "remark": "In blue ink.", "step": "change"}
    page = await ops.post(at(noticed), data=typed)
    assert page.status_code == 200
    for words in (f'value="{noticed.keys["News"]}" checked', "In blue ink.", 'value="letter" checked', LETTER["note"]):
        assert words in page.text, words
    assert not await Objection.exists()


async def test_a_letter_from_a_representative_is_kept_with_its_file(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    clock.move(hours=2)
    typed = {"asked_by": "representative", "representative": "Rita Roe", "remark": "With a power of attorney."}
    answer = await entered(ops, at(noticed), [SCAN], changes=[noticed.keys["News"]], time="09:30", **typed)
    submission = await submission_after(answer)
    assert (submission.received_at.isoformat(), submission.recorded_at) == ("2026-03-02T08:30:00+00:00", clock())
    [file] = await SubmittedFile.filter(submission_id=submission.id)
    assert (file.name, file.size, file.media_type) == ("letter.pdf", len(PDF), "application/pdf")
    page = (await ops.get(f"/staff/submissions/{submission.id}")).text
    for words in ("Rita Roe", "With a power of attorney.", "by letter", "by Ops", LETTER["note"], "letter.pdf"):
        assert words in page, words
    story = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert f'href="/staff/submissions/{submission.id}">Letter or call entered' in story
    assert f"Objection, by letter, {LETTER['note']} · by Ops" in story
    objection = (await ops.get(f"/staff/objections/{submission.objection_id}")).text
    assert f'href="/staff/submissions/{submission.id}"' in objection


async def test_the_time_may_be_told_in_the_members_zone(ops: AsyncClient, noticed: Noticed) -> None:
    async with transaction():
        await Member.filter(id=noticed.member.id).update(zone="America/New_York")
    sent = LETTER | {"day": "2026-03-01", "time": "14:05", "zone": "America/New_York"}
    assert "America/New_York" in (await ops.get(at(noticed))).text
    assert (await ops.post(at(noticed), data=sent)).status_code == 303
    assert (await Objection.get()).received_at.isoformat() == "2026-03-01T19:05:00+00:00"


async def test_two_who_enter_the_same_letter_at_once_enter_it_once(ops: AsyncClient, noticed: Noticed) -> None:
    answers = await asyncio.gather(*(ops.post(at(noticed), data=LETTER) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422]
    assert await Submission.all().count() == await Objection.all().count() == 1


async def test_an_account_that_ended_for_another_reason_is_closed(ops: AsyncClient, noticed: Noticed) -> None:
    here = f"/staff/members/{noticed.member.id}/closure"
    assert "I want to close the account of member m1." in (await ops.get(here)).text
    assert (await ops.post(here, data={"note": "Cancelled."})).status_code == 422
    assert (await ops.post(here, data={"confirmed": "1"})).status_code == 422
    assert not await Closure.exists()
    answer = await ops.post(here, data={"confirmed": "1", "note": "Cancelled."})
    assert answer.status_code == 303
    again = await ops.post(here, data={"confirmed": "1", "note": "Cancelled."})
    assert again.status_code == 422
    assert "The account is closed." in again.text
    assert await Closure.all().count() == 1
    assert not await Closure.exists(member_id=noticed.other.id)


async def test_other_roles_enter_and_close_nothing(as_staff: SignIn, noticed: Noticed) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.post(at(noticed), data=LETTER)).status_code == 403
    closing = await other.post(f"/staff/members/{noticed.member.id}/closure", data={"confirmed": "1", "note": "x"})
    assert closing.status_code == 403
    assert not await Objection.exists()
    assert not await Closure.exists()

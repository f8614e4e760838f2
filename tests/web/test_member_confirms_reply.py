"""A member replied to a notice that they object: what their page says, and how it is confirmed or left."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import Actor
from portal.actions.objection import file_objection
from portal.actions.returned import take_in
from portal.mail.returned import Envelope, read
from portal.store.answers import Confirmation, Objection, Way
from portal.store.declarations import Decision, Declaration
from portal.store.outbox import MailKind
from tests.support.answering import code_of
from tests.support.came_back import OURS
from tests.support.clock import Clock
from tests.support.noticed import TEXT_2, Noticed, publish_next
from tests.support.replies import gmail
from tests.support.replying import mails, replied_to
from tests.web.conftest import SignIn

NEWS = ("once a week", "once a day")


@pytest.fixture
async def freezing(noticed: Noticed, clock: Clock) -> Noticed:
    """The same members, and a version 3 that touches marketing alone."""
    assert NEWS[0] in TEXT_2
    version, keys = await publish_next(noticed, TEXT_2.replace(*NEWS), clock())
    return Noticed(noticed.app, noticed.policy, version, noticed.member, noticed.other, keys)


async def replies(noticed: Noticed, clock: Clock, words: str = "I object.") -> None:
    mail = await replied_to(noticed.member.id, noticed.version.id)
    raw = gmail(words, mail)
    await take_in(read(raw, Envelope("maria@example.org", ("privacy@example.com",)), OURS), at=clock())


async def answer_of(noticed: Noticed) -> str:
    return f"{noticed.by_link()}/answers/{(await Declaration.get()).number}"


async def test_the_page_says_what_was_received_and_in_the_words_of_the_review_what_would_follow(
    client: AsyncClient, freezing: Noticed, clock: Clock
) -> None:
    await replies(freezing, clock)
    page = (await client.get(await answer_of(freezing))).text
    review = (await client.get(f"{freezing.by_link()}/objection?answer=object")).text
    sentences = (
        "Your account stays open",
        "For Marketing, what we collected up to 2 March 2026, 10:00 (Europe/Berlin) stays under version 2",
        "What we collect later comes under version 3.",
        "You can take the objection back for as long as your account is open.",
    )
    for words in sentences:
        assert words in page, words
        assert words in review, words
    for words in (
        "We have received your answer",
        "By your reply to our mail",
        "Nothing changes before you confirm it.",
    ):
        assert words in page, words
    assert "Confirm my objection" in page
    assert await Objection.all().count() == 0


async def test_the_notice_says_that_a_reply_waits(client: AsyncClient, freezing: Noticed, clock: Clock) -> None:
    assert "You replied that you object" not in (await client.get(freezing.by_link())).text
    await replies(freezing, clock)
    page = (await client.get(freezing.by_link())).text
    assert "You replied that you object. Please confirm it." in page
    assert f'href="{await answer_of(freezing)}#confirm"' in page


async def test_the_mailed_code_confirms_it_and_leads_to_the_receipt(
    client: AsyncClient, freezing: Noticed, clock: Clock
) -> None:
    await replies(freezing, clock)
    received_at, here = clock(), await answer_of(freezing)
    clock.move(hours=1)
    wrong = await client.post(f"{here}/confirmation", data={"code": "00000000"})
    assert wrong.status_code == 422
    done = await client.post(f"{here}/confirmation", data={"code": await code_of(freezing)})
    receipt = f"{freezing.by_link()}/objections/{(await Objection.get()).number}"
    assert (done.status_code, done.headers["location"]) == (303, receipt)
    assert (await Objection.get()).received_at == received_at
    page = (await client.get(receipt)).text
    assert "2 March 2026, 10:00 (Europe/Berlin)" in page
    again = await client.get(here)
    assert (again.status_code, again.headers["location"]) == (303, receipt)
    assert "You replied that you object" not in (await client.get(freezing.by_link())).text


async def test_signing_in_confirms_it(as_member: SignIn, freezing: Noticed, clock: Clock) -> None:
    await replies(freezing, clock)
    browser = await as_member("m1")
    here = f"{freezing.in_account}/answers/{(await Declaration.get()).number}"
    done = await browser.post(f"{here}/confirmation")
    assert done.status_code == 303
    assert (await Objection.get()).way is Way.REPLY


async def test_it_is_left_by_the_other_button(client: AsyncClient, freezing: Noticed, clock: Clock) -> None:
    await replies(freezing, clock)
    here = await answer_of(freezing)
    assert (await client.post(f"{here}/removal")).status_code == 303
    assert "You left everything as it is" in (await client.get(here)).text
    assert (await Declaration.get()).decided_as is Decision.DROPPED
    assert await Objection.all().count() == 0


async def test_an_objection_by_link_meanwhile_takes_its_place(
    client: AsyncClient, freezing: Noticed, clock: Clock
) -> None:
    await replies(freezing, clock)
    here = await answer_of(freezing)
    filed = await client.post(f"{freezing.by_link()}/objections", data={})
    assert filed.status_code == 303
    assert "You objected in another way already" in (await client.get(here)).text
    late = await client.post(f"{here}/confirmation", data={"code": await code_of(freezing)})
    assert (late.status_code, late.headers["location"]) == (303, here)
    assert await Objection.all().count() == 1


async def test_nobody_else_sees_or_confirms_it(client: AsyncClient, freezing: Noticed, clock: Clock) -> None:
    await replies(freezing, clock)
    number = (await Declaration.get()).number
    foreign = f"{freezing.by_link(freezing.other)}/answers/{number}"
    assert (await client.get(foreign)).status_code == 404
    data = {"code": await code_of(freezing)}
    assert (await client.post(f"{foreign}/confirmation", data=data)).status_code == 404
    assert await Objection.all().count() == 0


async def test_one_that_closes_has_the_page_of_every_closing_objection(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await replies(noticed, clock)
    objection = await Objection.get()
    here = f"{noticed.by_link()}/objections/{objection.number}"
    page = (await client.get(here)).text
    assert "Confirm that it is you" in page
    done = await client.post(f"{here}/confirmation", data={"code": await code_of(noticed)})
    assert done.status_code == 303
    assert await Confirmation.all().count() == 1


async def test_a_second_reply_after_an_objection_by_link_is_told_by_mail(noticed: Noticed, clock: Clock) -> None:
    by_link = await file_objection(
        noticed.member.id, noticed.version.id, way=Way.LINK, by=Actor("member", noticed.member.id), at=clock()
    )
    await replies(noticed, clock)
    assert await mails(MailKind.NOT_OBJECTED) == 1
    assert (await Objection.get()).id == by_link.id

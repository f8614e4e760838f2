"""A member objects to the marketing change: the account stays open, what is held is frozen."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.rules.governing import Basis
from portal.store.answers import ObjectedChange, Objection, Way
from portal.store.events import Event
from portal.store.members import Remark
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.clock import Clock
from tests.support.noticed import SENT_2, Noticed
from tests.web.conftest import SignIn


def to_marketing(noticed: Noticed, **more: Any) -> dict[str, Any]:
    """The form of the review page."""
    return {"change": [noticed.keys["News"]], **more}


async def test_review_says_what_follows_before_the_button(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.get(f"{noticed.by_link()}/objection", params=to_marketing(noticed, answer="object"))
    assert answer.status_code == 200
    said = answer.text.index(
        "For Marketing, what we collected up to 2 March 2026, 10:00 (Europe/Berlin) stays under version 1"
    )
    assert "Your account stays open" in answer.text
    assert said < answer.text.index("Send the objection")
    assert await Objection.all().count() == 0


async def test_review_offers_two_equal_buttons_and_the_way_back_keeps_the_ticks(
    client: AsyncClient, noticed: Noticed
) -> None:
    answer = await client.get(f"{noticed.by_link()}/objection", params=to_marketing(noticed))
    assert answer.text.count('class="button choice"') == 2
    back = await client.get(noticed.by_link(), params=to_marketing(noticed))
    assert back.text.count(" checked") == 1


async def test_by_link_is_filed_and_frozen(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    answer = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed, reason="Too many mails."))
    objection = await Objection.get(member_id=noticed.member.id)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{noticed.by_link()}/objections/{objection.number}"
    assert not objection.closing
    assert objection.way is Way.LINK
    assert objection.received_at == clock()
    assert await ObjectedChange.filter(objection_id=objection.id).count() == 1
    assert (await Remark.get(id=objection.remark_id)).text == "Too many mails."
    governs = await governing_terms("m1", "privacy", "marketing", SENT_2, at=clock())
    assert (governs.answer.version, governs.answer.basis) == (1, Basis.OBJECTION)


async def test_receipt_says_number_instant_coverage_and_what_follows(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    objection = await Objection.get(member_id=noticed.member.id)
    receipt = await client.get(answer.headers["location"])
    assert receipt.status_code == 200
    for words in (
        objection.number,
        "2 March 2026, 10:00 (Europe/Berlin)",
        "News",
        "Marketing",
        "stays under version 1",
        "You can take the objection back for as long as your account is open.",
        "m•••@example.org",
    ):
        assert words in receipt.text
    assert "maria@example.org" not in receipt.text
    assert [mail.kind for mail in await OutgoingMail.filter(member_id=noticed.member.id)] == [MailKind.RECEIPT]


async def test_in_the_account_is_filed_as_such(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    answer = await browser.post(f"{noticed.in_account}/objections", data=to_marketing(noticed))
    objection = await Objection.get(member_id=noticed.member.id)
    assert answer.headers["location"] == f"{noticed.in_account}/objections/{objection.number}"
    assert objection.way is Way.ACCOUNT
    event = await Event.get(action="objection.filed")
    assert event.actor == f"member:{noticed.member.id}"


async def test_notice_then_shows_the_answer(client: AsyncClient, noticed: Noticed) -> None:
    await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    text = (await client.get(noticed.by_link())).text
    assert "You objected. Your account stays open." in text
    assert "You can still change your answer until" in text
    assert 'value="object"' not in text


async def test_other_purposes_no_longer_wait_for_the_window(client: AsyncClient, noticed: Noticed) -> None:
    await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    text = (await client.get(noticed.by_link())).text
    assert "We go on under version 1 until" not in text
    assert "Version 2 applies to you since" in text


async def test_repeated_post_gives_one_objection(client: AsyncClient, noticed: Noticed) -> None:
    first = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    second = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    assert second.status_code == 303
    assert second.headers["location"] == first.headers["location"]
    assert await Objection.all().count() == 1
    assert "Your objection is in force already." in (await client.get(second.headers["location"])).text


async def test_two_posts_at_the_same_time_give_one_objection(client: AsyncClient, noticed: Noticed) -> None:
    address = f"{noticed.by_link()}/objections"
    answers = await asyncio.gather(*[client.post(address, data=to_marketing(noticed)) for _ in range(3)])
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await Objection.all().count() == 1


async def test_review_of_a_second_objection_leads_to_the_first(client: AsyncClient, noticed: Noticed) -> None:
    first = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    review = await client.get(f"{noticed.by_link()}/objection")
    assert review.status_code == 303
    assert review.headers["location"] == first.headers["location"]


async def test_other_members_receipt_is_never_shown(client: AsyncClient, as_member: SignIn, noticed: Noticed) -> None:
    filed = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    number = filed.headers["location"].rpartition("/")[2]
    other = await as_member("m2")
    for browser, base in ((other, noticed.in_account), (client, noticed.by_link(noticed.other))):
        assert (await browser.get(f"{base}/objections/{number}")).status_code == 404
        assert (await browser.get(f"{base}/objections/{number}/withdrawal")).status_code == 404
        for path in ("withdrawal", "confirmation", "code"):
            assert (await browser.post(f"{base}/objections/{number}/{path}", data={})).status_code == 404
    assert (await Objection.get(number=number)).withdrawn_at is None


async def test_closed_account_files_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    by_link = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed))
    in_account = await browser.post(f"{noticed.in_account}/objections", data=to_marketing(noticed))
    assert (by_link.status_code, in_account.status_code) == (404, 410)
    assert await Objection.all().count() == 0


async def test_form_of_another_site_is_refused(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(
        f"{noticed.by_link()}/objections", data=to_marketing(noticed), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert await Objection.all().count() == 0


@pytest.mark.parametrize(("method", "path"), [("POST", "/objections"), ("GET", "/objection")])
async def test_unknown_change_is_named_as_a_problem(
    client: AsyncClient, noticed: Noticed, method: str, path: str
) -> None:
    given = {"change": "no-such-change"}
    address = noticed.by_link() + path
    answer = await (client.post(address, data=given) if method == "POST" else client.get(address, params=given))
    assert answer.status_code == 422
    assert "Choose from the changes of this version." in answer.text
    assert await Objection.all().count() == 0


async def test_change_that_asks_for_consent_cannot_be_objected_to(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(f"{noticed.by_link()}/objections", data={"change": [noticed.keys["Models"]]})
    assert answer.status_code == 422
    assert await Objection.all().count() == 0


async def test_reason_that_is_too_long_is_shown_again_with_the_choice(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(f"{noticed.by_link()}/objections", data=to_marketing(noticed, reason="a" * 2001))
    assert answer.status_code == 422
    assert "Shorten your reason to 2000 characters." in answer.text
    assert "a" * 2001 in answer.text
    assert f'name="change" value="{noticed.keys["News"]}"' in answer.text
    assert await Objection.all().count() == 0


async def test_body_that_is_no_form_is_refused(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(f"{noticed.by_link()}/objections", json={"change": []})
    assert answer.status_code == 415
    assert await Objection.all().count() == 0

"""A member objects to a service change: received at once, confirmed by a mailed code or signed in, then closing."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ConfirmationWay, Objection
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from tests.support.answering import erase_address
from tests.support.clock import Clock
from tests.support.noticed import SENT_2, Noticed, noticed_world
from tests.web.conftest import SignIn


def to_service(noticed: Noticed) -> dict[str, Any]:
    return {"change": [noticed.keys["Service"]]}


async def filed(client: AsyncClient, noticed: Noticed) -> str:
    """Files it by the mailed link; gives the address of the receipt."""
    answer = await client.post(f"{noticed.by_link()}/objections", data=to_service(noticed))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def mailed_code(noticed: Noticed) -> str:
    """The code in the newest mail."""
    code = await OneTimeCode.filter(member_id=noticed.member.id, objection_id__not_isnull=True).order_by("-id").first()
    assert code is not None
    return str(noticed.app.state.keys.code(code.id))


async def test_review_says_when_the_account_will_be_closed(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(f"{noticed.by_link()}/objection", params=to_service(noticed))).text
    said = text.index("Your account will be closed on 22 March 2026, 00:00 (Europe/Berlin)")
    assert said < text.index("Send the objection")
    assert "You can take the objection back until 22 March 2026, 00:00 (Europe/Berlin)" in text
    assert "we then mail a one-time code to m•••@example.org" in text


async def test_choice_of_both_kinds_closes_and_names_the_milder_one(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(f"{noticed.by_link()}/objection")).text
    assert "You object to 2 changes" in text
    assert "These are all the changes that can be objected to." in text
    assert "Your account will be closed on" in text
    assert "your account stays open:" in text
    assert f"/objection?change={noticed.keys['News']}" in text


async def test_objection_counts_at_once_and_waits_for_the_code(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    receipt = await client.get(await filed(client, noticed))
    objection = await Objection.get(member_id=noticed.member.id)
    assert objection.closing
    assert objection.received_at == clock()
    assert "Confirm that it is you" in receipt.text
    assert "Not yet. We close no account before that." in receipt.text
    assert await Confirmation.all().count() == 0
    assert (await governing_terms("m1", "privacy", "service", SENT_2, at=clock())).answer.version == 1
    kinds = {mail.kind for mail in await OutgoingMail.filter(member_id=noticed.member.id)}
    assert kinds == {MailKind.RECEIPT, MailKind.CODE}


async def test_right_code_confirms_and_moves_no_instant(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    received_at = clock()
    address = await filed(client, noticed)
    code = await mailed_code(noticed)
    clock.move(hours=1)
    answer = await client.post(f"{address}/confirmation", data={"code": f"{code[:4]} {code[4:]}"})
    assert answer.status_code == 303
    confirmed = await Confirmation.get(member_id=noticed.member.id)
    assert confirmed.way is ConfirmationWay.CODE
    assert (await Objection.get(member_id=noticed.member.id)).received_at == received_at
    text = (await client.get(answer.headers["location"])).text
    assert "Your objection is confirmed" in text
    assert "Confirm that it is you" not in text
    assert await Closure.all().count() == 0


async def test_five_wrong_codes_use_the_code_up(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    right = await mailed_code(noticed)
    wrong = str((int(right) + 1) % 10**8).zfill(8)
    for left in (4, 3, 2, 1):
        answer = await client.post(f"{address}/confirmation", data={"code": wrong})
        assert answer.status_code == 422
        assert f"You can try {left} more time" in answer.text
    fifth = await client.post(f"{address}/confirmation", data={"code": wrong})
    assert "it no longer works. Ask for a new code." in fifth.text
    answer = await client.post(f"{address}/confirmation", data={"code": right})
    assert answer.status_code == 422
    assert "This code no longer works." in answer.text
    assert await Confirmation.all().count() == 0


async def test_new_code_works_and_ends_the_old_one(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    old = await mailed_code(noticed)
    answer = await client.post(f"{address}/code")
    assert answer.status_code == 303
    assert "We have mailed a new code to m•••@example.org." in (await client.get(address)).text
    assert (await client.post(f"{address}/confirmation", data={"code": old})).status_code == 422
    assert (await client.post(f"{address}/confirmation", data={"code": await mailed_code(noticed)})).status_code == 303
    assert await Confirmation.all().count() == 1


async def test_codes_are_mailed_five_times_a_day_at_most(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    for _ in range(4):
        assert (await client.post(f"{address}/code")).status_code == 303
    refused = await client.post(f"{address}/code")
    assert refused.status_code == 429
    assert "mail no more until tomorrow" in refused.text
    assert await OneTimeCode.filter(objection_id__not_isnull=True).count() == 5
    clock.move(days=1, seconds=1)
    assert (await client.post(f"{address}/code")).status_code == 303


async def test_code_that_is_too_old_is_refused(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    clock.move(hours=2)
    answer = await client.post(f"{address}/confirmation", data={"code": await mailed_code(noticed)})
    assert answer.status_code == 422
    assert "This code no longer works." in answer.text


@pytest.mark.parametrize("form", [{}, {"code": ""}, {"code": "   "}, {"code": "1" * 41}])
async def test_code_that_is_left_out_is_asked_for(client: AsyncClient, noticed: Noticed, form: dict[str, str]) -> None:
    address = await filed(client, noticed)
    answer = await client.post(f"{address}/confirmation", data=form)
    assert answer.status_code == 422
    assert "Enter the 8 digits of the code we mailed you." in answer.text
    assert (await OneTimeCode.get(objection_id__not_isnull=True)).tries == 0


async def test_signed_in_member_confirms_by_a_button(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    address = (await browser.post(f"{noticed.in_account}/objections", data=to_service(noticed))).headers["location"]
    receipt = await browser.get(address)
    assert "You are signed in, so you can confirm without a code." in receipt.text
    assert (await browser.post(f"{address}/confirmation")).status_code == 303
    assert (await Confirmation.get(member_id=noticed.member.id)).way is ConfirmationWay.SIGN_IN


async def test_link_opened_by_the_signed_in_member_needs_no_code(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    address = await filed(browser, noticed)
    assert (await browser.post(f"{address}/confirmation")).status_code == 303
    assert await Confirmation.all().count() == 1


async def test_link_opened_by_another_member_needs_the_code(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m2")
    address = await filed(browser, noticed)
    assert (await browser.post(f"{address}/confirmation")).status_code == 422
    assert await Confirmation.all().count() == 0


async def test_code_of_another_member_confirms_nothing(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    other = await client.post(f"{noticed.by_link(noticed.other)}/objections", data=to_service(noticed))
    theirs = await OneTimeCode.filter(member_id=noticed.other.id).order_by("-id").first()
    assert other.status_code == 303
    assert theirs is not None
    code = noticed.app.state.keys.code(theirs.id)
    assert (await client.post(f"{address}/confirmation", data={"code": code})).status_code == 422
    assert await Confirmation.all().count() == 0


async def test_repeated_confirmation_is_one(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    code = await mailed_code(noticed)
    for _ in range(2):
        assert (await client.post(f"{address}/confirmation", data={"code": code})).status_code == 303
    assert await Confirmation.all().count() == 1


async def test_withdrawn_objection_cannot_be_confirmed(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    code = await mailed_code(noticed)
    await client.post(f"{address}/withdrawal")
    answer = await client.post(f"{address}/confirmation", data={"code": code})
    assert answer.status_code == 303
    assert await Confirmation.all().count() == 0
    assert "You took this objection back" in (await client.get(address)).text


async def test_closed_account_confirms_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    address = await filed(client, noticed)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    in_account = address.replace(noticed.by_link(), noticed.in_account)
    assert (await client.post(f"{address}/confirmation", data={"code": await mailed_code(noticed)})).status_code == 404
    assert (await browser.post(f"{in_account}/confirmation")).status_code == 410
    assert await Confirmation.all().count() == 0


async def test_before_a_notice_arrived_the_day_is_counted_from_the_objection(
    client: AsyncClient, app: Starlette
) -> None:
    noticed = await noticed_world(app, mailed=False)
    text = (await client.get(f"{noticed.by_link()}/objection", params=to_service(noticed))).text
    assert "Your account will be closed on 23 March 2026, 00:00 (Europe/Berlin)" in text
    assert "the day is counted from your objection" in text


async def test_after_the_day_it_is_not_told_as_if_it_were_to_come(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    text = (await client.get(address)).text
    assert "Your account will be closed once the objection is confirmed." in text
    assert "We then close the account." in text
    assert "It was not confirmed within 48 hours, so our staff look after it now." in text
    assert "No code works at the moment" in text
    await client.post(f"{address}/code")
    await client.post(f"{address}/confirmation", data={"code": await mailed_code(noticed)})
    text = (await client.get(address)).text
    assert "Your account has been due for closing since 22 March 2026, 00:00 (Europe/Berlin)." in text
    assert "You can take the objection back until we have closed the account." in text


async def test_receipt_leads_to_signing_in_and_back(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    in_account = address.replace(noticed.by_link(), noticed.in_account)
    assert f'href="/sign-in?next={in_account}"' in (await client.get(address)).text


async def test_wrong_code_stays_in_the_field(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    wrong = str((int(await mailed_code(noticed)) + 1) % 10**8).zfill(8)
    answer = await client.post(f"{address}/confirmation", data={"code": wrong})
    assert f'value="{wrong}"' in answer.text
    assert '<a href="#code">' in answer.text


async def test_without_an_address_no_code_is_promised(client: AsyncClient, noticed: Noticed) -> None:
    await erase_address(noticed)
    text = (await client.get(await filed(client, noticed))).text
    assert "Our staff will get in touch with you; your answer keeps its time." in text
    assert 'name="code"' not in text
    assert await OneTimeCode.all().count() == 0


async def test_notice_asks_for_the_confirmation(client: AsyncClient, noticed: Noticed) -> None:
    await filed(client, noticed)
    text = (await client.get(noticed.by_link())).text
    assert "You objected. Please confirm it." in text
    assert "All your data stays under version 1 until we close the account" in text

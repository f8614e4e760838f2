"""A member answers the question for a consent: signed in at once, by link with a code from their mail."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.consent import opt_out
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.store.answers import Consent, OptOut, Way
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.answering import code_of, erase_address
from tests.support.clock import Clock
from tests.support.noticed import JOINED, Noticed
from tests.web.conftest import SignIn

YES = {"purpose": "ai_training", "answer": "yes"}
NO = {"purpose": "ai_training", "answer": "no"}
IN = {"purpose": "ai_training", "turn": "in"}


async def version_for_old_data(noticed: Noticed, clock: Clock) -> tuple[int | None, bool]:
    answer = (await governing_terms("m1", noticed.policy.slug, "ai_training", JOINED, at=clock())).answer
    return answer.version, answer.allowed


async def said_yes(client: AsyncClient, noticed: Noticed) -> str:
    """By the mailed link; gives the address of the answer's page."""
    answer = await client.post(f"{noticed.by_link()}/consents", data=YES)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_question_has_two_equal_answers_and_none_is_chosen(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(noticed.by_link())).text
    question = text.split('<section class="question"')[1].split("</section>")[0]
    assert question.count('class="button choice"') == 2
    assert "checked" not in question
    assert "After a yes we mail a one-time code to m•••@example.org" in question


async def test_yes_by_link_is_received_and_changes_nothing_yet(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    page = (await client.get(await said_yes(client, noticed))).text
    declared = await Declaration.get()
    assert declared.received_at == clock()
    for words in (
        declared.number,
        "2 March 2026, 10:00 (Europe/Berlin)",
        "Yes to Ai Training, for what we already hold.",
        "Nothing changes before you confirm it.",
        "We mailed a code of 8 digits to m•••@example.org. It works until 2 March 2026, 12:00",
    ):
        assert words in page, words
    assert page.count('class="button choice"') == 2
    assert await Consent.all().count() == 0
    assert await version_for_old_data(noticed, clock) == (1, True)


async def test_code_lets_the_version_reach_old_data(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    received_at = clock()
    page = await said_yes(client, noticed)
    clock.move(minutes=30)
    answer = await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    given = await Consent.get()
    assert (given.way, given.received_at) == (Way.LINK, received_at)
    assert await version_for_old_data(noticed, clock) == (2, True)
    receipt = (await client.get(page)).text
    assert "You said yes to Ai Training" in receipt
    assert "Opt out of Ai Training" in receipt
    assert "You said yes." in (await client.get(noticed.by_link())).text
    assert await OutgoingMail.filter(kind=MailKind.CONSENT).count() == 1


async def test_signed_in_a_yes_counts_at_once_and_has_a_receipt(
    as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    answer = await browser.post(f"{noticed.in_account}/consents", data=YES)
    assert (await Consent.get()).way is Way.ACCOUNT
    assert await version_for_old_data(noticed, clock) == (2, True)
    receipt = (await browser.get(answer.headers["location"])).text
    assert "You said yes to Ai Training" in receipt
    assert (await Declaration.get()).number in receipt
    assert await OutgoingMail.filter(kind=MailKind.CONFIRM).count() == 0


async def test_signing_in_confirms_without_a_code(client: AsyncClient, as_member: SignIn, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    browser = await as_member("m1")
    in_account = page.replace(noticed.by_link(), noticed.in_account)
    assert "You are signed in, so you can confirm without a code." in (await browser.get(in_account)).text
    assert (await browser.post(f"{in_account}/confirmation")).status_code == 303
    assert await Consent.all().count() == 1


async def test_link_opened_by_another_member_needs_the_code(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m2")
    page = await said_yes(browser, noticed)
    assert (await browser.post(f"{page}/confirmation")).status_code == 422
    assert await Consent.all().count() == 0


async def test_wrong_code_is_kept_and_said_beside_the_field(client: AsyncClient, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    wrong = str((int(await code_of(noticed)) + 1) % 10**8).zfill(8)
    answer = await client.post(f"{page}/confirmation", data={"code": wrong})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert '<a href="#code">That is not the code we mailed. You can try 4 more times.</a>' in answer.text
    assert f'value="{wrong}"' in answer.text
    assert await Consent.all().count() == 0


@pytest.mark.parametrize("form", [{}, {"code": ""}, {"code": "1" * 41}])
async def test_code_that_is_left_out_is_asked_for(client: AsyncClient, noticed: Noticed, form: dict[str, str]) -> None:
    answer = await client.post(f"{await said_yes(client, noticed)}/confirmation", data=form)
    assert answer.status_code == 422
    assert "Enter the 8 digits of the code we mailed you." in answer.text


async def test_code_that_ran_out_is_said_and_a_new_one_works(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    page = await said_yes(client, noticed)
    old = await code_of(noticed)
    clock.move(hours=3)
    assert "No code works at the moment" in (await client.get(page)).text
    assert (await client.post(f"{page}/confirmation", data={"code": old})).status_code == 422
    assert (await client.post(f"{page}/code")).status_code == 303
    assert "We have mailed a new code to m•••@example.org." in (await client.get(page)).text
    assert (await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})).status_code == 303
    assert await Consent.all().count() == 1


async def test_codes_are_mailed_five_times_a_day_at_most(client: AsyncClient, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    for _ in range(4):
        assert (await client.post(f"{page}/code")).status_code == 303
    refused = await client.post(f"{page}/code")
    assert refused.status_code == 429
    assert "mail no more until tomorrow" in refused.text


async def test_leaving_it_changes_nothing(client: AsyncClient, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    code = await code_of(noticed)
    assert (await client.post(f"{page}/removal", data={"code": ""})).status_code == 303
    assert "You left everything as it is" in (await client.get(page)).text
    assert (await client.post(f"{page}/confirmation", data={"code": code})).status_code == 303
    assert await Consent.all().count() == 0


async def test_no_records_nothing_and_leaves_a_yes_that_waits(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await said_yes(client, noticed)
    answer = await client.post(f"{noticed.by_link()}/consents", data=NO)
    assert answer.status_code == 303
    assert "Nothing changes." in (await client.get(noticed.by_link())).text
    assert (await Declaration.get()).decided_as is Decision.DROPPED
    assert await Consent.all().count() == 0
    assert await version_for_old_data(noticed, clock) == (1, True)


async def test_no_leaves_all_that_waits_for_the_purpose(client: AsyncClient, noticed: Noticed) -> None:
    here = noticed.by_link()
    await client.post(f"{here}/opt-outs", data={"purpose": "ai_training"})
    await client.post(f"{here}/opt-outs", data=IN)
    await said_yes(client, noticed)
    assert (await client.post(f"{here}/consents", data=NO)).status_code == 303
    left = await Declaration.all().order_by("id")
    assert [(one.kind, one.decided_as) for one in left] == [
        (DeclarationKind.OPT_IN, Decision.DROPPED),
        (DeclarationKind.CONSENT, Decision.DROPPED),
    ]


async def test_notice_says_that_a_yes_waits(client: AsyncClient, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    text = (await client.get(noticed.by_link())).text
    assert "It is not confirmed yet, so nothing has changed." in text
    assert f'href="{page}#confirm"' in text
    assert 'name="answer" value="yes"' not in text


async def test_yes_after_an_opt_out_lifts_it_as_the_page_says(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await opt_out(noticed.member.id, "ai_training", way=Way.LINK, by=SYSTEM, at=clock())
    assert "A yes also lifts that opt-out." in (await client.get(noticed.by_link())).text
    clock.move(minutes=1)
    page = await said_yes(client, noticed)
    assert "Your opt-out of Ai Training ends, in all our policies." in (await client.get(page)).text
    assert await version_for_old_data(noticed, clock) == (1, False)
    await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})
    assert await version_for_old_data(noticed, clock) == (2, True)


async def test_opting_out_before_confirming_is_the_last_word(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    page = await said_yes(client, noticed)
    clock.move(minutes=1)
    await client.post(f"{noticed.by_link()}/opt-outs", data={"purpose": "ai_training", "turn": "out"})
    await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})
    assert await version_for_old_data(noticed, clock) == (2, False)
    assert "You have opted out of Ai Training since then. That stands." in (await client.get(page)).text


async def test_taking_it_back_is_an_opt_out(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    await browser.post(f"{noticed.in_account}/consents", data=YES)
    clock.move(minutes=1)
    await browser.post(f"{noticed.in_account}/opt-outs", data={"purpose": "ai_training", "turn": "out"})
    assert await OptOut.all().count() == 1
    assert await version_for_old_data(noticed, clock) == (2, False)


async def test_allowing_it_again_by_link_waits_for_the_code_too(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await opt_out(noticed.member.id, "ai_training", way=Way.LINK, by=SYSTEM, at=clock())
    clock.move(minutes=1)
    answer = await client.post(f"{noticed.by_link()}/opt-outs", data=IN)
    assert (await Declaration.get()).kind is DeclarationKind.OPT_IN
    assert await OptOut.all().count() == 1
    page = answer.headers["location"]
    await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})
    assert await OptOut.all().count() == 2
    assert "You allow Ai Training again" in (await client.get(page)).text


async def test_opt_out_links_page_allows_nothing_again_that_needs_a_consent(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await opt_out(noticed.member.id, "ai_training", way=Way.LINK, by=SYSTEM, at=clock())
    token = noticed.app.state.keys.opt_out_link(noticed.member.id, 1)
    page = f"/opt-out/{token}?purpose=ai_training"
    text = (await client.get(page)).text
    assert "Undo" not in text
    assert "To allow it again, sign in or answer the question in our notice." in text
    await client.post(page, data=IN)
    assert await OptOut.all().count() == 1


async def test_repeated_yes_is_one(client: AsyncClient, noticed: Noticed) -> None:
    assert await said_yes(client, noticed) == await said_yes(client, noticed)
    assert await Declaration.all().count() == 1
    assert await OutgoingMail.filter(kind=MailKind.CONFIRM).count() == 1


async def test_repeated_confirmation_is_one(client: AsyncClient, noticed: Noticed) -> None:
    page = await said_yes(client, noticed)
    code = await code_of(noticed)
    for _ in range(2):
        assert (await client.post(f"{page}/confirmation", data={"code": code})).status_code == 303
    assert await Consent.all().count() == 1


async def test_yes_is_the_readers_alone_and_so_is_its_page(
    client: AsyncClient, as_member: SignIn, noticed: Noticed
) -> None:
    page = await said_yes(client, noticed)
    number = page.rpartition("/")[2]
    other = await as_member("m2")
    for browser, base in ((client, noticed.by_link(noticed.other)), (other, noticed.in_account)):
        assert (await browser.get(f"{base}/answers/{number}")).status_code == 404
        for path in ("confirmation", "code", "removal"):
            answer = await browser.post(f"{base}/answers/{number}/{path}", data={"code": await code_of(noticed)})
            assert answer.status_code == 404
    declared = await Declaration.get()
    assert (declared.member_id, declared.decided_at) == (noticed.member.id, None)


@pytest.mark.parametrize("form", [{"purpose": "ai_training"}, {"purpose": "ai_training", "answer": "maybe"}])
async def test_form_without_an_answer_is_shown_again(
    client: AsyncClient, noticed: Noticed, form: dict[str, str]
) -> None:
    answer = await client.post(f"{noticed.by_link()}/consents", data=form)
    assert answer.status_code == 422
    assert '<a href="#answer-ai_training">Choose yes or no.</a>' in answer.text
    assert 'id="answer-ai_training"' in answer.text
    assert await Declaration.all().count() == 0


@pytest.mark.parametrize("form", [{}, {**YES, "purpose": "marketing"}, {**YES, "purpose": "nosuch"}])
async def test_form_that_answers_no_question_is_shown_again(
    client: AsyncClient, noticed: Noticed, form: dict[str, str]
) -> None:
    answer = await client.post(f"{noticed.by_link()}/consents", data=form)
    assert answer.status_code == 422
    assert "Choose one of the questions below." in answer.text
    assert await Declaration.all().count() == 0


async def test_member_without_an_address_is_told_what_happens(client: AsyncClient, noticed: Noticed) -> None:
    await erase_address(noticed)
    assert "We have no mail address of yours" in (await client.get(noticed.by_link())).text
    page = await said_yes(client, noticed)
    text = (await client.get(page)).text
    assert "Our staff will get in touch with you; your answer keeps its time." in text
    assert 'name="code"' not in text
    assert (await client.post(f"{page}/code")).status_code == 409
    assert await OutgoingMail.filter(kind=MailKind.CONFIRM).count() == 0


async def test_closed_account_consents_to_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    page = await said_yes(client, noticed)
    code = await code_of(noticed)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert (await client.post(f"{noticed.by_link()}/consents", data=YES)).status_code == 404
    assert (await browser.post(f"{noticed.in_account}/consents", data=YES)).status_code == 410
    assert (await client.post(f"{page}/confirmation", data={"code": code})).status_code == 404
    assert await Consent.all().count() == 0

"""Ops sees what the portal made of a reply, and enters what it could not tell."""

from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import AsyncClient

from portal.actions.returned import take_in
from portal.mail.returned import Envelope, read
from portal.store.answers import Objection, Way
from portal.store.declarations import Declaration
from portal.store.returned import ReturnedMail
from portal.store.staff import Role
from tests.support.came_back import OURS
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, REASON
from tests.support.noticed import TEXT_2, Noticed, publish_next
from tests.support.replies import Answered, gmail
from tests.support.replying import replied_to
from tests.web.conftest import SignIn

NEWS = ("once a week", "once a day")


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


@pytest.fixture
async def mail(noticed: Noticed) -> Answered:
    return await replied_to(noticed.member.id, noticed.version.id)


async def comes(clock: Clock, words: str, mail: Answered) -> ReturnedMail:
    raw = gmail(words, mail)
    came = read(raw, Envelope("maria@example.org", ("privacy@example.com",)), OURS)
    return (await take_in(came, at=clock())).returned


async def page_of(ops: AsyncClient, row: ReturnedMail) -> str:
    answer = await ops.get(f"/staff/inbox/{row.id}")
    assert answer.status_code == 200
    return answer.text


async def test_a_letter_that_became_an_objection_names_it_and_waits_for_nobody(
    ops: AsyncClient, mail: Answered, clock: Clock
) -> None:
    row = await comes(clock, "I object.", mail)
    objection = await Objection.get()
    page = await page_of(ops, row)
    assert f"Objection {objection.number}, which closes the account once confirmed" in page
    assert f'href="/staff/objections/{objection.id}"' in page
    assert "Received by the portal as an objection" in page
    assert "What to do" not in page
    assert "Waits" not in (await ops.get("/staff/inbox?show=letters")).text


async def test_one_that_freezes_leads_to_the_answer_that_waits(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    version, _ = await publish_next(noticed, TEXT_2.replace(*NEWS), clock())
    row = await comes(clock, "Ich widerspreche.", await replied_to(noticed.member.id, version.id))
    declared = await Declaration.get()
    page = await page_of(ops, row)
    assert f"Objection {declared.number}, in force once confirmed" in page
    assert f'href="/staff/declarations/{declared.id}"' in page
    answer = (await ops.get(f"/staff/declarations/{declared.id}")).text
    assert "Objects to all changes, by a reply" in answer
    confirmation = (await ops.get(f"/staff/declarations/{declared.id}/confirmation")).text
    assert "The objection is in force, to all changes that can be objected to." in confirmation
    data = BY_LETTER | {"way": "call", "step": "enter", "reason": REASON}
    assert (await ops.post(f"/staff/declarations/{declared.id}/confirmation", data=data)).status_code == 303
    objection = await Objection.get()
    assert (objection.way, objection.received_at) == (Way.REPLY, clock())


async def test_what_is_unclear_is_suggested_and_entered_with_its_arrival(
    ops: AsyncClient, noticed: Noticed, mail: Answered, clock: Clock
) -> None:
    row = await comes(clock, "I object because you sell my data.", mail)
    page = await page_of(ops, row)
    assert "It speaks of objecting, but the portal cannot tell what is meant" in page
    assert "Enter the objection for the member" in page
    link = page.split("Enter the objection for the member")[0].rpartition('href="')[2].partition('"')[0]
    link = link.replace("&amp;", "&")
    asked = parse_qs(urlsplit(link).query)
    assert (asked["way"], asked["day"], asked["version"]) == (["reply"], ["2026-03-02"], [str(noticed.version.id)])
    form = (await ops.get(link)).text
    assert 'value="2026-03-02"' in form
    given = {name: values[0] for name, values in asked.items() if name != "version"}
    given |= {"asked_by": "member", "step": "enter"}
    entered = await ops.post(f"{urlsplit(link).path}?version={noticed.version.id}", data=given)
    assert entered.status_code == 303, entered.text
    objection = await Objection.get()
    assert (objection.way, objection.received_at, objection.staff_id is not None) == (Way.REPLY, clock(), True)


async def test_a_letter_without_a_word_of_objecting_suggests_nothing(
    ops: AsyncClient, mail: Answered, clock: Clock
) -> None:
    page = await page_of(ops, await comes(clock, "Where is my invoice?", mail))
    assert "speaks of objecting" not in page
    assert "Enter the objection for the member" not in page


async def test_one_that_names_no_notice_says_so(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    page = await page_of(ops, await comes(clock, "I object.", Answered(to="maria@example.org")))
    assert "It objects, but names no notice of ours" in page
    assert await Objection.all().count() == 0


async def test_what_the_rules_refuse_waits_with_the_reason(ops: AsyncClient, mail: Answered, clock: Clock) -> None:
    await comes(clock, "I object.", mail)
    first = await page_of(ops, await comes(clock, "I object to the changes.", mail))
    assert "An objection to this version was in force already. The member was told so by mail." in first
    assert "Done with this mail" in first
    second = await page_of(ops, await comes(clock, "I disagree.", mail))
    assert "told after an earlier reply, and is not told again" in second


async def test_what_it_said_can_be_erased_and_what_became_of_it_stays(
    ops: AsyncClient, mail: Answered, clock: Clock
) -> None:
    row = await comes(clock, "I object.", mail)
    data = {"reason": "They asked.", "confirmed": "1"}
    assert (await ops.post(f"/staff/inbox/{row.id}/erasure", data=data)).status_code == 303
    page = await page_of(ops, row)
    assert "What it said was erased." in page
    assert f"Objection {(await Objection.get()).number}" in page

"""Ops reads what came in by mail, is done with it, and finds what came back."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.inbox import mark_handled
from portal.actions.returned import take_in
from portal.mail.returned import Envelope, read
from portal.store.answers import Objection, Way
from portal.store.events import Event
from portal.store.notices import Bounce, Notice, Sending
from portal.store.returned import ReturnedContent, ReturnedMail
from portal.store.staff import Role
from tests.support.came_back import ARF, HOLIDAY, OBJECTION, OURS, crlf, dsn, plain
from tests.support.clock import START, Clock
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def came_in(raw: bytes) -> ReturnedMail:
    return (await take_in(read(raw, Envelope(), OURS), at=START)).returned


def unknown(status: str = "5.1.1") -> bytes:
    return dsn(status=status, headers="Subject: Hello\n", to="bounces@example.com")


async def shown(ops: AsyncClient, address: str) -> str:
    answer = await ops.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def notice_of(noticed: Noticed) -> Notice:
    return await Notice.get(member_id=noticed.member.id, version_id=noticed.version.id)


async def test_what_waits_is_counted_and_stands_first(ops: AsyncClient, noticed: Noticed) -> None:
    assert "Nothing here" in await shown(ops, "/staff/inbox")
    done, letter = await came_in(plain("Done.\n", sender="a@example.net", subject="Answered")), await came_in(OBJECTION)
    await mark_handled(done.id, "Answered.", by=SYSTEM, at=START)
    await came_in(ARF)
    await came_in(unknown())
    page = await shown(ops, "/staff/inbox?show=letters")
    assert page.index("Re: Our privacy policy changes") < page.index("Answered")
    assert f'href="/staff/inbox/{letter.id}"' in page
    assert '>Inbox <span class="stage-note">3<' in page
    assert "Re: Our privacy" not in await shown(ops, "/staff/inbox?show=complaints")
    assert "FW: Our privacy policy changes" in await shown(ops, "/staff/inbox?show=complaints")
    bounces = await shown(ops, "/staff/inbox?show=bounces")
    for words in ("Bounce of unknown mail", "5.1.1 550 5.1.1", "the address", "Waits"):
        assert words in bounces, words
    assert "3 mails wait in the inbox" in await shown(ops, "/staff")


async def test_automatic_replies_wait_for_nobody(ops: AsyncClient, noticed: Noticed) -> None:
    await came_in(HOLIDAY)
    page = await shown(ops, "/staff/inbox")
    assert "Out of office" not in page
    assert "stage-note" not in page
    ignored = await shown(ops, "/staff/inbox?show=ignored")
    assert "Out of office" in ignored
    assert "Waits" not in ignored


async def test_a_long_inbox_has_pages(ops: AsyncClient, noticed: Noticed) -> None:
    for number in range(51):
        await came_in(plain("Hello.\n", sender="a@example.net", subject=f"Letter {number:02}."))
    first, second = [await shown(ops, f"/staff/inbox?show=letters&page={number}") for number in (1, 2)]
    assert "Letter 00." in first
    assert "Letter 50." not in first
    assert "Letter 50." in second
    assert "Letter 49." not in second
    assert "Page 2 of 2" in second


async def test_a_letter_is_shown_as_plain_words_and_can_be_downloaded(ops: AsyncClient, noticed: Noticed) -> None:
    raw = crlf(
        "From: =?utf-8?q?M=C3=A1ria?= <maria@example.org>\nSubject: <script>alert(1)</script>\nMIME-Version: 1.0\n"
        "Content-Type: text/html; charset=utf-8\n\n<p>I <b>object</b>.</p><img src=x onerror=alert(2)>&lt;i&gt;\n"
    )
    row = await came_in(raw)
    page = await shown(ops, f"/staff/inbox/{row.id}")
    assert "I object." in page
    assert "&lt;i&gt;" in page
    assert "&lt;script&gt;alert(1)" in page
    for markup in ("<script>alert", "onerror=", "<b>object"):
        assert markup not in page
    assert "Mária &lt;maria@example.org&gt;" in page
    answer = await ops.get(f"/staff/inbox/{row.id}.eml")
    assert answer.content == raw
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="inbox-{row.id}.eml"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0\xff\r\n\r\n\0", b"Subject: \xff\xfe\r\n\r\n" + bytes(range(256)), b"X: y\r\n" * 5000],
    ids=["nothing", "NULs", "every byte", "headers only"],
)
async def test_strange_mail_has_a_page(ops: AsyncClient, noticed: Noticed, raw: bytes) -> None:
    row = await came_in(raw)
    assert "Letter" in await shown(ops, f"/staff/inbox/{row.id}")


async def test_a_mail_that_was_cut_says_so(ops: AsyncClient, noticed: Noticed) -> None:
    row = await came_in(plain("Long.\n" * 200_000, sender="a@example.net", subject="Long"))
    page = await shown(ops, f"/staff/inbox/{row.id}")
    assert "1400 kB, of which only the first 1000 kB are kept" in page
    assert "The text goes on" in page


async def test_a_mail_is_done_with_once_and_with_a_note(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    row = await came_in(OBJECTION)
    here = f"/staff/inbox/{row.id}"
    assert "What was done" in await shown(ops, f"{here}/handling")
    refused = await ops.post(f"{here}/handling", data={"note": " "})
    assert refused.status_code == 422
    assert "Say in a few words what was done." in refused.text
    long = await ops.post(f"{here}/handling", data={"note": "x" * 2001})
    assert "Use at most 2,000 characters." in long.text
    answer = await ops.post(f"{here}/handling", data={"note": "Objection entered."})
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    page = await shown(ops, here)
    for words in ("Done with, by Ops, 2 March 2026", "Objection entered."):
        assert words in page, words
    assert f"{here}/handling" not in page
    again = await ops.post(f"{here}/handling", data={"note": "Again."})
    assert again.status_code == 422
    assert "Somebody is done with this mail already." in again.text
    assert (await ReturnedContent.get(returned_id=row.id)).note == "Objection entered."
    assert await Event.filter(action="mail.handled").count() == 1


async def test_a_reply_leads_to_the_form_for_an_objection_with_its_arrival_filled_in(
    ops: AsyncClient, noticed: Noticed
) -> None:
    row = await came_in(OBJECTION)
    page = await shown(ops, f"/staff/inbox/{row.id}")
    link = (
        f"/staff/members/{noticed.member.id}/objections?version={noticed.version.id}"
        f"&way=reply&day=2026-03-02&time=10:00:00&note=Inbox+{row.id}"
    )
    assert link.replace("&", "&amp;") in page
    form = await shown(ops, link)
    for field in ('value="2026-03-02"', 'value="10:00:00"', f'value="Inbox {row.id}"', 'value="reply" checked'):
        assert field in form, field
    typed = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items() if name != "version"}
    action = f"/staff/members/{noticed.member.id}/objections?version={noticed.version.id}"
    assert (await ops.post(action, data=typed | {"asked_by": "member", "step": "enter"})).status_code == 303
    objection = await Objection.get(member_id=noticed.member.id)
    assert (objection.received_at, objection.way) == (START, Way.REPLY)


async def test_a_strangers_letter_leads_to_nobody(ops: AsyncClient, noticed: Noticed) -> None:
    row = await came_in(plain("Hello.\n", sender="stranger@example.net", subject="Hello"))
    page = await shown(ops, f"/staff/inbox/{row.id}")
    assert "Enter an objection" not in page
    assert "/staff/members/" not in page


async def test_a_bounce_of_unknown_mail_is_given_to_its_sending(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    row = await came_in(unknown())
    clock.move(hours=1)
    here = f"/staff/inbox/{row.id}"
    assert "Record it as a bounce of a notice" in await shown(ops, here)
    assert "No sending that could have come back" in await shown(ops, f"{here}/bounce?q=nobody")
    by_address = await shown(ops, f"{here}/bounce")
    assert "Member m1: Privacy policy, version 2, sending 1" in by_address
    assert "Member m2" not in by_address
    assert "Member m2" in await shown(ops, f"{here}/bounce?q=m2")
    assert not await Bounce.exists()
    for sending in ("", "x", "999999", "9" * 30):
        refused = await ops.post(f"{here}/bounce", data={"sending": sending, "q": "m1"})
        assert refused.status_code == 422
        assert "Choose the sending that came back." in refused.text
    sent = await Sending.get(member_id=noticed.member.id)
    answer = await ops.post(f"{here}/bounce", data={"sending": str(sent.id), "note": "By its date."})
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    bounce = await Bounce.get(member_id=noticed.member.id)
    assert (bounce.sending_id, bounce.received_at) == (sent.id, START)
    notice = await notice_of(noticed)
    assert notice.closes_at is None
    assert notice.effective_at is not None
    page = await shown(ops, here)
    for words in ("Sending 1 of the notice of Privacy policy, version 2, to member m1", "By its date.", "by hand"):
        assert words in page, words
    assert "m1" in await shown(ops, f"/staff/notices/{noticed.version.id}?state=not_reached")
    assert f'<a href="{here}">Bounce of unknown mail</a>' in await shown(ops, f"/staff/members/{noticed.member.id}")
    assert f"{here}" not in await shown(ops, f"/staff/members/{noticed.other.id}")
    again = await ops.post(f"{here}/bounce", data={"sending": str(sent.id)})
    assert "Somebody is done with this mail already." in again.text
    assert await Bounce.all().count() == 1


async def test_a_sending_that_came_back_is_not_offered_again(ops: AsyncClient, noticed: Noticed) -> None:
    first, second = await came_in(unknown()), await came_in(unknown("5.0.0"))
    sent = await Sending.get(member_id=noticed.member.id)
    await ops.post(f"/staff/inbox/{first.id}/bounce", data={"sending": str(sent.id)})
    assert "No sending that could have come back" in await shown(ops, f"/staff/inbox/{second.id}/bounce")
    answer = await ops.post(f"/staff/inbox/{second.id}/bounce", data={"sending": str(sent.id), "q": "m2"})
    assert answer.status_code == 422
    assert "This sending cannot come back" in answer.text


async def test_only_ops_reads_the_inbox(as_staff: SignIn, client: AsyncClient, noticed: Noticed) -> None:
    row = await came_in(OBJECTION)
    here = f"/staff/inbox/{row.id}"
    addresses = ("/staff/inbox", here, f"{here}.eml", f"{here}/handling", f"{here}/bounce")
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert [(await other.get(address)).status_code for address in addresses] == [403] * 5
    assert [(await client.get(address)).status_code for address in addresses] == [303] * 5
    for noun in ("handling", "bounce"):
        assert (await other.post(f"{here}/{noun}", data={"note": "x", "sending": "1"})).status_code == 403
    assert (await ReturnedMail.get(id=row.id)).handled_at is None
    assert "/staff/inbox" not in (await other.get("/staff")).text


async def test_a_mail_that_is_not_there_is_not_found(ops: AsyncClient, noticed: Noticed) -> None:
    for address in ("/staff/inbox/99", "/staff/inbox/99.eml", "/staff/inbox/99/handling", "/staff/inbox/99/bounce"):
        assert (await ops.get(address)).status_code == 404
    assert (await ops.post("/staff/inbox/99/handling", data={"note": "x"})).status_code == 404


async def test_a_letter_counts_from_the_day_of_the_zone_it_is_read_in(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    late = START.replace(hour=23, minute=30)
    clock.now = late + timedelta(hours=1)
    row = (await take_in(read(OBJECTION, Envelope(), OURS), at=late)).returned
    assert "day=2026-03-03&amp;time=00:30:00" in await shown(await as_staff(Role.OPS), f"/staff/inbox/{row.id}")

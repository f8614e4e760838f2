"""Somebody tries the demo and reads the mails that it caught."""

from pathlib import Path

from httpx2 import ASGITransport, AsyncClient

from portal.app import create_app, life
from portal.mail.compose import Letter, Recipient, Sender, compose
from portal.settings import Settings
from tests.support.clock import Clock

SENDER = Sender("Ternwick", "Ternwick", "privacy@ternwick.example", "b@ternwick.example", "http://127.0.0.1:8000")


def put(folder: Path, number: int, to: str, clock: Clock) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    letter = Letter("sign_in", {"link": "http://127.0.0.1:8000/sign-in/abc", "minutes": 5})
    wire = compose(letter, SENDER, Recipient(to, "<b>Maria</b> Müller"), f"<{number}@x>", clock())
    (folder / f"{number}.eml").write_bytes(b"Return-Path: <b@x>\r\nDelivered-To: " + to.encode() + b"\r\n" + wire)


async def test_mails_are_listed_newest_first_found_and_shown_in_both_parts(settings: Settings, clock: Clock) -> None:
    settings = settings.model_copy(update={"mailbox": True})
    app = create_app(settings, clock)
    for number, to in enumerate(("maria@example.org", "noah@example.net"), start=1):
        put(settings.mail_folder, number, to, clock)
    async with life(app), AsyncClient(transport=ASGITransport(app), base_url=settings.base_url) as browser:
        listed = (await browser.get("/mailbox")).text
        assert listed.index("/mailbox/2") < listed.index("/mailbox/1")
        assert "<b>Maria" not in listed
        found = (await browser.get("/mailbox?q=MARIA@")).text
        assert "/mailbox/1" in found
        assert "/mailbox/2" not in found
        assert "No such mail" in (await browser.get("/mailbox?q=nobody")).text
        shown = await browser.get("/mailbox/1")
        assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
        assert 'sandbox="allow-popups' in shown.text
        assert "YOUR SIGN-IN LINK" in shown.text
        framed = await browser.get("/mailbox/1/html")
        assert "sandbox" in framed.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
        assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert '<base target="_blank">' in framed.text
        assert (await browser.get("/mailbox/1.eml")).headers["Content-Type"] == "message/rfc822"
        assert (await browser.get("/mailbox/3")).status_code == 404


async def test_there_is_no_mailbox_where_mail_is_really_sent(settings: Settings, clock: Clock) -> None:
    put(settings.mail_folder, 1, "maria@example.org", clock)
    app = create_app(settings, clock)
    async with life(app), AsyncClient(transport=ASGITransport(app), base_url=settings.base_url) as browser:
        for path in ("/mailbox", "/mailbox/1", "/mailbox/1/html", "/mailbox/1.eml"):
            assert (await browser.get(path)).status_code == 404

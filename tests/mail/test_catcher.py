"""The demo's catcher takes mail over SMTP and keeps each in a file."""

import os
from pathlib import Path

from portal.mail.catcher import catching, caught
from portal.mail.outcome import Verdict
from portal.mail.smtp import Relay, RelaySettings

MESSAGE = b"Subject: Hello\r\n\r\n.\r\nA dot.\r\n"


async def test_each_mail_becomes_a_file_with_its_envelope_on_top(tmp_path: Path) -> None:
    async with catching(tmp_path) as catcher:
        relay = Relay(RelaySettings("127.0.0.1", catcher.port))
        for name in ("a", "b"):
            assert (await relay.send(MESSAGE, "me+1@x.example", f"{name}@example.org")).verdict is Verdict.ACCEPTED
        await relay.quit()
    assert [number for number, _ in caught(tmp_path)] == [2, 1]
    top = b"Return-Path: <me+1@x.example>\r\nDelivered-To: a@example.org\r\n"
    assert (tmp_path / "1.eml").read_bytes() == top + MESSAGE
    assert sorted(os.listdir(tmp_path)) == ["1.eml", "2.eml"]  # noqa: PTH208


async def test_named_recipients_get_the_answer_they_are_given(tmp_path: Path) -> None:
    async with catching(tmp_path, replies={"refused": "550 5.1.1 No such user"}) as catcher:
        relay = Relay(RelaySettings("127.0.0.1", catcher.port))
        assert (await relay.send(MESSAGE, "me@x.example", "refused.7@example.org")).verdict is Verdict.REFUSED
        assert (await relay.send(MESSAGE, "me@x.example", "a@example.org")).verdict is Verdict.ACCEPTED
        await relay.quit()
    assert len(caught(tmp_path)) == 1


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        async with catching(tmp_path) as catcher:
            relay = Relay(RelaySettings("127.0.0.1", catcher.port))
            await relay.send(MESSAGE, "me@x.example", "a@example.org")
            await relay.quit()
        assert len(caught(tmp_path)) == number

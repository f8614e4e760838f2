"""Names and titles that would be headers, commands or the end of a message, through campaigns and single mails."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import pytest

from portal.actions.actor import SYSTEM, Actor
from portal.actions.objection import file_objection
from portal.actions.purposes import define_purpose
from portal.actions.session import request_sign_in
from portal.store.answers import Way
from portal.store.members import Member
from portal.store.notices import NoticeState, Sending
from portal.store.policies import Change, Version
from tests.jobs.conftest import Mailing, states
from tests.support.campaign import Reader, owed_to_readers
from tests.support.relay import Received

EVIL = {
    "CRLF": "Eve\r\nBcc: spy@evil.example\r\n\r\nBody",
    "LF": "Eve\nBcc: spy@evil.example",
    "CR": "Eve\rBcc: spy@evil.example",
    "NUL": "Eve\x00Bcc: spy@evil.example",
    "other controls": "Eve\x0b\x0c\x1c\x1d\x1e\x85\x7f\x1bBcc: spy@evil.example",
    "line separator": "Eve\u2028Bcc: spy@evil.example",
    "paragraph separator": "Eve\u2029Bcc: spy@evil.example",
    "bidi": "Eve\u202e\u2066\u200f gpj.exe\u2069\u061c",
    "end of the message": "Eve\r\n.\r\nMAIL FROM:<spy@evil.example>\r\n",
    "smuggled end": "Eve\n.\nQUIT\r.\r",
    "dots": ".\n..\n...Eve",
    "encoded word": "=?utf-8?b?RXZlDQpCY2M6IHNweUBldmlsLmV4YW1wbGU=?=",
    "another mailbox": 'Eve" <spy@evil.example>, "Eve',
    "a comment": "Eve (spy) <spy@evil.example>; group: a, b;",
    "a backslash": 'Eve\\" \\\r\n',
    "long": "Eve " * 50,
    "long and without a blank": "é" * 200,
    "emoji": "👩‍👩‍👧 Eve ٥ 家族",
    "MIME": "Eve\r\n--=_alternative\r\nContent-Type: text/html\r\n\r\n<script>",
    "template": "{{ 7*7 }}{% raw %}<u>&amp;",
}
TITLES = (
    "CRLF",
    "NUL",
    "line separator",
    "bidi",
    "end of the message",
    "encoded word",
    "another mailbox",
    "long",
    "MIME",
)
VERBS = {"EHLO", "MAIL", "RCPT", "DATA", "RSET", "QUIT"}
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
FIELDS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "Reply-To", "List-Id",
    "Feedback-ID", "X-Notice-Id", "MIME-Version", "Content-Type",
]  # fmt: skip


def unseen(text: str) -> list[str]:
    """Signs that end lines, or show other words than they are; joiners are letters of some scripts."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c not in "\u200c\u200d"]


def is_sound(one: Received, sender: str, fields: Sequence[str] = FIELDS) -> None:
    """One message to one recipient, of two texts, with the usual headers and no others."""
    assert not BARE.search(one.content)
    lines = one.content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(line.isascii() for line in lines)
    head = lines[: lines.index(b"")]
    assert all(re.match(rb"[A-Za-z-]+: |[ \t]+\S", line) for line in head)
    message = one.message
    assert list(message.keys()) == list(fields)
    assert [to.addr_spec for to in message["To"].addresses] == [one.recipient]
    assert [whom.addr_spec for whom in message["From"].addresses] == [sender]
    assert not any(unseen(str(value)) for value in message.values())
    assert "=?" not in str(message["Subject"]) + str(message["To"]) + str(message["From"])
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [found.defects for found in (message, *parts)] == [[], [], []]
    html = parts[1].get_content()
    assert "<script>" not in html
    assert "<u>" not in html


def nothing_was_smuggled(mailing: Mailing) -> None:
    assert {line.split()[0] for line in mailing.relay.commands} <= VERBS
    assert not any("evil" in line for line in mailing.relay.commands)


async def test_no_name_becomes_a_header_a_command_or_the_end_of_its_message(mailing: Mailing) -> None:
    readers = [Reader(f"m{i}@example.org", mailing.storable(name)) for i, name in enumerate(EVIL.values())]
    await owed_to_readers(readers)
    assert await mailing.send() == ""
    assert await states() == [NoticeState.ACCEPTED] * len(readers)
    assert sorted(one.recipient for one in mailing.relay.received) == sorted(reader.address for reader in readers)
    digests = {sending.message_id: sending.digest for sending in await Sending.all()}
    for one in mailing.relay.received:
        is_sound(one, mailing.settings.mail_from)
        assert not any(line.startswith(b".") for line in one.content.split(b"\r\n"))
        assert not any(unseen(part.get_content().replace("\r\n", "")) for part in one.message.iter_parts())
        assert sha256(one.content).hexdigest() == digests[one.message["Message-ID"]]
    nothing_was_smuggled(mailing)


@pytest.mark.parametrize("kind", TITLES)
async def test_neither_does_the_title_of_a_policy_or_of_a_purpose_or_the_companys_name(
    mailing: Mailing, kind: str
) -> None:
    evil = mailing.storable(EVIL[kind])
    await owed_to_readers([Reader("m0@example.org", "Maria"), Reader("m1@example.org", evil)], title=evil)
    for key in ("marketing", "service"):
        await define_purpose(key, evil, by=SYSTEM, at=mailing.clock())
    mailing.change(company=evil, mail_from_name=evil)
    assert await mailing.send() == ""
    assert await states() == [NoticeState.ACCEPTED] * 2
    await object_to_everything(mailing.clock.move(hours=1))
    await request_sign_in("m1", mailing.clock())
    assert await mailing.send() == ""
    assert len(mailing.relay.received) == 5  # two notices, and to the second: a receipt, a code and a sign-in link
    for one in mailing.relay.received:
        is_sound(one, mailing.settings.mail_from, [field for field in FIELDS if field in one.message])
    nothing_was_smuggled(mailing)


async def object_to_everything(at: datetime) -> None:
    member, version = await Member.get(external_id="m1"), await Version.get(number=2)
    changes = await Change.filter(version_id=version.id)
    concerned = [change.key for change in changes if change.record["section"][-1] in ("News", "Service")]
    await file_objection(member.id, version.id, concerned, way=Way.LINK, by=Actor("member", member.id), at=at)

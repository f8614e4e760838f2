"""Addresses of every kind through a whole campaign: each is mailed as it is, or refused before a relay hears of it."""

import re
from hashlib import sha256
from itertools import zip_longest

import pytest

from portal.store.notices import Notice, NoticeState, Refusal, Sending
from tests.jobs.conftest import Mailing
from tests.support.campaign import Reader, owed_to_readers

SENT = {
    "maria@example.org": "maria@example.org",
    "maria@bücher.example": "maria@xn--bcher-kva.example",
    "maria@例え.テスト": "maria@xn--r8jz45g.xn--zckzah",
    f"{'x' * 64}@example.org": f"{'x' * 64}@example.org",
    f"{'x' * 65}@example.org": f"{'x' * 65}@example.org",  # longer than RFC 5321 grants; the relay decides
    f"{'x' * 64}@bücher.example": f"{'x' * 64}@xn--bcher-kva.example",
    '"a b"@example.org': '"a b"@example.org',
    '"a\\"b"@example.org': '"a\\"b"@example.org',
    '"a\\\\b"@example.org': '"a\\\\b"@example.org',
    '"a@b"@example.org': '"a@b"@example.org',
    '"a>b"@example.org': '"a>b"@example.org',
    '"a, b; c"@example.org': '"a, b; c"@example.org',
    '".a..b."@example.org': '".a..b."@example.org',
    '"quoted"@example.org': "quoted@example.org",
    "-oQ/tmp@example.org": "-oQ/tmp@example.org",
    "--help@example.org": "--help@example.org",
    "|reboot@example.org": "|reboot@example.org",
    "o'neil+news=1@example.org": "o'neil+news=1@example.org",
    "!#$%&'*+-/=?^_`{|}~@example.org": "!#$%&'*+-/=?^_`{|}~@example.org",
    "maria@mail.corp.local": "maria@mail.corp.local",
    "MARIA@EXAMPLE.ORG": "MARIA@example.org",
}
REFUSED = {
    "märia@example.org": "5.6.7",
    "用户@example.org": "5.6.7",
    '"ä b"@example.org': "5.6.7",
    f"maria@{'x' * 64}.example": "5.1.3",
    f"maria@{'x.' * 130}example": "5.1.3",
    ".maria@example.org": "5.1.3",
    "ma..ria@example.org": "5.1.3",
    "a b@example.org": "5.1.3",
    "maria@exam ple.org": "5.1.3",
    "maria@-example-.org": "5.1.3",
    "maria": "5.1.3",
    "@example.org": "5.1.3",
    "maria@": "5.1.3",
    "maria@[127.0.0.1]": "5.1.3",
    "maria@example.org\r\nRCPT TO:<spy@evil.example>": "5.1.3",
    "maria@example.org>\r\nDATA\r\n": "5.1.3",
    "maria@example.org> ORCPT=rfc822;spy@evil.example": "5.1.3",
    '"a\r\nb"@example.org': "5.1.3",
    '"a\nBcc: spy@evil.example\n"@example.org': "5.1.3",
    "ma\x00ria@example.org": "5.1.3",
    "ma\u2028ria@example.org": "5.1.3",
    "ma\u202eria@example.org": "5.1.3",
    "<maria@example.org>": "5.1.3",
    "Maria <maria@example.org>": "5.1.3",
    "maria@example.org, noah@example.org": "5.1.3",
}


@pytest.mark.parametrize("extensions", [("PIPELINING", "SMTPUTF8", "8BITMIME"), ("PIPELINING",), ()])
async def test_each_address_is_mailed_as_it_is_or_refused_beforehand(
    mailing: Mailing, extensions: tuple[str, ...]
) -> None:
    kinds = [address for pair in zip_longest(SENT, REFUSED) for address in pair if address is not None]
    await owed_to_readers([Reader(mailing.storable(address), "Maria") for address in kinds])
    relay = mailing.relay
    relay.extensions = extensions
    assert await mailing.send() == ""
    refused = {refusal.notice_id: refusal.code for refusal in await Refusal.all()}
    notices = dict(zip(kinds, await Notice.all().order_by("member_id"), strict=True))
    assert {kind: refused.get(notice.id) for kind, notice in notices.items()} == dict.fromkeys(SENT) | REFUSED
    assert {notices[kind].state for kind in SENT} == {NoticeState.ACCEPTED}
    assert {notices[kind].state for kind in REFUSED} == {NoticeState.REFUSED}
    assert await Sending.all().count() == len(SENT)

    assert sorted(one.recipient for one in relay.received) == sorted(SENT.values())
    assert sorted(line for line in relay.commands if "RCPT" in line) == sorted(
        f"RCPT TO:<{to}>" for to in SENT.values()
    )
    assert not any("evil" in line for line in relay.commands)
    digests = {sending.message_id: sending.digest for sending in await Sending.all()}
    for one in relay.received:
        [header] = re.findall(r"^To: (.*(?:\r\n[ \t].*)*)\r\n", one.content.decode(), re.MULTILINE)
        assert header.replace("\r\n", "") == f"Maria <{one.recipient}>"
        assert sha256(one.content).hexdigest() == digests[one.message["Message-ID"]]

"""What a relay says without being asked, or not as replies are said, ends its connection and harms no other message."""

import pytest

from portal.mail.connecting import RelaySettings, connected
from portal.mail.delivery import Delivery, Parcel
from portal.mail.outcome import Verdict
from tests.support.relay import scripted_relay

FIRST, SECOND = (Parcel("a@example.com", f"m{i}@example.org", b"Subject: x\r\n\r\nx\r\n") for i in range(2))
ACCEPTED, NOT_SENT, UNKNOWN, DEFERRED = Verdict.ACCEPTED, Verdict.NOT_SENT, Verdict.UNKNOWN, Verdict.DEFERRED


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "plain"])
@pytest.mark.parametrize(
    "said",
    [
        "354 Go ahead\r\n250 2.0.0 OK already",
        "354 Go ahead\r\n250 OK\r\n250 OK\r\n250 OK\r\n354 Go ahead\r\n250 OK",
        "354 Go ahead\r\n421 4.4.2 you are too slow",
    ],
)
async def test_an_answer_before_the_text_is_none_to_it(extensions: tuple[str, ...], said: str) -> None:
    async with scripted_relay({("DATA", "m0@"): said}) as relay:
        relay.extensions = extensions
        wire = await connected(RelaySettings(host="127.0.0.1", port=relay.port))
        found = await Delivery(wire).exchange(None, FIRST)
    assert found.refused is not None
    assert found.refused.verdict is NOT_SENT
    assert wire.lost.startswith("an answer to nothing: ")


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("250 OK\r\n250 OK", ACCEPTED, DEFERRED),
        ("250 OK\r\n250 OK\r\n250 OK\r\n354 Go ahead", ACCEPTED, NOT_SENT),
        ("250-OK\r\n550 5.1.1 unknown", UNKNOWN, NOT_SENT),
        ("250-OK", ACCEPTED, DEFERRED),
        ("250-" + "\r\n250-".join(map(str, range(100))), UNKNOWN, NOT_SENT),
        ("250 " + "x" * 2**16, UNKNOWN, NOT_SENT),
    ],
    ids=["twice", "four at once", "two codes", "without an end", "too many lines", "too long a line"],
)
async def test_a_wrong_answer_to_one_message_is_no_acceptance_of_the_next(
    said: str, first: Verdict, second: Verdict
) -> None:
    async with scripted_relay({("DOT", "m0@"): said}) as relay:
        wire = await connected(RelaySettings(host="127.0.0.1", port=relay.port))
        await Delivery(wire).exchange(None, FIRST)
        found = await Delivery(wire, answer_seconds=2).exchange(FIRST, SECOND)
        assert found.ended is not None
        assert found.refused is not None
        assert (found.ended.verdict, found.refused.verdict) == (first, second)
        assert wire.lost
        assert await wire.replies(1, 1) == []
    assert relay.to(SECOND.recipient) == []

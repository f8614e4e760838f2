"""Messages one after the other over one connection: what ends one opens the next, and what may go wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from portal.mail import delivery as of_delivery
from portal.mail.connecting import RelaySettings, connected
from portal.mail.delivery import Delivery, Exchanged, Parcel
from portal.mail.outcome import Verdict
from tests.support.relay import HANG_UP, ScriptedRelay, scripted_relay

SENDER = "bounce+s1-abc@example.com"


def parcel(name: str, size: int = 100) -> Parcel:
    lines = b"A line of the message.\r\n" * (1 + size // 24)
    return Parcel(SENDER, f"{name}@example.org", b"Subject: Hello\r\n\r\n" + lines, eight_bits=not lines.isascii())


@asynccontextmanager
async def dialogue(relay: ScriptedRelay, answer_seconds: float = 600) -> AsyncIterator[Delivery]:
    wire = await connected(RelaySettings(host="127.0.0.1", port=relay.port))
    try:
        yield Delivery(wire, answer_seconds)
    finally:
        await wire.quit()


@pytest.mark.parametrize("extensions", [("PIPELINING", "8BITMIME"), ("8BITMIME",), ()])
async def test_the_same_messages_arrive_with_and_without_pipelining(extensions: tuple[str, ...]) -> None:
    async with scripted_relay() as relay:
        relay.extensions = extensions
        async with dialogue(relay) as mine:
            parcels = [parcel(f"m{i}") for i in range(4)]
            found = [await mine.exchange(None, parcels[0])]
            for ending, opening in zip(parcels, [*parcels[1:], None], strict=True):
                found.append(await mine.exchange(ending, opening))
    assert [one.recipient for one in relay.received] == [one.recipient for one in parcels]
    assert [one.content for one in relay.received] == [one.content for one in parcels]
    assert [one.ended and one.ended.verdict for one in found] == [None, *[Verdict.ACCEPTED] * 4]
    assert all(one.refused is None and not one.unusable for one in found)


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()])
@pytest.mark.parametrize(
    ("command", "reply", "verdict"),
    [
        ("MAIL", "451 4.3.0 not now", Verdict.DEFERRED),
        ("MAIL", "552 5.3.4 too large today", Verdict.FAILED),
        ("RCPT", "450 4.2.1 later", Verdict.DEFERRED),
        ("RCPT", "550 5.1.1 unknown", Verdict.REFUSED),
        ("RCPT", "550 unknown", Verdict.REFUSED),
        ("RCPT", "554 5.7.1 policy", Verdict.FAILED),
        ("DATA", "451 4.3.1 disk full", Verdict.DEFERRED),
        ("DATA", "554 5.5.0 no", Verdict.FAILED),
        ("DATA", "250 what?", Verdict.DEFERRED),
    ],
)
async def test_a_message_that_is_not_wanted_harms_neither_the_one_before_nor_the_one_after(
    extensions: tuple[str, ...], command: str, reply: str, verdict: Verdict
) -> None:
    async with scripted_relay({(command, "m1@"): reply} if command != "MAIL" else None) as relay:
        relay.extensions = extensions
        first, second, third = parcel("m0"), parcel("m1"), parcel("m2")
        async with dialogue(relay) as mine:
            await mine.exchange(None, first)
            if command == "MAIL":
                relay.script[("MAIL", "")] = [reply]
            found = await mine.exchange(first, second)
            assert found.ended is not None
            assert found.ended.verdict is Verdict.ACCEPTED
            assert found.refused is not None
            assert found.refused.verdict is verdict
            if not mine.wire.lost:  # else the next message takes another connection
                assert await mine.exchange(None, third) == Exchanged()
                last = await mine.exchange(third, None)
                assert last.ended is not None
                assert last.ended.verdict is Verdict.ACCEPTED
        lost = bool(command == "DATA" and reply.startswith("250"))
    wanted = [first.recipient] if lost else [first.recipient, third.recipient]
    assert [one.recipient for one in relay.received if one.content] == wanted


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()])
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_connection_that_ends_before_the_text_has_sent_nothing(
    extensions: tuple[str, ...], command: str
) -> None:
    async with scripted_relay() as relay:
        relay.extensions = extensions
        first, second = parcel("m0"), parcel("m1")
        async with dialogue(relay) as mine:
            await mine.exchange(None, first)
            relay.script[(command, "")] = [HANG_UP]
            found = await mine.exchange(first, second)
            assert mine.wire.lost
        assert found.refused is not None
        assert found.refused.verdict is Verdict.NOT_SENT
    # What a hang-up destroys on its way back is not known to have arrived: then it is unknown, never taken for lost.
    assert found.ended is not None
    assert found.ended.verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN)


@pytest.mark.parametrize("said", [HANG_UP, "what?", "250", "999 no", "25", "\x00\x01"])
async def test_after_the_dot_only_an_answer_counts(said: str) -> None:
    async with scripted_relay({("DOT", ""): said}) as relay, dialogue(relay) as mine:
        first = parcel("m0")
        await mine.exchange(None, first)
        found = await mine.exchange(first, None)
        assert found.ended is not None
        assert found.ended.verdict is (Verdict.ACCEPTED if said == "250" else Verdict.UNKNOWN)
        assert bool(mine.wire.lost) == (said != "250")


async def test_silence_after_the_dot_is_unknown_when_the_time_is_over() -> None:
    async with scripted_relay() as relay, dialogue(relay, answer_seconds=0.2) as mine:
        relay.hold = True
        first, second = parcel("m0"), parcel("m1")
        await mine.exchange(None, first)
        found = await mine.exchange(first, second)
        relay.answer.set()
        assert found.ended is not None
        assert found.refused is not None
        assert (found.ended.verdict, found.refused.verdict) == (Verdict.UNKNOWN, Verdict.NOT_SENT)
        assert mine.wire.lost == "no answer in time"


async def test_silence_before_the_text_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_delivery, "COMMAND_SECONDS", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        await reader.readline()
        writer.write(b"250-here\r\n250 PIPELINING\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    wire = await connected(RelaySettings(host="127.0.0.1", port=server.sockets[0].getsockname()[1]))
    found = await Delivery(wire).exchange(None, parcel("m0"))
    server.close()
    assert found.refused is not None
    assert (found.refused.verdict, found.refused.code) == (Verdict.NOT_SENT, "")


async def test_a_421_after_the_dot_ends_the_connection_and_the_message_waits() -> None:
    async with scripted_relay({("DOT", ""): "421 4.3.2 closing"}) as relay, dialogue(relay) as mine:
        first = parcel("m0")
        await mine.exchange(None, first)
        found = await mine.exchange(first, None)
        assert found.ended is not None
        assert found.ended.verdict is Verdict.DEFERRED
        assert mine.wire.lost


async def test_a_message_above_the_limit_is_not_begun_and_the_one_before_it_is_ended() -> None:
    async with scripted_relay() as relay:
        relay.extensions = ("PIPELINING", "SIZE 2000")
        async with dialogue(relay) as mine:
            first = parcel("m0")
            await mine.exchange(None, first)
            found = await mine.exchange(first, parcel("m1", 3000))
            assert found.ended is not None
            assert found.ended.verdict is Verdict.ACCEPTED
            assert "2000 bytes" in found.too_large
            assert not found.unusable
            assert not mine.wire.lost
    assert len(relay.received) == 1


@pytest.mark.parametrize("size", [40_000, 2_000_000])
async def test_a_long_message_arrives_whole(size: int) -> None:
    async with scripted_relay() as relay, dialogue(relay) as mine:
        long, short = parcel("m0", size), parcel("m1")
        await mine.exchange(None, long)
        found = await mine.exchange(long, short)
        await mine.exchange(short, None)
        assert found.ended is not None
        assert found.ended.verdict is Verdict.ACCEPTED
    assert [one.content for one in relay.received] == [long.content, short.content]


async def test_a_connection_lost_in_the_midst_of_a_long_message_has_not_sent_it() -> None:
    async with scripted_relay({("BODY", "m0@"): HANG_UP}) as relay, dialogue(relay) as mine:
        long = parcel("m0", 8_000_000)
        await mine.exchange(None, long)
        found = await mine.exchange(long, None)
        assert found.ended is not None
        assert found.ended.verdict is Verdict.NOT_SENT


async def test_a_relay_that_reports_is_told_the_envelope_id_and_to_return_headers_alone() -> None:
    async with scripted_relay() as relay:
        relay.extensions = ("PIPELINING", "DSN")
        async with dialogue(relay) as mine:
            first = Parcel(SENDER, "m0@example.org", b"Subject: x\r\n\r\nx\r\n", "s1-abc")
            await mine.exchange(None, first)
            await mine.exchange(first, None)
    assert f"MAIL FROM:<{SENDER}> RET=HDRS ENVID=s1-abc" in relay.commands

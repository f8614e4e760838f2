"""The dialogue with a relay over a real socket: what each answer means, and what a broken connection does."""

import asyncio
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.mail.outcome import Verdict
from portal.mail.smtp import Relay, RelaySettings, RelayUnusable
from tests.support.relay import HANG_UP, ScriptedRelay, scripted_relay

MESSAGE = b"From: a@example.com\r\nSubject: Hello\r\n\r\nOne\r\n.two\r\n..three\r\n"
SENDER, RECIPIENT = "bounce+s1-abc@example.com", "maria@example.org"

CERTIFICATE = Path(__file__).parents[1] / "support" / "localhost.pem"


@dataclass
class Sink:
    """Takes every message, and notes whether it came encrypted."""

    received: list[tuple[bytes, bool]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append((envelope.original_content or b"", session.ssl is not None))
        return "250 2.0.0 OK"


def connection(relay: ScriptedRelay, **more: object) -> Relay:
    return Relay(RelaySettings(host="127.0.0.1", port=relay.port, **more))  # type: ignore[arg-type]


async def test_an_accepted_message_arrives_byte_for_byte_with_its_envelope() -> None:
    async with scripted_relay() as relay:
        mine = connection(relay)
        outcome = await mine.send(MESSAGE, SENDER, RECIPIENT)
        await mine.quit()
    assert (outcome.verdict, outcome.code) == (Verdict.ACCEPTED, "2.0.0")
    assert relay.received[0].content == MESSAGE
    assert (relay.received[0].sender, relay.received[0].recipient) == (SENDER, RECIPIENT)
    assert relay.commands[-1] == "QUIT"


async def test_one_connection_carries_many_messages() -> None:
    async with scripted_relay() as relay:
        mine = connection(relay)
        for number in range(5):
            assert (await mine.send(MESSAGE, SENDER, f"m{number}@example.org")).verdict is Verdict.ACCEPTED
        await mine.quit()
    assert relay.connections == 1
    assert len(relay.received) == 5


@pytest.mark.parametrize(
    ("command", "reply", "verdict", "code"),
    [
        ("RCPT", "421 4.3.2 Closing down", Verdict.DEFERRED, "4.3.2"),
        ("RCPT", "450 4.2.1 Try later", Verdict.DEFERRED, "4.2.1"),
        ("RCPT", "451 Try later", Verdict.DEFERRED, "451"),
        ("RCPT", "550 5.1.1 No such user", Verdict.REFUSED, "5.1.1"),
        ("RCPT", "550 No such user", Verdict.REFUSED, "550"),
        ("RCPT", "553 What is this", Verdict.REFUSED, "553"),
        ("RCPT", "551 5.1.6 Has moved", Verdict.REFUSED, "5.1.6"),
        ("RCPT", "550 5.7.1 We do not like you", Verdict.FAILED, "5.7.1"),
        ("RCPT", "550 5.1.8 Sender's domain does not exist", Verdict.FAILED, "5.1.8"),
        ("RCPT", "552 5.2.2 Mailbox full", Verdict.FAILED, "5.2.2"),
        ("MAIL", "550 5.1.0 Not from there", Verdict.FAILED, "5.1.0"),
        ("MAIL", "451 4.7.1 Greylisted", Verdict.DEFERRED, "4.7.1"),
        ("DATA", "554 No valid recipients", Verdict.FAILED, "554"),
        ("DOT", "554 5.6.0 Looks like spam", Verdict.FAILED, "5.6.0"),
        ("DOT", "550 Looks like spam", Verdict.FAILED, "550"),
        ("DOT", "550 5.1.1 No such user after all", Verdict.REFUSED, "5.1.1"),
        ("DOT", "452 4.3.1 Disk full", Verdict.DEFERRED, "4.3.1"),
        ("DOT", "421 4.3.2 Closing down", Verdict.DEFERRED, "4.3.2"),
    ],
)
async def test_each_answer_is_classified(command: str, reply: str, verdict: Verdict, code: str) -> None:
    async with scripted_relay({(command, ""): [reply]}) as relay:
        mine = connection(relay)
        outcome = await mine.send(MESSAGE, SENDER, RECIPIENT)
        assert (outcome.verdict, outcome.code) == (verdict, code)
        assert (await mine.send(MESSAGE, SENDER, "noah@example.net")).verdict is Verdict.ACCEPTED
        await mine.quit()
    assert relay.to("noah@example.net")


async def test_the_members_address_is_cut_out_of_the_reply_that_is_kept() -> None:
    async with scripted_relay({("RCPT", ""): f"550 5.1.1 <{RECIPIENT.upper()}>: unknown\x07 user"}) as relay:
        outcome = await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert outcome.reply == "550 5.1.1 <the address>: unknown user"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_hang_up_before_the_message_means_not_sent(command: str) -> None:
    async with scripted_relay({(command, ""): HANG_UP}) as relay:
        outcome = await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert outcome.verdict is Verdict.NOT_SENT
    assert relay.received == []


async def test_a_hang_up_while_the_message_is_still_being_written_means_not_sent() -> None:
    large = MESSAGE + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 400_000
    async with scripted_relay({("BODY", ""): HANG_UP}) as relay:
        relay.extensions = ()
        outcome = await connection(relay).send(large, SENDER, RECIPIENT)
    assert outcome.verdict is Verdict.NOT_SENT


async def test_a_hang_up_after_the_final_dot_means_unknown() -> None:
    async with scripted_relay({("DOT", ""): HANG_UP}) as relay:
        outcome = await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert outcome.verdict is Verdict.UNKNOWN
    assert len(relay.received) == 1


async def test_no_answer_to_the_final_dot_means_unknown() -> None:
    async with scripted_relay() as relay:
        relay.hold = True
        outcome = await connection(relay, answer_seconds=0.2).send(MESSAGE, SENDER, RECIPIENT)
    assert outcome.verdict is Verdict.UNKNOWN


async def test_a_malformed_answer_to_the_final_dot_means_unknown_and_the_connection_is_not_used_again() -> None:
    async with scripted_relay({("DOT", ""): ["Well done!"]}) as relay:
        mine = connection(relay)
        assert (await mine.send(MESSAGE, SENDER, RECIPIENT)).verdict is Verdict.UNKNOWN
        assert (await mine.send(MESSAGE, SENDER, RECIPIENT)).verdict is Verdict.ACCEPTED
        await mine.quit()
    assert relay.connections == 2


async def test_a_cancelled_sending_poisons_the_connection_only() -> None:
    async with scripted_relay() as relay:
        relay.hold = True
        mine = connection(relay)
        sending = asyncio.create_task(mine.send(MESSAGE, SENDER, RECIPIENT))
        await relay.arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        relay.hold = False
        assert (await mine.send(MESSAGE, SENDER, "noah@example.net")).verdict is Verdict.ACCEPTED
        await mine.quit()
    assert relay.connections == 2


async def test_a_kept_connection_that_has_died_is_opened_again_without_charging_the_message() -> None:
    async with scripted_relay({("MAIL", ""): ["250 OK", HANG_UP]}) as relay:
        mine = connection(relay)
        await mine.send(MESSAGE, SENDER, RECIPIENT)
        assert (await mine.send(MESSAGE, SENDER, RECIPIENT)).verdict is Verdict.ACCEPTED
        await mine.quit()
    assert relay.connections == 2


async def test_nobody_at_the_port_is_no_fault_of_any_message() -> None:
    async with scripted_relay() as relay:
        port = relay.port
    with pytest.raises(RelayUnusable) as unusable:
        await Relay(RelaySettings(host="127.0.0.1", port=port)).send(MESSAGE, SENDER, RECIPIENT)
    assert not unusable.value.lasting


@pytest.mark.parametrize("reply", ["554 Go away", "421 Too busy"])
async def test_a_relay_that_refuses_the_connection_is_unusable(reply: str) -> None:
    async with scripted_relay({("CONNECT", ""): reply}) as relay:
        with pytest.raises(RelayUnusable, match=reply[:3]):
            await connection(relay).send(MESSAGE, SENDER, RECIPIENT)


async def test_a_relay_that_wants_a_login_is_a_configuration_error() -> None:
    async with scripted_relay({("MAIL", ""): "530 5.7.0 Authentication required"}) as relay:
        with pytest.raises(RelayUnusable) as unusable:
            await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert unusable.value.lasting


async def test_a_refused_login_is_a_configuration_error() -> None:
    async with scripted_relay({("AUTH", ""): "535 5.7.8 Wrong password"}) as relay:
        relay.extensions = ("AUTH PLAIN",)
        with pytest.raises(RelayUnusable) as unusable:
            await connection(relay, user="u", password="p").send(MESSAGE, SENDER, RECIPIENT)
    assert unusable.value.lasting
    assert "Wrong password" in unusable.value.reason


async def test_starttls_never_falls_back_to_plain_text() -> None:
    async with scripted_relay() as relay:
        with pytest.raises(RelayUnusable) as unusable:
            await connection(relay, starttls=True).send(MESSAGE, SENDER, RECIPIENT)
    assert unusable.value.lasting
    assert not any(line.startswith("MAIL") for line in relay.commands)


async def test_a_message_larger_than_the_relay_takes_is_not_even_begun() -> None:
    async with scripted_relay() as relay:
        relay.extensions = ("SIZE 20",)
        outcome = await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert (outcome.verdict, outcome.code) == (Verdict.FAILED, "5.3.4")
    assert "20 bytes" in outcome.reply
    assert not any(line.startswith("MAIL") for line in relay.commands)


async def test_a_relay_without_ehlo_is_greeted_the_old_way() -> None:
    async with scripted_relay({("EHLO", ""): "502 What?"}) as relay:
        outcome = await connection(relay).send(MESSAGE, SENDER, RECIPIENT)
    assert outcome.verdict is Verdict.ACCEPTED


async def test_a_tls_handshake_that_fails_stops_everything() -> None:
    async with scripted_relay({("STARTTLS", ""): "220 Go ahead"}) as relay:
        relay.extensions = ("STARTTLS",)
        context = ssl.create_default_context()
        with pytest.raises(RelayUnusable):  # the scripted relay goes on in plain text, which is none
            await connection(relay, starttls=True, tls_context=context).send(MESSAGE, SENDER, RECIPIENT)


async def test_starttls_hides_the_message_and_checks_the_certificate() -> None:
    handler = Sink()
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(CERTIFICATE)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, tls_context=server_context, require_starttls=True, loop=loop), "localhost", 0
    )
    port = server.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    settings = RelaySettings(host="localhost", port=port, starttls=True, tls_context=trusting)
    mine = Relay(settings)
    assert (await mine.send(MESSAGE, SENDER, RECIPIENT)).verdict is Verdict.ACCEPTED
    await mine.quit()
    distrusting = replace(settings, tls_context=ssl.create_default_context())
    with pytest.raises(RelayUnusable) as unusable:
        await Relay(distrusting).send(MESSAGE, SENDER, RECIPIENT)
    server.close()
    await server.wait_closed()
    assert unusable.value.lasting
    assert [content for content, encrypted in handler.received if encrypted] == [MESSAGE]

"""Several relays as one: one that cannot be used is left alone while another works."""

import socket

import pytest

from portal.mail.connecting import RelaySettings, RelayUnusable
from portal.mail.outcome import Verdict
from portal.mail.relays import Relays
from portal.mail.smtp import Relay
from portal.settings import Settings
from tests.support.relay import ScriptedRelay, scripted_relay

MESSAGE = b"Subject: Hello\r\n\r\nHello\r\n"


def at(relay: ScriptedRelay) -> RelaySettings:
    return RelaySettings(host="127.0.0.1", port=relay.port)


def nobody() -> RelaySettings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return RelaySettings(host="127.0.0.1", port=free.getsockname()[1])


async def test_connections_go_to_each_relay_in_turn() -> None:
    async with scripted_relay() as one, scripted_relay() as other:
        relays = Relays([at(one), at(other)])
        found = [await relays.connect() for _ in range(4)]
        for delivery, _ in found:
            await delivery.wire.quit()
    assert (one.connections, other.connections) == (2, 2)


async def test_a_relay_that_is_away_is_passed_over_and_tried_again_later() -> None:
    async with scripted_relay() as here:
        away = scripted_relay({("CONNECT", ""): "554 closed for today"})
        async with away as closed:
            relays = Relays([at(closed), at(here)], rest_seconds=60)
            for _ in range(4):
                assert (await Relay(relays).send(MESSAGE, "a@example.com", "b@example.org")).verdict is Verdict.ACCEPTED
            assert closed.connections == 1
            relays = Relays([at(closed), at(here)], rest_seconds=0)
            for _ in range(4):
                await Relay(relays).send(MESSAGE, "a@example.com", "b@example.org")
            assert closed.connections > 2
    assert len(here.received) == 8


async def test_where_none_can_be_used_the_last_reason_is_told_and_all_were_asked() -> None:
    async with scripted_relay({("CONNECT", ""): "554 closed for today"}) as closed:
        relays = Relays([nobody(), at(closed)])
        for _ in range(2):
            with pytest.raises(RelayUnusable):
                await relays.connect()
        assert closed.connections == 2


async def test_a_connection_that_is_left_over_is_used_again_unless_it_is_lost() -> None:
    async with scripted_relay() as relay:
        relays = Relays([at(relay)])
        delivery, kept = await relays.connect()
        assert not kept
        relays.keep(delivery)
        again, kept = await relays.connect()
        assert kept
        assert again is delivery
        again.wire.abort("lost")
        relays.keep(again)
        fresh, kept = await relays.connect()
        assert not kept
        relays.keep(fresh)
        await relays.hang_up()
        assert fresh.wire.lost
    assert relay.connections == 2


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("mx.example.com", [("mx.example.com", 25)]),
        ("a.example, b.example:2525", [("a.example", 25), ("b.example", 2525)]),
        ("[::1]:26,::1", [("::1", 26), ("::1", 25)]),
    ],
)
def test_relays_are_named_with_commas(given: str, wanted: list[tuple[str, int]]) -> None:
    assert Settings(smtp_host=given).relays == wanted


@pytest.mark.parametrize("given", ["", "a,", "a:0", "a:99999", "a:b"])
def test_a_relay_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Settings(smtp_host=given)

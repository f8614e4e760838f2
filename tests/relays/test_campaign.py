"""Thousands of notices by a real server over STARTTLS, and those of them that come back through `mail receive`."""

import asyncio
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from portal.settings import Settings
from portal.store.notices import Bounce, Notice, Sending, SendingState
from tests.relays.conftest import owe, send
from tests.support.mailserver import GONE, PORTAL, MailServer, shown

STANDSTILL = 120.0  # seconds; a return is a process of its own, which takes a slow machine two


@dataclass(frozen=True)
class Size:
    """How many notices, and how many of them to addresses where nobody is any more."""

    notices: int
    gone: int


SIZES = {"postfix": Size(10_000, 100), "exim": Size(2_000, 50)}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def size(make: str, request: pytest.FixtureRequest) -> Size:
    fewer = request.config.getoption("notices", default=None)
    return Size(fewer, max(1, fewer // 50)) if fewer else SIZES[make]


async def test_each_notice_is_taken_once_as_recorded_and_what_comes_back_opens_windows_again(
    make: str, size: Size, settings: Settings, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = addresses_of(size)
    await owe(addresses)
    began = time.monotonic()
    assert await send(settings) == ""
    sent = time.monotonic()
    await everything_is_delivered_or_returned(server)
    took, after = sent - began, time.monotonic() - sent
    with capsys.disabled():
        sys.stdout.write(
            f"\n{make}: {size.notices} notices in {took:.1f} s, {size.gone} back {after:.1f} s after that\n"
        )
    await the_record_agrees_with_the_servers_log(server, addresses)
    await the_windows_of_what_came_back_are_open(size)


def addresses_of(size: Size) -> list[str]:
    """Those that come back are spread evenly."""
    every = size.notices // size.gone
    return [f"m{i}@{GONE if i % every == 0 else 'example.org'}" for i in range(size.notices)]


async def everything_is_delivered_or_returned(server: MailServer) -> None:
    fewest, since = sys.maxsize, time.monotonic()
    while left := server.queued():
        if left < fewest:
            fewest, since = left, time.monotonic()
        assert time.monotonic() < since + STANDSTILL, f"{left} messages stay in the queue:\n{shown(server)}"
        await asyncio.sleep(0.5)


async def the_record_agrees_with_the_servers_log(server: MailServer, addresses: list[str]) -> None:
    recorded = {sending.message_id: sending for sending in await Sending.all().prefetch_related("address")}
    assert sorted(sending.address.address for sending in recorded.values()) == sorted(addresses)
    assert {(one.state, one.number, one.attempts) for one in recorded.values()} == {(SendingState.ACCEPTED, 1, 1)}
    taken = server.taken()
    assert Counter(one.message_id for one in taken) == Counter(recorded.keys())
    for one in taken:
        sending = recorded[one.message_id]
        assert one.recipient == sending.address.address
        assert re.fullmatch(rf"bounces\+s{sending.id}-[0-9a-f]+@{re.escape(PORTAL)}", one.sender)
    assert server.encrypted() > 0


async def the_windows_of_what_came_back_are_open(size: Size) -> None:
    bounces = await Bounce.all().prefetch_related("sending__address")
    assert all(bounce.named for bounce in bounces)
    returned = sorted(bounce.sending.address.address for bounce in bounces)
    assert returned == sorted(address for address in addresses_of(size) if address.endswith(f"@{GONE}"))
    of_bounces = {bounce.notice_id for bounce in bounces}
    notices = await Notice.all()
    assert {notice.id for notice in notices if notice.closes_at is None} == of_bounces
    assert {notice.id for notice in notices if notice.opens_at is None} == of_bounces
    assert all(notice.effective_at is not None for notice in notices)

"""What real servers answer, and what follows from it."""

import pytest

from portal.settings import Settings
from portal.store.notices import Notice, NoticeState, Refusal, Sending
from tests.relays.conftest import owe, present, send
from tests.support.clock import Clock
from tests.support.mailserver import SMALL, UNKNOWN, MailServer

MARIA, NOAH, NOBODY = "maria@example.org", "noah@example.org", f"nobody@{UNKNOWN}"

pytestmark = pytest.mark.usefixtures("database")


async def states() -> dict[str, NoticeState]:
    """Of each address that was tried."""
    sendings = await Sending.all().prefetch_related("notice", "address")
    return {sending.address.address: sending.notice.state for sending in sendings}


async def test_an_unknown_recipient_is_refused_and_a_full_mailbox_tried_again(
    settings: Settings, server: MailServer
) -> None:
    clock = Clock(present())
    await owe([MARIA, NOAH, NOBODY])
    server.fill(NOAH)
    assert await send(settings, clock) == ""
    tried = {MARIA: NoticeState.ACCEPTED, NOAH: NoticeState.DEFERRED, NOBODY: NoticeState.REFUSED}
    assert await states() == tried
    assert [one.code for one in await Refusal.all()] == ["5.1.1"]
    deferred = await Sending.get(address__address=NOAH)
    assert deferred.reply.startswith("450 4.2.2")
    server.fill()
    clock.move(minutes=10)
    assert await send(settings, clock) == ""
    assert await states() == tried | {NOAH: NoticeState.ACCEPTED}
    again = await Sending.get(address__address=NOAH)
    assert (again.id, again.attempts, again.message_id) == (deferred.id, 2, deferred.message_id)
    assert sorted(one.recipient for one in server.taken()) == [MARIA, NOAH]


@pytest.mark.parametrize(
    ("port", "without", "trouble"),
    [
        ("small", "", f"takes messages of {SMALL} bytes"),
        ("plain", "", "STARTTLS"),
        ("usual", "smtp_ca_file", "TLS"),
    ],
    ids=["too small a limit", "no STARTTLS", "a certificate that nobody vouches for"],
)
async def test_a_matter_of_configuration_stops_the_sending_and_no_notice_is_charged(
    settings: Settings, server: MailServer, port: str, without: str, trouble: str
) -> None:
    await owe([MARIA, NOAH])
    changed = {"smtp_port": getattr(server.ports, port)} | ({without: ""} if without else {})
    assert trouble in await send(settings.model_copy(update=changed))
    assert {notice.state for notice in await Notice.all()} <= {NoticeState.QUEUED, NoticeState.DEFERRED}
    assert server.taken() == []
    assert await send(settings) == ""
    assert await states() == {MARIA: NoticeState.ACCEPTED, NOAH: NoticeState.ACCEPTED}
    assert [sending.attempts for sending in await Sending.all()] == [1, 1]

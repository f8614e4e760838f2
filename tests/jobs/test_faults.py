"""The table of faults (docs/mail.md) on whole campaigns: from published to rows, past a relay that misbehaves.

In one campaign each fault meets one member, and healthy ones stand between them: whatever one gets, all others get
their mail.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from portal.store.holds import CampaignHold
from portal.store.notices import Notice, NoticeState, Refusal, Sending
from tests.jobs.conftest import Mailing
from tests.support.campaign import owed_to
from tests.support.relay import CLOSE, HANG_UP, SILENCE, ScriptedRelay

ACCEPTED, DEFERRED, REFUSED = NoticeState.ACCEPTED, NoticeState.DEFERRED, NoticeState.REFUSED
FAILED, UNKNOWN = NoticeState.FAILED, NoticeState.UNKNOWN
LONG = "x" * 70_000


@dataclass(frozen=True)
class Fault:
    """A relay's answer to one member's message, as often as it comes; and what is on record after all was tried.

    `attempts`: how many are charged. `copies`: how many whole messages the relay got.
    """

    step: str
    answer: str
    state: NoticeState
    attempts: int = 1
    copies: int = 0


FAULTS = [
    # 421, 4xx: temporary
    Fault("MAIL", "421 4.3.2 closing", DEFERRED),
    Fault("MAIL", "450 4.1.8 who are you", DEFERRED),
    Fault("MAIL", "451 4.3.0 not now", DEFERRED),
    Fault("MAIL", "452 4.3.1 out of space", DEFERRED),
    Fault("MAIL", "454 4.7.0 no TLS now", DEFERRED),
    Fault("RCPT", "421 4.3.2 closing", DEFERRED),
    Fault("RCPT", "450 4.2.1 greylisted", DEFERRED),
    Fault("RCPT", "451 not now", DEFERRED),
    Fault("RCPT", "452 4.5.3 too many", DEFERRED),
    Fault("RCPT", "450-4.2.1 This\r\n450-4.2.1 takes\r\n450 4.2.1 longer", DEFERRED),
    Fault("DATA", "421 4.3.2 closing", DEFERRED),
    Fault("DATA", "451 4.3.0 not now", DEFERRED),
    Fault("DATA", "452 4.3.1 out of space", DEFERRED),
    Fault("DOT", "421 4.3.2 closing", DEFERRED, copies=1),
    Fault("DOT", "450 4.7.1 later", DEFERRED, copies=1),
    Fault("DOT", "451 4.3.0 not now", DEFERRED, copies=1),
    Fault("DOT", "452 4.3.1 out of space", DEFERRED, copies=1),
    # 5xx about the address
    Fault("RCPT", "550 5.1.1 unknown", REFUSED),
    Fault("RCPT", "550 unknown", REFUSED),
    Fault("RCPT", "553 unknown", REFUSED),
    Fault("RCPT", "551 5.1.6 has moved", REFUSED),
    Fault("RCPT", "550-5.1.1 This\r\n550 5.1.1 is unknown", REFUSED),
    Fault("DOT", "550 5.1.1 unknown after all", REFUSED, copies=1),
    # another 5xx
    Fault("MAIL", "550 5.7.1 not from there", FAILED),
    Fault("MAIL", "552 5.3.4 too large today", FAILED),
    Fault("MAIL", "555 5.5.4 what", FAILED),
    Fault("RCPT", "550 5.7.1 policy", FAILED),
    Fault("RCPT", "552 5.2.2 full", FAILED),
    Fault("RCPT", "554 5.7.1 policy", FAILED),
    Fault("RCPT", "550 5.1.8 the sender's domain is none", FAILED),
    Fault("DATA", "554 5.5.1 no", FAILED),
    Fault("DATA", "552 5.3.4 too large", FAILED),
    Fault("DOT", "550 spam", FAILED, copies=1),
    Fault("DOT", "552 5.3.4 too large", FAILED, copies=1),
    Fault("DOT", "554 5.7.1 policy", FAILED, copies=1),
    # the connection ends before the text is written, again and again
    Fault("MAIL", HANG_UP, DEFERRED, attempts=2),
    Fault("RCPT", CLOSE, DEFERRED, attempts=2),
    Fault("DATA", HANG_UP, DEFERRED, attempts=2),
    # and before, or after, the final dot
    Fault("BODY", HANG_UP, UNKNOWN),
    Fault("DOT", HANG_UP, UNKNOWN, copies=1),
    Fault("DOT", CLOSE, UNKNOWN, copies=1),
    Fault("DOT", SILENCE, UNKNOWN, copies=1),
    # an answer that is none
    Fault("MAIL", "Well done!", DEFERRED, attempts=2),
    Fault("RCPT", "999 what", DEFERRED, attempts=2),
    Fault("RCPT", "250 " + LONG + LONG, DEFERRED, attempts=2),
    Fault("DATA", "354" + LONG, DEFERRED, attempts=2),
    Fault("DATA", "250 what?", DEFERRED),
    Fault("DOT", "25", UNKNOWN, copies=1),
    Fault("DOT", "\r\n", UNKNOWN, copies=1),
    Fault("DOT", "\x00\x01\x02", UNKNOWN, copies=1),
    Fault("DOT", "250-" + "\r\n250-".join(map(str, range(200))), UNKNOWN, copies=1),
]


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the portal runs on."""
    return "asyncio", {"use_uvloop": True}


def misbehave(relay: ScriptedRelay) -> None:
    """Sendings are numbered in the order of members: number 7 is the one to m6."""
    for number, fault in enumerate(FAULTS):
        part = f"+s{2 * number + 1}-" if fault.step == "MAIL" else f"m{2 * number}@"
        relay.script[fault.step, part] = fault.answer


def due(notice: Notice, sending: Sending, at: datetime) -> bool:
    """Whether it is tried again when it should be: after 5 minutes, doubling, more or less a quarter."""
    wait = timedelta(minutes=5) * 2 ** (sending.attempts - 1)
    return notice.next_attempt_at is not None and 0.74 * wait < notice.next_attempt_at - at < 1.26 * wait


@pytest.mark.parametrize("connections", [1, 5])
@pytest.mark.parametrize("extensions", [("PIPELINING", "8BITMIME"), ()], ids=["pipelining", "plain"])
async def test_each_fault_leaves_its_rows_and_harms_nobody_else(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch, extensions: tuple[str, ...], connections: int
) -> None:
    addresses = await owed_to(2 * len(FAULTS) + 1)
    monkeypatch.setattr("portal.jobs.by_settings.ANSWER_SECONDS", 2)
    mailing.change(smtp_connections=connections)
    mailing.relay.extensions = extensions
    misbehave(mailing.relay)
    assert await mailing.send() == ""
    notices = await Notice.all().order_by("member_id")
    sendings = {sending.notice_id: sending for sending in await Sending.all()}
    copies = Counter(one.recipient for one in mailing.relay.received)

    expected = {(one.step, one.answer[:40]): (one.state, one.attempts, one.copies) for one in FAULTS}
    found = {}
    for key, notice, address in zip(expected, notices[::2], addresses[::2], strict=False):
        assert str(sendings[notice.id].state) == str(notice.state)
        found[key] = (notice.state, sendings[notice.id].attempts, copies[address])
    assert found == expected
    assert {(notice.state, sendings[notice.id].attempts) for notice in notices[1::2]} == {(ACCEPTED, 1)}
    assert {copies[address] for address in addresses[1::2]} == {1}

    refused = {refusal.notice_id for refusal in await Refusal.all()}
    for notice in notices:
        again = notice.state in (DEFERRED, UNKNOWN)
        assert due(notice, sendings[notice.id], mailing.clock.now) if again else notice.next_attempt_at is None
        sent_at = mailing.clock.now if notice.state is ACCEPTED else None
        assert (notice.effective_at, notice.opens_at) == (sent_at, sent_at)
        assert (notice.closes_at is not None) == (notice.state is ACCEPTED)
        assert (notice.id in refused) == (notice.state is REFUSED)
        assert notice.owner is None
    assert not await CampaignHold.exists()
    await what_is_tried_again_keeps_its_message_id(mailing, notices, sendings)


async def what_is_tried_again_keeps_its_message_id(
    mailing: Mailing, notices: list[Notice], sendings: dict[int, Sending]
) -> None:
    mailing.relay.script.clear()
    mailing.clock.move(hours=1)
    assert await mailing.send() == ""
    for before, notice in zip(notices, await Notice.all().order_by("member_id"), strict=True):
        sending, first = await Sending.get(notice_id=notice.id), sendings[notice.id]
        again = before.state in (DEFERRED, UNKNOWN)
        assert notice.state is (ACCEPTED if again else before.state)
        assert (sending.attempts, sending.message_id) == (first.attempts + again, first.message_id)

"""From a mail that was really sent to its bounce and back: what the jobs write is what a bounce is known by."""

from portal.actions.actor import Actor
from portal.actions.address import correct_address
from portal.actions.returned import take_in
from portal.cli.mail_receive import ours_of
from portal.jobs import running
from portal.mail.returned import Envelope, read
from portal.settings import Settings
from portal.store.notice_progress import NoticeList, notices_in
from portal.store.notices import Notice, Sending
from portal.store.returned import HandledAs, MatchedBy, ReturnedKind, ReturnedMail, ReturnedMatch
from tests.jobs.conftest import KEYS
from tests.support.came_back import dsn
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay

OPS = Actor("staff", 1)


async def send(settings: Settings, clock: Clock) -> None:
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()


async def come_back(settings: Settings, clock: Clock, recipient: str, raw: bytes) -> ReturnedMail:
    return (await take_in(read(raw, Envelope("", (recipient,)), ours_of(settings)), at=clock())).returned


async def not_reached() -> list[int]:
    version_id = (await Notice.all().order_by("-version_id").first().values("version_id"))["version_id"]
    return [notice.member_id for notice in await notices_in(version_id, NoticeList.NOT_REACHED)]


async def test_a_bounce_by_the_return_path_of_a_sent_mail_opens_the_window_until_the_new_address_takes_it(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(settings, clock)
    sent = next(one for one in relay.received if one.recipient == mailed[2])
    sent_at = clock.now
    clock.move(minutes=3)
    row = await come_back(settings, clock, sent.sender, dsn(headers="Subject: Hello\n", to=sent.sender))
    assert (row.kind, row.handled_as) == (ReturnedKind.BOUNCE, HandledAs.RECORDED)
    sending = await Sending.get(message_id=sent.message["Message-ID"])
    assert (await ReturnedMatch.get(returned_id=row.id)).sending_id == sending.id
    notice = await Notice.get(id=sending.notice_id)
    assert (notice.effective_at, notice.opens_at, notice.closes_at) == (sent_at, None, None)
    assert await not_reached() == [notice.member_id]
    clock.move(days=1)
    await correct_address(notice.member_id, "new@example.org", by=OPS, at=clock())
    await send(settings, clock)
    assert relay.received[-1].recipient == "new@example.org"
    again = await Notice.get(id=notice.id)
    assert (again.effective_at, again.opens_at) == (sent_at, clock.now)
    assert again.closes_at is not None
    assert await not_reached() == []


async def test_a_bounce_is_known_by_the_headers_that_a_server_returns(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(settings, clock)
    headers = {
        mailed[0]: ["Message-ID"],
        mailed[1]: ["X-Notice-Id"],
        mailed[2]: ["From", "To", "Subject"],
        mailed[3]: ["To", "Message-ID"],
    }
    handled = {}
    for address, names in headers.items():
        sent = next(one for one in relay.received if one.recipient == address)
        returned = "".join(f"{name}: {sent.message[name]}\n" for name in names)
        recipient = "behind@elsewhere.example" if address == mailed[3] else address
        raw = dsn(headers=returned, to=settings.bounce_address, recipient=recipient)
        row = await come_back(settings, clock, settings.bounce_address, raw)
        handled[address] = row.handled_as
        match = await ReturnedMatch.get_or_none(returned_id=row.id)
        assert match is None or match.matched_by is MatchedBy.MESSAGE_ID
    assert list(handled.values()) == [HandledAs.RECORDED, HandledAs.RECORDED, None, HandledAs.RECORDED]
    assert len(await not_reached()) == 3


async def test_one_members_return_path_does_not_bounce_anothers_notice(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(settings, clock)
    mine, other = (next(one for one in relay.received if one.recipient == address) for address in mailed[:2])
    number = (await Sending.get(message_id=other.message["Message-ID"])).id
    token = mine.sender.partition("-")[2]
    row = await come_back(
        settings, clock, f"bounces+s{number}-{token}", dsn(headers="Subject: Hello\n", to="x@y.example")
    )
    assert (row.kind, row.handled_at) == (ReturnedKind.UNKNOWN_BOUNCE, None)
    assert await not_reached() == []

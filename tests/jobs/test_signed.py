"""Mail that the portal signs itself, verified as it comes off the wire; what cannot be signed waits."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from hashlib import sha256
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from bench.postgresql import free_port
from portal.actions.rendered_again import rendered_again
from portal.actions.session import request_sign_in
from portal.jobs import running
from portal.jobs.by_settings import sender_of
from portal.mail import signing
from portal.mail.compose import Letter, Recipient, compose
from portal.mail.dkim_key import CannotSign
from portal.mail.signing import Signing
from portal.mail.smtp import Relay, RelaySettings
from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.members import Member, Profile
from portal.store.notices import Notice, NoticeState, Sending
from portal.store.outbox import OutgoingMail
from portal.store.policies import Policy
from tests.jobs.conftest import KEYS, states
from tests.support.clock import Clock
from tests.support.dkim import Published, unsigned
from tests.support.relay import ScriptedRelay
from tests.support.world import JOINED

ACCEPTED = NoticeState.ACCEPTED
ROOT = Path(__file__).parents[2]
DKIM = ("dkim_domain", "dkim_selector", "dkim_key_file")
LONG = "Erklärung über den Schutz personenbezogener Daten, ihre Löschung und Ihre Rechte (Fassung für Mitglieder) 李 "


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


@pytest.fixture
def signed(settings: Settings, published: Published) -> Settings:
    """The same settings, by which the portal signs."""
    return Settings(**settings.model_dump() | published.settings)


async def send(settings: Settings, clock: Clock) -> None:
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()


async def name_everybody() -> None:
    fact: dict[str, Any] = {"received_at": JOINED, "recorded_at": JOINED, "sequence": 0}
    names = ("Maria Muster", "Žofia Ångström 李" * 5, 'O"Hara, & <Sons>', ".dot", "")
    async with transaction():
        await Policy.all().update(title=LONG)
        for member, name in zip(await Member.all().order_by("id"), names, strict=True):
            await Profile.create(member_id=member.id, name=name, language="de", **fact)
            await Member.filter(id=member.id).update(language="de")


async def test_notices_are_signed_and_a_change_on_their_way_is_found(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, published: Published
) -> None:
    await name_everybody()
    await send(signed, clock)
    assert await states() == [ACCEPTED] * 5
    assert sorted(one.recipient for one in relay.received) == mailed
    for one in relay.received:
        assert published.verifies(one.content)
        assert len(one.message["Subject"]) > 100
        assert not published.verifies(one.content.replace(b"List-Id: <", b"List-Id: <x"))
        assert not published.verifies(one.content.replace(b"/n/", b"/m/"))
        assert not published.verifies(one.content.replace(b"\r\nDate: ", b"\r\nDate: Sun, "))


async def test_the_digest_on_record_is_that_of_the_message_below_its_signature(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await name_everybody()
    await send(signed, clock)
    for one in relay.received:
        sending = await Sending.get(message_id=one.message["Message-ID"])
        assert sending.digest == sha256(unsigned(one.content)).hexdigest()
        again = await rendered_again(sending, KEYS, sender_of(signed))
        assert (again.same, again.content) == (True, unsigned(one.content))


async def test_other_mail_is_signed_too(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, published: Published
) -> None:
    await send(signed, clock)
    await name_everybody()
    relay.received.clear()
    for address in mailed[:2]:
        await request_sign_in(address, clock.now)
    await send(signed, clock)
    assert [one.recipient for one in relay.received] == mailed[:2]
    assert all(published.verifies(one.content) for one in relay.received)


async def test_lines_that_begin_with_a_dot_arrive_as_they_were_signed(
    relay: ScriptedRelay, settings: Settings, published: Published
) -> None:
    """By a relay with and without PIPELINING."""
    sender = sender_of(settings)
    letter = Letter("sign_in", {"link": "https://p.example/abc", "minutes": 90}, {"X-Notice-Id": "abc"})
    mail = compose(letter, sender, Recipient("maria@example.org"), "<t@ternwick.example>", Clock().now)
    mail += b"..\r\n.\r\n. dots after all parts\r\n.\r\n\r\n"
    pool = Signing(published.key(), 1)
    for extensions in (("PIPELINING",), ()):
        relay.extensions = extensions
        connection = Relay(RelaySettings("127.0.0.1", relay.port))
        [header] = await pool.signed([mail])
        await connection.send((header or b"") + mail, sender.address, "maria@example.org")
        await connection.quit()
    await pool.close()
    assert [published.verifies(one.content) for one in relay.received] == [True, True]
    assert [unsigned(one.content) for one in relay.received] == [mail, mail]


async def test_a_message_that_is_tried_again_is_signed_again(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, published: Published
) -> None:
    relay.script[("DOT", "m2@")] = ["451 4.3.0 later"]
    await send(signed, clock)
    clock.move(hours=1)
    await send(signed, clock)
    first, second = relay.to(mailed[2])
    assert published.verifies(first.content)
    assert published.verifies(second.content)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] != second.message["Date"]


async def test_processes_that_died_since_the_last_mail_cost_nothing(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, published: Published
) -> None:
    async with running(signed, KEYS, clock) as jobs:
        await request_sign_in(mailed[0], clock.now)
        await jobs.idle()
        for process in active_children():
            os.kill(process.pid or 0, signal.SIGKILL)
        await request_sign_in(mailed[1], clock.now)
        await jobs.idle()
    assert len(relay.received) == 7
    assert all(published.verifies(one.content) for one in relay.received)
    assert active_children() == []


async def test_what_cannot_be_signed_is_not_sent_and_charges_nobody(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_work", _dies)
    async with running(signed, KEYS, clock) as jobs:
        await request_sign_in(mailed[0], clock.now)
        await jobs.idle()
        assert "cannot be signed" in jobs.trouble
        assert relay.received == []
        assert await states() == [NoticeState.QUEUED] * 5
        assert await Sending.all().count() == 0
        assert await Notice.filter(owner__not_isnull=True).count() == 0
        mail = await OutgoingMail.get()
        assert (mail.state, mail.attempts, mail.owner) == ("queued", 0, None)
        monkeypatch.undo()
        await jobs.idle()
        assert jobs.trouble == ""
    assert await states() == [ACCEPTED] * 5
    assert len(relay.received) == 6


def _dies(*_: object) -> None:
    os._exit(1)


async def test_a_message_that_has_no_signature_is_left_to_ops_and_the_others_go_out(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Signing.signed

    async def all_but_one(pool: Signing, messages: list[bytes]) -> list[bytes | None]:
        headers = await whole(pool, messages)
        return [None if b"m3@" in one else header for one, header in zip(messages, headers, strict=True)]

    monkeypatch.setattr(Signing, "signed", all_but_one)
    await send(signed, clock)
    assert await states() == [ACCEPTED, ACCEPTED, ACCEPTED, NoticeState.FAILED, ACCEPTED]


async def test_a_key_that_cannot_sign_is_refused_at_the_start_where_mail_is_sent(
    signed: Settings, clock: Clock, published: Published
) -> None:
    published.file.chmod(0o644)
    with pytest.raises(CannotSign, match=r"PORTAL_DKIM_KEY_FILE: .* can be read by others"):
        await send(signed, clock)
    unknown = Settings(**signed.model_dump() | {"dkim_leave_out": "Dat"})
    with pytest.raises(CannotSign, match="PORTAL_DKIM_LEAVE_OUT: 'Dat' is not covered anyway"):
        await send(unknown, clock)


async def test_header_fields_that_the_relay_replaces_are_left_out(
    mailed: list[str], signed: Settings, clock: Clock, relay: ScriptedRelay, published: Published
) -> None:
    await send(Settings(**signed.model_dump() | {"dkim_leave_out": "Message-ID, Date"}), clock)
    for one in relay.received:
        assert published.verifies(one.content.replace(b"\r\nMessage-ID: <", b"\r\nMessage-ID: <other"))
        assert not published.verifies(one.content.replace(b"\r\nX-Notice-Id: ", b"\r\nX-Notice-Id: a"))


async def test_servers_sign_under_their_own_loop_and_leave_no_process_behind(
    mailed: list[str], signed: Settings, relay: ScriptedRelay, published: Published
) -> None:
    server = await serving(signed)
    try:
        async with asyncio.timeout(150):
            while await states() != [ACCEPTED] * 5:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.2)
        assert all(published.verifies(one.content) for one in relay.received)
        below = descendants(server.pid)
        assert sum(b"spawn_main" in (Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in below) >= 3
    finally:
        server.send_signal(signal.SIGTERM)
    await server.wait()
    async with asyncio.timeout(60):
        while any((Path("/proc") / str(pid)).exists() for pid in below):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def serving(settings: Settings) -> Process:
    """`manage.py serve` with two processes, and with the present time."""
    told = settings.model_dump(include={"database_url", "data", "mail_from", "smtp_port", *DKIM})
    surroundings = {**os.environ, **{f"PORTAL_{name.upper()}": str(value) for name, value in told.items()}}
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--workers", "2", "--port", str(free_port())]
    return await asyncio.create_subprocess_exec(*command, env=surroundings)


def descendants(pid: int) -> list[int]:
    """Ids of the processes that it has started, and they in turn."""
    threads = (Path("/proc") / str(pid) / "task").iterdir()
    children = [int(one) for thread in threads for one in (thread / "children").read_text().split()]
    return [*children, *(deeper for child in children for deeper in descendants(child))]

"""A relay that cannot be used: nothing is sent, ops are told why, nobody is charged, and it goes on by itself."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from portal.jobs import running
from portal.store.holds import CampaignHold
from portal.store.notices import Notice, NoticeState, Sending
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import owed_to
from tests.support.certificates import certificate, serving
from tests.support.mailserver import CERTIFICATE
from tests.support.relay import CLOSE, HANG_UP, SILENCE

MEMBERS = 5
TLS, LOGIN = {"smtp_starttls": "required"}, {"smtp_user": "u", "smtp_password": "secret"}
LONG = "x" * 70_000


@dataclass(frozen=True)
class Unusable:
    """What the relay does instead of what it should, and what is said about it."""

    step: str
    answer: str
    said: str
    settings: dict[str, str] = field(default_factory=dict)
    lasting: bool = False


CASES = [
    Unusable("CONNECT", "421 4.3.2 too busy", "421 4.3.2 too busy"),
    Unusable("CONNECT", "450 not now", "450 not now"),
    Unusable("CONNECT", "554 5.3.2 closed for today", "554 5.3.2 closed for today"),
    Unusable("CONNECT", "Hello!", "an answer that is none"),
    Unusable("CONNECT", "220 " + LONG, "an answer that is none"),
    Unusable("CONNECT", HANG_UP, "Error connecting"),
    Unusable("CONNECT", CLOSE, "Error connecting"),
    Unusable("CONNECT", SILENCE, "Timed out"),
    Unusable("EHLO", "421 4.3.2 too busy", "421 4.3.2 too busy"),
    Unusable("EHLO", "Hello!", "an answer that is none"),
    Unusable("EHLO", "250-" + "\r\n250-".join(map(str, range(9000))), "an answer that is none"),
    Unusable("EHLO", CLOSE, "EOF"),
    Unusable("EHLO", SILENCE, "Timed out"),
    Unusable("EHLO", "250 relay.example", "STARTTLS", TLS, lasting=True),
    Unusable("EHLO", "502 what?", "STARTTLS", TLS, lasting=True),
    Unusable("STARTTLS", "454 4.7.0 not now", "454 4.7.0 not now", TLS),
    Unusable("STARTTLS", "501 5.5.4 no", "501 5.5.4 no", TLS),
    Unusable("STARTTLS", "502 5.5.1 no", "502 5.5.1 no", TLS, lasting=True),
    Unusable("STARTTLS", CLOSE, "EOF", TLS),
    Unusable("STARTTLS", SILENCE, "Timed out", TLS),
    Unusable("STARTTLS", "Hello!", "an answer that is none", TLS),
    Unusable("EHLO", "250 relay.example", "AUTH", LOGIN, lasting=True),
    Unusable("AUTH", "535 5.7.8 wrong password", "535 5.7.8 wrong password", LOGIN, lasting=True),
    Unusable("AUTH", "454 4.7.0 not now", "454 4.7.0 not now", LOGIN),
    Unusable("AUTH", "421 4.3.2 too busy", "421 4.3.2 too busy", LOGIN),
    Unusable("AUTH", CLOSE, "EOF", LOGIN),
    Unusable("AUTH", SILENCE, "Timed out", LOGIN),
    Unusable("AUTH", "Hello!", "an answer that is none", LOGIN),
    Unusable("MAIL", "530 5.7.0 login first", "530 5.7.0 login first", lasting=True),
    Unusable("MAIL", "538 5.7.11 encrypt first", "538 5.7.11 encrypt first", lasting=True),
]


@dataclass(frozen=True)
class Wrong:
    """A certificate for a name, and the host name by which the portal knows the relay."""

    said: str
    name: str = "localhost"
    host: str = "localhost"
    ended: bool = False
    trusted: bool = True


CERTIFICATES = [
    Wrong("self-signed certificate", trusted=False),
    Wrong("certificate has expired", ended=True),
    Wrong("Hostname mismatch", name="relay.example"),
    Wrong("IP address mismatch", host="127.0.0.1"),
]


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the portal runs on."""
    return "asyncio", {"use_uvloop": True}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.step} {case.answer[:20]}")
async def test_nothing_is_sent_and_nobody_charged_and_it_goes_on_by_itself(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch, case: Unusable
) -> None:
    if case.answer == SILENCE:
        monkeypatch.setattr("portal.mail.connecting.CONNECT_SECONDS", 0.2)
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    relay.extensions = ("PIPELINING", "STARTTLS", "AUTH PLAIN")
    relay.script[case.step, ""] = case.answer
    mailing.change(smtp_host="localhost", smtp_ca_file=str(CERTIFICATE), **case.settings)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        with capture_logs() as logs:
            await jobs.idle()
        assert case.said in jobs.trouble
        told = [(line["event"], line["lasting"]) for line in logs]
        assert set(told) == {("relay_unusable", case.lasting)}
        assert len(told) <= 2  # once a sweep: on PostgreSQL the publication had asked for one of its own
        await nothing_was_begun(MEMBERS)
        assert not any(line.startswith("RCPT") for line in relay.commands if case.step != "MAIL")
        relay.script.clear()
        relay.tls = serving(CERTIFICATE)
        monkeypatch.undo()
        await jobs.idle()
        assert jobs.trouble == ""
    assert await states() == [NoticeState.ACCEPTED] * MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert {sending.attempts for sending in await Sending.all()} == {1}


@pytest.mark.parametrize("wrong", CERTIFICATES, ids=lambda wrong: wrong.said)
async def test_a_wrong_certificate_stops_everything(mailing: Mailing, tmp_path: Path, wrong: Wrong) -> None:
    relay, shown = mailing.relay, certificate(tmp_path, wrong.name, ended=wrong.ended)
    await owed_to(MEMBERS)
    relay.extensions = ("PIPELINING", "STARTTLS")
    relay.tls = serving(shown)
    known = str(shown if wrong.trusted else CERTIFICATE)
    mailing.change(smtp_host=wrong.host, smtp_starttls="required", smtp_ca_file=known)
    assert wrong.said in await mailing.send()
    await nothing_was_begun(MEMBERS)
    assert not any(line.startswith(("AUTH", "MAIL")) for line in relay.commands)
    relay.tls = serving(CERTIFICATE)
    mailing.change(smtp_host="localhost", smtp_ca_file=str(CERTIFICATE))
    assert await mailing.send() == ""
    assert await states() == [NoticeState.ACCEPTED] * MEMBERS


@pytest.mark.parametrize(
    "injected", ["250-relay.example\r\n250-SIZE 10\r\n250 AUTH PLAIN", "250 OK\r\n250 OK", "250-a"]
)
async def test_what_is_said_between_starttls_and_the_handshake_counts_for_nothing(
    mailing: Mailing, injected: str
) -> None:
    """Somebody in between could put it there, to be read later as if it had come encrypted (CVE-2011-0411 and kin)."""
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    relay.extensions = ("PIPELINING", "STARTTLS")
    relay.tls = serving(CERTIFICATE)
    relay.script["STARTTLS", ""] = f"220 2.0.0 Go ahead\r\n{injected}"
    mailing.change(smtp_host="localhost", smtp_starttls="required", smtp_ca_file=str(CERTIFICATE))
    assert await mailing.send() == ""
    assert await states() == [NoticeState.ACCEPTED] * MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert relay.commands[:3] == [relay.commands[2], "STARTTLS", relay.commands[2]]
    assert relay.commands[2].startswith("EHLO")


async def nothing_was_begun(members: int) -> None:
    assert await states() == [NoticeState.QUEUED] * members
    assert not await Sending.exists()
    assert not await CampaignHold.exists()
    assert not await Notice.filter(owner__not_isnull=True).exists()
    assert not await Notice.filter(effective_at__not_isnull=True).exists()

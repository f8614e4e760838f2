"""Real mail servers, a campaign to send through them, and the portal that sends it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.databases import Databases, SqliteDatabases
from portal.actions.actor import SYSTEM
from portal.actions.members import import_members
from portal.cli.servers import PROGRAMS, is_ready
from portal.jobs import running
from portal.keys import Keys
from portal.settings import Settings
from portal.store import connect, disconnect
from tests.support.drafting import BY_MAIL, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.exim import Exim
from tests.support.mailserver import CERTIFICATE, PORTAL, MailServer
from tests.support.mailserver import running as running_server
from tests.support.postfix import Postfix

MAKES: dict[str, type[MailServer]] = {"postfix": Postfix, "exim": Exim}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--notices", type=int, help="how many notices to send by a server, instead of thousands")


@pytest.fixture
def make(databases: Databases) -> str:
    """The server's make. One goes with each database: what is tried lies between the portal and the servers."""
    return "postfix" if isinstance(databases, SqliteDatabases) else "exim"


@pytest.fixture
def variables(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a portal, of which only the relay is missing."""
    return {
        "PORTAL_DATA": str(tmp_path),
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_MAIL_FROM": f"privacy@{PORTAL}",
        "PORTAL_BOUNCE_ADDRESS": f"bounces@{PORTAL}",
    }


@pytest.fixture
def server(make: str, variables: dict[str, str]) -> Iterator[MailServer]:
    if os.geteuid() != 0 or not all(is_ready(package) for package in PROGRAMS):
        pytest.fail(
            "mail servers run as root, from where `manage.py test --only relays` has unpacked them", pytrace=False
        )
    with running_server(MAKES[make], variables) as started:
        yield started


@pytest.fixture
def settings(variables: dict[str, str], server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A portal that sends by the server. The certificate's name is `localhost`."""
    relay = {
        "PORTAL_SMTP_HOST": "localhost",
        "PORTAL_SMTP_PORT": str(server.ports.usual),
        "PORTAL_SMTP_STARTTLS": "required",
        "PORTAL_SMTP_CA_FILE": str(CERTIFICATE),
        "PORTAL_SMTP_CONNECTIONS": "20",
    }
    for name, value in (variables | relay).items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[None]:
    await connect(settings.database)
    yield
    await disconnect()


def present() -> datetime:
    """Now. Bounces are received in another process, by the machine's clock, and must come after the sendings."""
    return datetime.now(UTC).replace(microsecond=0)


async def owe(addresses: Sequence[str]) -> None:
    """A policy with two versions, and a member for each address, all of whom are owed a mail about the second."""
    posted_1, joined, posted_2 = [present() - timedelta(days=days) for days in (60, 30, 1)]
    author, approver = await person("Ann Author", posted_1), await person("Ben Approver", posted_1)
    policy = await policy_of(BY_MAIL, by=author, at=posted_1 - timedelta(days=1))
    await published(policy, TEXT_1, by=author, approver=approver, at=posted_1)
    rows = [f"m{number},{address},Member {number}" for number, address in enumerate(addresses)]
    imported = await import_members("\n".join(["external_id,address,name", *rows]).encode(), by=SYSTEM, at=joined)
    assert imported.new == len(addresses), imported.bad[:3]
    await published(policy, TEXT_2, by=author, approver=approver, at=posted_2)


async def send(settings: Settings, clock: Callable[[], datetime] = present) -> str:
    """Sends what is due; gives what troubles the sender, or nothing."""
    async with running(settings, Keys(settings.secrets()), clock) as jobs:
        await jobs.idle()
        trouble = jobs.trouble
    await asyncio.sleep(0.3)  # a TLS connection that was closed waits for the server's goodbye
    return trouble

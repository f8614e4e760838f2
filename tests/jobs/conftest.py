"""Jobs are tested against a relay on a real socket and a real database, at an hour that stands still."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.jobs import running
from portal.keys import Keys
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.connections import is_sqlite
from portal.store.notices import Notice, NoticeState
from tests.support.campaign import owed_to
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.relay import ScriptedRelay, scripted_relay
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2, at, make_member

KEYS = Keys(("k" * 40,))
SLOW, OTHER = "slow.example", "other.example"


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedRelay]:
    async with scripted_relay() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, relay: ScriptedRelay) -> Settings:
    return Settings(
        data=tmp_path,
        database_url=database_url,
        company="Ternwick",
        mail_from="privacy@ternwick.example",
        bounce_address="bounces@ternwick.example",
        smtp_port=relay.port,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2026-03-01 09:05"))


@pytest.fixture
async def mailed(settings: Settings) -> AsyncIterator[list[str]]:
    """A policy with two versions, and five members who are owed a mail about the second; gives their addresses."""
    await connect(settings.database)
    author, approver = await person("Ann Author", POSTED_1), await person("Ben Approver", POSTED_1)
    policy = await policy_of(BY_MAIL, by=author, at=POSTED_1 - DAY)
    await published(policy, TEXT_1, by=author, approver=approver, at=POSTED_1)
    addresses = [f"m{i}@example.org" for i in range(5)]
    for i, address in enumerate(addresses):
        await make_member(policy, f"m{i}", JOINED, address)
    await published(policy, TEXT_2, by=author, approver=approver, at=POSTED_2)
    yield addresses
    await disconnect()


@pytest.fixture
async def two_domains(settings: Settings) -> AsyncIterator[None]:
    """40 members who are owed a notice: the first 30 at a slow domain, the others at another (`two_domains.py`)."""
    await connect(settings.database)
    await owed_to(40, lambda i: SLOW if i < 30 else OTHER)
    yield
    await disconnect()


@dataclass
class Mailing:
    """What it takes to send a campaign."""

    settings: Settings
    clock: Clock
    relay: ScriptedRelay

    def change(self, **settings: object) -> None:
        self.settings = self.settings.model_copy(update=settings)

    def storable(self, text: str) -> str:
        """PostgreSQL keeps no NUL."""
        return text if is_sqlite(self.settings.database) else text.replace("\x00", "\x01")

    async def send(self) -> str:
        """Sends what is due, as a server that starts and ends; gives what troubles the sender."""
        async with running(self.settings, KEYS, self.clock) as jobs:
            await jobs.idle()
            return jobs.trouble


@pytest.fixture
async def mailing(settings: Settings, clock: Clock, relay: ScriptedRelay) -> AsyncIterator[Mailing]:
    """Nobody is owed anything yet: see `owed_to`."""
    await connect(settings.database)
    yield Mailing(settings, clock, relay)
    await disconnect()


async def everything_is_free() -> bool:
    """Whether nobody has a claim on any notice."""
    return not await Notice.filter(owner__not_isnull=True).exists()


async def states() -> list[NoticeState]:
    """The notices' states in the order of their members."""
    return [notice.state for notice in await Notice.all().order_by("member_id")]

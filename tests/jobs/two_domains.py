"""A campaign to members at two domains, and what of it has come to the relay."""

from collections import Counter

from portal.jobs import running
from portal.settings import Settings
from tests.jobs.conftest import KEYS
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay

BUSY = "450 4.7.28 Unusual rate of mail"


def limited(settings: Settings, **more: object) -> Settings:
    return Settings(**{**settings.model_dump(), **more})


async def send(settings: Settings, clock: Clock) -> None:
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()


def arrived(relay: ScriptedRelay) -> Counter[str]:
    return Counter(one.recipient.partition("@")[2] for one in relay.received)

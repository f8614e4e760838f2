"""Our sender, in a process of its own: the portal's real jobs on a database where notices are due.

`python -m bench.send_ours` reads its order as JSON from stdin and prints what sending took, as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from bench.campaign import found
from bench.spent import Spent, cpu_s
from portal.cli.logs import start_log
from portal.jobs import running
from portal.keys import Keys
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.notices import Notice, NoticeState
from portal.web.clock import now

PORTAL = "https://privacy.example.com"
WARM_UP, CAMPAIGN = timedelta(hours=2), timedelta(hours=1)
"""How long ago two versions were posted: that of the members who are sent to first, and the measured one."""


@dataclass(frozen=True, slots=True)
class OursOrder:
    """`folder` keeps the keys. `dkim_key_file`: with which messages are signed; empty: they are not."""

    database_url: str
    folder: str
    port: int
    connections: int
    dkim_key_file: str = ""


async def prepare(url: str, members: int, warm_up: int) -> None:
    """Fills an empty database: so many members are owed a notice, and some of another policy since an hour earlier."""
    at = now()
    await connect(url)
    try:
        company = await found(at - WARM_UP)
        for slug, count, since in (("warm-up", warm_up, WARM_UP), ("contact-forms", members, CAMPAIGN)):
            policy = await company.policy(slug)
            if count:
                await company.enrol(policy, count)
            await company.publish(policy, 2, at - since)
    finally:
        await disconnect()


async def send(order: OursOrder, measuring: Callable[[], AbstractContextManager[object]] = nullcontext) -> Spent:
    """Sends what is due: the warm-up with a clock between the two versions, then the campaign with the real one.

    `measuring` is entered for the campaign alone.
    """
    settings = _settings(order)
    back = [(WARM_UP + CAMPAIGN) / 2]
    await connect(settings.database)
    try:
        async with running(settings, Keys(settings.secrets()), lambda: now() - back[0]) as jobs:
            await jobs.idle()
            before = await _accepted()
            back[0] = timedelta()
            with measuring():
                cpu, began = cpu_s(), time.perf_counter()
                await jobs.idle()
                wall = time.perf_counter() - began
        cpu = cpu_s() - cpu
        return Spent(await _accepted() - before, cpu, wall)
    finally:
        await disconnect()


def _settings(order: OursOrder) -> Settings:
    """All of them are given: those of whoever runs the bench would change what is measured."""
    usual: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()}
    own = {
        "data": Path(order.folder),
        "database_url": order.database_url,
        "base_url": PORTAL,
        "smtp_port": order.port,
        "smtp_connections": order.connections,
    }
    if order.dkim_key_file:
        own |= {"dkim_domain": "example.com", "dkim_selector": "bench", "dkim_key_file": order.dkim_key_file}
    return Settings(**(usual | own))


async def _accepted() -> int:
    return await Notice.filter(state=NoticeState.ACCEPTED).count()


def main() -> None:
    start_log("error")
    print(json.dumps(asdict(uvloop.run(send(OursOrder(**json.load(sys.stdin)))))))


if __name__ == "__main__":
    main()

"""`manage.py worker`: does jobs and serves no pages, on as many hosts as wanted."""

import asyncio
import signal

import uvloop

from portal.cli import Stop
from portal.cli.logs import start_log
from portal.cli.surroundings import database, read_settings, reason
from portal.jobs import running
from portal.jobs.aging import Aging
from portal.jobs.by_settings import signing_key_of
from portal.jobs.comparing import Comparer
from portal.jobs.sweeping import Sweep
from portal.keys import Keys
from portal.mail.dkim_key import CannotSign
from portal.settings import Settings
from portal.store.connections import is_sqlite
from portal.web.clock import now


def worker() -> None:
    """Send mail and do the other jobs, until Ctrl-C. Needs PostgreSQL; may run on several hosts."""
    settings = read_settings()
    if is_sqlite(settings.database):
        raise Stop("with SQLite the server does the jobs itself; workers need PORTAL_DATABASE_URL=postgres://…")
    start_log(settings.log_level)
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    try:
        keys = Keys(settings.secrets())
    except OSError as error:
        raise Stop(f"the keys {settings.keys_file} cannot be read or made: {reason(error)}") from None
    try:
        signing_key_of(settings)
    except CannotSign as unfit:
        raise Stop(str(unfit)) from None
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    also: list[Sweep] = [Comparer(), Aging(settings.inbox_days)]
    async with database(settings), running(settings, keys, now, also):
        await ended.wait()

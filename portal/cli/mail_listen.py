"""`manage.py mail listen`: takes what comes back from a mail server, over LMTP."""

import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import Parameter, validators

from portal.actions.returned import NotYet, take_in
from portal.cli import Stop
from portal.cli.logs import start_log
from portal.cli.mail_receive import ours_of
from portal.cli.serve import bound
from portal.cli.surroundings import database, read_settings, reason
from portal.mail.lmtp import AGAIN, Doors, Limits, Porter
from portal.mail.returned import Envelope, Ours, read
from portal.settings import Settings
from portal.web.clock import now

log = structlog.get_logger("portal.mail")

GRACE_SECONDS = 10
LEAST = Parameter(validator=validators.Number(gte=1))


def listen(
    *,
    host: Annotated[str, Parameter(help="Address to listen on; there is no login, so none of the open network.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, Parameter(help="Port to listen on.")] = 8024,
    socket: Annotated[Path | None, Parameter(help="A Unix socket to listen on, instead of address and port.")] = None,
    connections: Annotated[int, LEAST, Parameter(help="So many connections at once; further ones are sent away.")] = (
        Limits.connections
    ),
    messages: Annotated[int, LEAST, Parameter(help="So many messages in one connection, which then ends.")] = (
        Limits.messages
    ),
) -> None:
    """Take in what comes back from the company's mail server, over LMTP, until Ctrl-C."""
    settings = read_settings()
    start_log(settings.log_level)
    uvloop.run(_listen(settings, host, port, socket, Limits(connections=connections, messages=messages)))


async def _listen(settings: Settings, host: str, port: int, path: Path | None, limits: Limits) -> None:
    ours = ours_of(settings)
    doors = Doors(Porter(ours.all, partial(_taken, ours)), limits)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with database(settings):
        server = await _server(loop, doors, host, port, path)
        log.info("mail_listening", where=str(path) if path else f"{host}:{port}")
        await stop.wait()
        server.close()
        await doors.close(GRACE_SECONDS)
    log.info("mail_stopped")


async def _server(
    loop: asyncio.AbstractEventLoop, doors: Doors, host: str, port: int, path: Path | None
) -> asyncio.Server:
    if path is None:
        return await loop.create_server(doors, sock=bound(host, port))
    try:
        server = await loop.create_unix_server(doors, str(path))
        await asyncio.to_thread(path.chmod, 0o660)  # for the mail server's group, and nobody else
    except OSError as error:
        raise Stop(f"cannot listen on {path}: {error.strerror or reason(error)}") from None
    return server


async def _taken(ours: Ours, content: bytes, envelope: Envelope) -> str:
    """The reply: 250 only after the commit."""
    came = await asyncio.to_thread(read, content, envelope, ours)
    try:
        taken = await take_in(came, at=now())
    except NotYet:
        return "451 4.3.0 What came back is just being recorded as sent, try again in a minute"
    except Exception as error:  # noqa: BLE001 - the server keeps the message, whatever it is that fails here
        log.error("mail_not_taken", error=type(error).__name__)
        return AGAIN
    log.info("mail_taken", returned=taken.returned.id, kind=str(taken.returned.kind), new=taken.new)
    return f"250 2.0.0 taken in as {taken.returned.id}"

"""`manage.py serve`."""

import socket
from typing import Annotated, Any

import uvicorn
import uvloop
from cyclopts import Parameter
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from portal.app import create_app
from portal.cli import Stop
from portal.cli.logs import start_log
from portal.cli.surroundings import database, read_settings, reason
from portal.jobs.by_settings import signing_key_of
from portal.mail.dkim_key import CannotSign
from portal.settings import Settings
from portal.store.connections import is_sqlite

GRACE_SECONDS = 20


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on.")] = 8000,
    workers: Annotated[int, Parameter(help="Processes that serve; one that dies is started again.")] = 1,
) -> None:
    """Serve the portal and do its jobs, until Ctrl-C."""
    settings = read_settings()
    start_log(settings.log_level)
    if not settings.jobs and is_sqlite(settings.database):
        raise Stop("with SQLite the server does the jobs itself; unset PORTAL_JOBS, or use PostgreSQL")
    if workers < 1:
        raise Stop(f"--workers {workers}: at least one process has to serve", status=2)
    if workers == 1:
        uvloop.run(_serve(settings, host, port))
        return
    uvloop.run(_look(settings))
    with bound(host, port) as door:
        config = uvicorn.Config("portal.cli.serve:application", factory=True, workers=workers, **options(settings))
        Multiprocess(config, sockets=[door]).run()


def application() -> Starlette:
    """The application in a process that `--workers` has started."""
    settings = read_settings()
    start_log(settings.log_level)
    return create_app(settings)


async def _look(settings: Settings) -> None:
    """Says in one line what is wrong, before the server would in many."""
    async with database(settings):
        pass
    try:
        settings.secrets()
    except OSError as error:
        raise Stop(f"the keys {settings.keys_file} cannot be read or made: {reason(error)}") from None
    try:
        if settings.jobs:
            signing_key_of(settings)
    except CannotSign as unfit:
        raise Stop(str(unfit)) from None


async def _serve(settings: Settings, host: str, port: int) -> None:
    await _look(settings)
    await listen(create_app(settings), settings, host, port)


async def listen(app: Starlette, settings: Settings, host: str, port: int) -> None:
    """Serves until a signal ends it. Its own access log takes the place of uvicorn's, which shows tokens."""
    config = uvicorn.Config(app, **(options(settings) | {"loop": "none"}))
    with bound(host, port) as door:
        await uvicorn.Server(config).serve(sockets=[door])


def options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told in any case."""
    return {
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.proxies,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


def bound(host: str, port: int) -> socket.socket:
    """A socket on that address. Stop where it is taken, or is none of this machine's."""
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        door = socket.socket(family, kind, protocol)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
    except OSError as error:
        raise Stop(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    return door

"""`manage.py serve`."""

import socket
from typing import Annotated

import uvicorn
import uvloop
from cyclopts import Parameter
from starlette.applications import Starlette

from portal.app import create_app
from portal.cli import Stop
from portal.cli.logs import start_log
from portal.cli.surroundings import database, read_settings, reason
from portal.settings import Settings

GRACE_SECONDS = 20


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the portal and do its jobs, until Ctrl-C."""
    settings = read_settings()
    start_log(settings.log_level)
    uvloop.run(_serve(settings, host, port))


async def _serve(settings: Settings, host: str, port: int) -> None:
    async with database(settings):
        pass  # says in one line what is wrong, before the server would in many
    try:
        app = create_app(settings)
    except OSError as error:
        raise Stop(f"the keys {settings.keys_file} cannot be read or made: {reason(error)}") from None
    await listen(app, settings, host, port)


async def listen(app: Starlette, settings: Settings, host: str, port: int) -> None:
    """Serves until a signal ends it. Its own access log takes the place of uvicorn's, which shows tokens."""
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with bound(host, port) as door:
        await uvicorn.Server(config).serve(sockets=[door])


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

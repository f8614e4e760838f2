"""The portal and the catcher in one process: what the story is played against."""

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from starlette.applications import Starlette

from portal.app import create_app
from portal.demo.clock import StoryClock
from portal.demo.folder import CannotPlay
from portal.demo.people import REFUSED
from portal.mail.catcher import catching
from portal.settings import Settings

COMPANY = "Ternwick Software GmbH"
REPLIES = {REFUSED: "550 5.1.1 No such mailbox here"}


class StorySettings(Settings):
    """The story's own: nothing of the surroundings' PORTAL_* variables gets in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@asynccontextmanager
async def serving(
    data: Path, clock: StoryClock, port: int = 0, database_url: str = "", **more: Any
) -> AsyncIterator[Starlette]:
    """The application, listening on 127.0.0.1, with its mail going to the catcher. Port 0: a free one.

    `more`: settings that the story has no need of. `app.state.settings` tells where everything is. Raises CannotPlay
    where the port is taken.
    """
    listening = listening_on(port)
    with listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with catching(data / "mail", replies=REPLIES) as catcher:
            settings = StorySettings(
                company=COMPANY,
                base_url=address,
                data=data,
                database_url=database_url,
                mail_from="privacy@ternwick.example",
                bounce_address="bounces@ternwick.example",
                smtp_host="127.0.0.1",
                smtp_port=catcher.port,
                mailbox=True,
                **more,
            )
            app = create_app(settings, clock)
            async with answering(app, listening):
                yield app


class _Server(uvicorn.Server):
    """Leaves Ctrl-C to the one who started it, so that everything ends in its order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def answering(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
    """Serves the application on an open socket while the block lasts."""
    config = uvicorn.Config(
        app, loop="none", http="httptools", ws="none", lifespan="on", access_log=False, log_config=None
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if task.done():
                await task
                raise CannotPlay("the portal did not start")
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


def listening_on(port: int) -> socket.socket:
    """A socket on 127.0.0.1; port 0 is a free one. Raises CannotPlay."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
    except OSError as error:
        made.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is in use; name another one with --port" if taken else f"cannot be used: {error.strerror}"
        raise CannotPlay(f"port {port} {why}") from error
    return made


def quiet_log() -> None:
    """Only what is wrong is logged: the story tells the rest."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.getLogger().setLevel(logging.WARNING)

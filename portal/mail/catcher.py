"""The demo's own mail server: it takes every mail and delivers none, each into a file of its own.

It runs in the loop of whoever starts it. Never part of a production portal.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LONGEST = 1_000_000


class Catcher:
    """Answers with `250`, but for recipients whose local part begins with a key of `replies`: they get that answer.

    A caught mail is `<folder>/<number>.eml`, the envelope in two header lines on top. A file is there whole or not at
    all.
    """

    def __init__(self, folder: Path, replies: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.replies = dict(replies or {})
        self.port = 0
        self._last = max((number for number, _ in caught(folder)), default=0)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for beginning, reply in self.replies.items():
            if address.lower().startswith(beginning):
                return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._last += 1
        top = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {', '.join(envelope.rcpt_tos)}\r\n"
        unfinished = self.folder / f".{self._last}.part"
        unfinished.write_bytes(top.encode("utf-8", "replace") + (envelope.original_content or b""))
        unfinished.replace(self.folder / f"{self._last}.eml")
        return f"250 2.0.0 OK caught as {self._last}"


@asynccontextmanager
async def catching(
    folder: Path, *, host: str = "127.0.0.1", port: int = 0, replies: Mapping[str, str] | None = None
) -> AsyncIterator[Catcher]:
    """The catcher while the block lasts; with port 0 it takes a free one, see `Catcher.port`."""
    catcher = Catcher(folder, replies)
    loop = asyncio.get_running_loop()
    sessions: set[SMTP] = set()

    def session() -> SMTP:
        made = SMTP(catcher, hostname="catcher.example", ident="portal", data_size_limit=LONGEST, loop=loop)
        sessions.add(made)
        return made

    server = await loop.create_server(session, host, port)
    catcher.port = server.sockets[0].getsockname()[1]
    try:
        yield catcher
    finally:
        server.close()
        for one in sessions:
            if one.transport is not None:
                one.transport.close()
        await server.wait_closed()


def caught(folder: Path) -> list[tuple[int, Path]]:
    """(number, file) of every caught mail, the newest first."""
    found = ((int(path.stem), path) for path in folder.glob("*.eml") if path.stem.isdecimal())
    return sorted(found, reverse=True)

"""`manage.py mail receive`: one message from a mail server's pipe."""

import sys
from typing import Annotated, BinaryIO

from cyclopts import Parameter

from portal.actions.returned import NotYet, Taken, take_in
from portal.cli import Stop
from portal.cli.surroundings import database, read_settings, reason
from portal.mail.lmtp import LARGEST
from portal.mail.returned import Envelope, Ours, read
from portal.settings import Settings
from portal.web.clock import now

TEMPFAIL = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the message and tries again
A_PIECE = 1_000_000


async def receive(
    *,
    sender: Annotated[
        str | None,
        Parameter(help="The envelope's sender; empty for the null one. Else Return-Path (Exim: return_path_add)."),
    ] = None,
    recipient: Annotated[
        list[str] | None,
        Parameter(
            help="Who took it in; may be repeated. Else X-Original-To, Delivered-To, Envelope-To (Exim, which puts no "
            "address into a command: envelope_to_add).",
            negative="",
        ),
    ] = None,
) -> None:
    """Take in one message that came back, from standard input: a bounce, a complaint, a letter.

    Without options the envelope is read from the headers Return-Path, X-Original-To, Delivered-To and Envelope-To.
    Status 75 where it cannot be recorded now, so that the mail server tries again.
    """
    try:
        content, size = _message(sys.stdin.buffer)
        taken = await _take(content, size, Envelope(sender, tuple(recipient or ())))
    except NotYet:
        raise Stop("what came back is just being recorded as sent; try again in a minute", TEMPFAIL) from None
    except Stop as stop:
        raise Stop(str(stop), TEMPFAIL) from None
    except Exception as error:  # with any other status the mail server would throw the message away
        raise Stop(f"the message cannot be recorded: {reason(error)}", TEMPFAIL) from error
    print(f"{'taken in' if taken.new else 'taken in before'} as {taken.returned.id}: {taken.returned.kind}")


async def _take(content: bytes, size: int, envelope: Envelope) -> Taken:
    settings = read_settings()
    came = read(content, envelope, ours_of(settings), size=size)
    async with database(settings):
        return await take_in(came, at=now())


def _message(pipe: BinaryIO) -> tuple[bytes, int]:
    """(the message, at most `LARGEST` bytes of it; its whole size). A pipe that is not read to its end breaks."""
    content = pipe.read(LARGEST)
    if not content:
        raise Stop("there is no message on standard input")
    size = len(content)
    while piece := pipe.read(A_PIECE):
        size += len(piece)
    return content, size


def ours_of(settings: Settings) -> Ours:
    """The portal's own addresses."""
    return Ours(sender=settings.mail_from, return_path=settings.bounce_address or settings.mail_from)

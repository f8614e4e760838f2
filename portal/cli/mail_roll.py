"""`manage.py mail roll`: who was owed a notice when a version was posted, counted again and compared."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import Parameter
from tortoise import connections

from portal.cli import Stop
from portal.cli.mail_campaign import Number, Slug, version_of
from portal.cli.surroundings import database, read_settings, reason
from portal.store.connections import READER
from portal.store.notices import Notice
from portal.store.recipient_roll import Counted, RecipientRoll, counted_roll, roll_of
from portal.web.roll import as_csv

STDOUT = Path("-")


async def roll(
    slug: Slug,
    number: Number,
    *,
    csv: Annotated[
        Path | None,
        Parameter(
            help="Write the roll there as a table; a dash: to stdout, the words to stderr.", allow_leading_hyphen=True
        ),
    ] = None,
) -> int:
    """Tell who was owed a notice when the version was posted: number and digest, and whether the rows still say so."""
    async with database(read_settings()):
        version = await version_of(slug, number)
        kept = await roll_of(version.id)
        if kept is None:
            raise Stop(f"{slug} {number} has no roll: it came with its history, or from before there were rolls")
        found = await counted_roll(connections.get(READER), version.id, kept.last_notice_id)
        later = await Notice.filter(version_id=version.id).count() - found.members
        if csv is not None:
            await _written(kept, csv)
    same = found == Counted(kept.members, kept.digest)
    said = [
        f"{slug} {number}, posted {version.posted_at:%Y-%m-%d %H:%M:%S} UTC",
        f"members on the roll: {kept.members:,}",
        f"added later: {later:,}",
        kept.digest,
        "counted again: " + ("the same" if same else f"NOT the same, {found.members:,} members, {found.digest}"),
    ]
    print("\n".join(said), file=sys.stderr if csv == STDOUT else sys.stdout)
    return int(not same)


async def _written(kept: RecipientRoll, path: Path) -> None:
    with nullcontext(sys.stdout.buffer) if path == STDOUT else _new_file(path) as file:
        async for part in as_csv(kept):
            file.write(part)
        file.flush()


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there before; half a roll would say something wrong, so it is there whole or not at all."""
    try:
        file = path.open("xb")
    except FileExistsError:
        raise Stop(f"--csv {path}: there is such a file already; it was left as it is", status=2) from None
    except OSError as error:
        raise Stop(f"--csv {path}: {reason(error)}", status=2) from None
    try:
        with file:
            yield file
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            raise Stop(f"--csv {path}: {reason(error)}") from None
        raise

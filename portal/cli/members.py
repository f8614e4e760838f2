"""`manage.py members import`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portal.actions import members
from portal.actions.actor import SYSTEM
from portal.actions.member_file import COLUMNS, ENCODINGS, BadRow
from portal.cli import Stop
from portal.cli.surroundings import database, read_settings
from portal.rules.errors import RuleBroken
from portal.web.clock import now


async def import_members(
    file: Annotated[Path, Parameter(help=f"CSV with a header; columns: {', '.join(COLUMNS)}.")],
    *,
    all_or_nothing: Annotated[bool, Parameter(help="Write nothing where one row is wrong.", negative="")] = False,
    encoding: Annotated[str | None, Parameter(help=f"One of {', '.join(ENCODINGS)}; UTF-8 if it is not said.")] = None,
) -> int:
    """Import members. New ones join the newest version; of known ones a new address, name or language is recorded.

    Each row that is left out is named with its line and the reason; the status is then 1.
    """
    try:
        content = file.read_bytes()
        async with database(read_settings()):
            done = await members.import_members(
                content, by=SYSTEM, at=now(), all_or_nothing=all_or_nothing, encoding=encoding
            )
    except OSError as error:
        raise Stop(f"{file}: {error.strerror}") from None
    except RuleBroken as refused:
        _name(file, refused.facts.get("bad", ()))
        raise Stop(f"{file}: {refused.message}") from None
    _name(file, tuple(sorted(done.bad)))
    print(f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged, {len(done.bad)} left out")
    if done.notices:
        print(f"{done.notices} notices are owed to them, of versions posted after they joined")
    return int(bool(done.bad))


def _name(file: Path, bad: object) -> None:
    for row in bad if isinstance(bad, tuple) else ():
        assert isinstance(row, BadRow)
        print(f"{file}:{row.line}: {row.reason}")

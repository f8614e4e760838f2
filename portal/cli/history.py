"""`manage.py history import`, `export` and `verify`: the archive of published versions."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portal.actions import history
from portal.actions.actor import SYSTEM
from portal.actions.archive_comparing import Difference
from portal.cli import Stop
from portal.cli.surroundings import database, read_settings
from portal.rules.errors import RuleBroken
from portal.web.clock import now


async def import_history(folder: Annotated[Path, Parameter(help="A folder with a folder for each policy.")]) -> None:
    """Load an archive into the database. Versions that are there already are skipped; nobody is told of new ones."""
    try:
        async with database(read_settings()):
            brought = await history.import_history(folder, by=SYSTEM, at=now())
    except RuleBroken as refused:
        raise Stop(_listed(refused)) from None
    for name in brought.versions:
        print(name)
    print(
        f"{len(brought.policies)} new policies, {len(brought.versions)} new versions; "
        f"{brought.skipped} versions were there already"
    )


async def export_history(folder: Annotated[Path, Parameter(help="Where to; it is made where it is missing.")]) -> int:
    """Write the archive from the database. Published files that are there and differ are left as they are: status 1."""
    try:
        async with database(read_settings()):
            swept = await history.export_history(folder)
    except OSError as error:
        raise Stop(f"{error.filename or folder}: {error.strerror}") from None
    for path in swept.written:
        print(path)
    print(f"{len(swept.written)} files written to {folder}")
    return _named(swept.differing)


async def verify_history(
    folder: Annotated[Path | None, Parameter(help="By default the archive that the portal keeps.")] = None,
) -> int:
    """Name every difference between the archive and the database; status 1 where there is one."""
    settings = read_settings()
    folder = folder or settings.archive
    async with database(settings):
        found = await history.verify(folder)
    if not found:
        print(f"{folder} and the database agree")
    return _named(found)


def _named(found: tuple[Difference, ...] | list[Difference]) -> int:
    for difference in found:
        print(difference)
    if found:
        print(f"{len(found)} differences")
    return int(bool(found))


def _listed(refused: RuleBroken) -> str:
    problems = refused.facts.get("problems", (refused.message,))
    assert isinstance(problems, tuple)
    return "nothing was loaded:\n" + "\n".join(f"  {problem}" for problem in problems)

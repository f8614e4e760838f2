"""The archive of published versions: written after the database, repaired, compared, and brought in."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.actions.actor import Actor
from portal.actions.archive_comparing import Difference, Kind, compare_file, differences, is_policy
from portal.actions.archive_files import alone, files_of, write_whole
from portal.actions.archive_folder import read_folder
from portal.actions.archive_record import PolicyHistory
from portal.actions.archive_rows import histories
from portal.actions.history_import import Brought, bring_in, conflicts
from portal.rules.errors import RuleBroken


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep has written, and what it found to be different and left as it is."""

    written: tuple[str, ...]
    differing: tuple[Difference, ...]


async def sweep(folder: Path) -> Swept:
    """Writes into the archive what the database has and the folder has not, by write-and-rename.

    A file of a version that says something else is never overwritten. `policy.toml` is: it holds the next draft's
    defaults, which may change. Raises OSError.
    """
    return await asyncio.to_thread(_sweep, folder, await histories())


async def export_history(folder: Path) -> Swept:
    """The whole archive, written into a folder of its own; what lies there already is handled as by `sweep`."""
    return await sweep(folder)


async def verify(folder: Path) -> list[Difference]:
    """Every difference between the folder and the database, by path; none where they agree."""
    return await asyncio.to_thread(differences, folder, _files(await histories()))


async def import_history(folder: Path, *, by: Actor, at: datetime) -> Brought:
    """Brings the folder's policies and versions into the database; versions that are there already are skipped.

    All is read and checked first; then each policy with its versions is one transaction. It writes no notices, so it
    refuses versions that would concern members. Raises RuleBroken: `history_refused`, with `problems`, each of which
    names its file.
    """
    reading = await asyncio.to_thread(read_folder, folder)
    problems = reading.problems or [why for history in reading.histories for why in await conflicts(history, at)]
    if problems:
        raise refused(problems)
    brought = [await bring_in(history, by=by, at=at) for history in reading.histories]
    return Brought.together(brought)


def refused(problems: list[str]) -> RuleBroken:
    return RuleBroken("history_refused", f"The archive was not brought in: {problems[0]}", problems=tuple(problems))


def _files(kept: list[PolicyHistory]) -> dict[str, bytes]:
    return {path: content for history in kept for path, content in files_of(history).items()}


def _sweep(folder: Path, kept: list[PolicyHistory]) -> Swept:
    written: list[str] = []
    differing: list[Difference] = []
    with alone(folder):
        for path, content in _files(kept).items():
            found = compare_file(folder, path, content)
            if found and (is_policy(path) or found[0].kind is Kind.MISSING):
                write_whole(folder / path, content)
                written.append(path)
            else:
                differing += found
    return Swept(tuple(written), tuple(differing))

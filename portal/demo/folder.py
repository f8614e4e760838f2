"""The demo's data folder: made anew each time, and never in the place of a folder that is not a demo's."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

MARK = "demo.txt"
WORDS = "This folder was made by `manage.py demo`. The next demo empties it.\n"


class CannotPlay(Exception):
    """Why the demo cannot be played: one line."""


@contextmanager
def fresh_folder(path: Path) -> Iterator[Path]:
    """An empty folder with the demo's mark in it, for this process alone. Raises CannotPlay."""
    mark = _marked(path)
    try:
        yield path.resolve()
    finally:
        mark.close()


def _marked(path: Path) -> TextIO:
    """Gives the open mark, which holds the lock."""
    try:
        _refuse_others(path)
        path.mkdir(parents=True, exist_ok=True)
        mark = (path / MARK).open("a+", encoding="utf-8")
        _alone(mark.fileno(), path)
        _empty(path)
        mark.truncate(0)
        mark.write(WORDS)
        mark.flush()
    except OSError as error:
        raise CannotPlay(f"the folder {path} cannot be used: {error.strerror or error}") from error
    return mark


def _refuse_others(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise CannotPlay(f"{path} is not a folder; name another one with --data")
    if not (path / MARK).is_file() and any(path.iterdir()):
        raise CannotPlay(f"the folder {path} holds something that is not a demo's; name another one with --data")
    if not os.access(path, os.W_OK | os.X_OK):
        raise CannotPlay(f"the folder {path} cannot be used: it may not be written")


def _alone(handle: int, path: Path) -> None:
    """Until the file is closed, also by the end of the process."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotPlay(f"another demo is running in {path}; end it, or name another folder with --data") from None


def _empty(path: Path) -> None:
    for entry in path.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()

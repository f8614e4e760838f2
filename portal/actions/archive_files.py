"""Writing the archive's files: each is whole or not there, also after a crash."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.actions.archive_folder import POLICY
from portal.actions.archive_record import PolicyHistory
from portal.actions.archive_toml import policy_toml, version_toml


def files_of(history: PolicyHistory) -> dict[str, bytes]:
    """Path under the archive's folder -> bytes, of everything that a policy's folder holds."""
    slug = history.policy.slug
    files = {f"{slug}/{POLICY}": policy_toml(history.policy).encode()}
    for before, version in zip([None, *history.versions], history.versions, strict=False):
        for name, text in version.texts.items():
            files[f"{slug}/{name}"] = text.encode()
        # The record last: a version whose record is there has its texts.
        files[f"{slug}/{version.stem}.toml"] = version_toml(version, before).encode()
    return files


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Makes the folder where it is missing, and lets one process at a time write into it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # and with it the lock


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file, then renames: a reader, or a crash, finds the old one or the new one. Call it `alone`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The archive's files against what the database says, every difference by its name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from portal.actions.archive_folder import OF_A_VERSION, POLICY, files_in, parsed_toml, policy_folders
from portal.rules.changes import digest


class Kind(StrEnum):
    """In which way a file differs."""

    MISSING = "missing"
    OTHER_TEXT = "other text"
    OTHER_DIGEST = "other digest"
    OTHER_RECORD = "other record"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """`path` is relative to the archive's folder, `detail` says what differs, in English."""

    path: str
    kind: Kind
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: {self.detail}" if self.detail else f"{self.path}: {self.kind}"


def differences(folder: Path, expected: Mapping[str, bytes]) -> list[Difference]:
    """Every difference between the folder and the files as they should be, by path. A record is judged by what it says,
    not by how it is written: comments and spaces are no difference."""
    found = [difference for path, content in expected.items() for difference in compare_file(folder, path, content)]
    return sorted([*found, *_unknown(folder, expected)])


def compare_file(folder: Path, path: str, expected: bytes) -> list[Difference]:
    place = folder / path
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        return [Difference(path, Kind.MISSING, "")]
    except OSError as wrong:
        return [Difference(path, Kind.UNREADABLE, wrong.strerror or str(wrong))]
    if content == expected:
        return []
    if place.suffix == ".toml":
        return _other_record(place, path, expected)
    detail = f"{digest_of(content)} instead of {digest_of(expected)}"
    return [Difference(path, Kind.OTHER_TEXT, detail)]


def _other_record(place: Path, path: str, expected: bytes) -> list[Difference]:
    try:
        found = parsed_toml(place)
    except ValueError as wrong:
        return [Difference(path, Kind.UNREADABLE, str(wrong))]
    wanted = tomllib.loads(expected.decode())
    return [
        Difference(path, Kind.OTHER_DIGEST if key in {"digest", "approved"} else Kind.OTHER_RECORD, detail)
        for key, detail in _other_values(found, wanted)
    ]


def _other_values(found: Mapping[str, object], wanted: Mapping[str, object]) -> list[tuple[str, str]]:
    """(key, what differs) of each value that is not the same; changes are looked at one by one."""
    other: list[tuple[str, str]] = []
    for key in sorted(set(found) | set(wanted)):
        here, there = found.get(key), wanted.get(key)
        if key == "changes" and isinstance(here, list) and isinstance(there, list):
            other += [(key, detail) for detail in _other_changes(here, there)]
        elif here != there:
            other.append((key, _said(key, here, there)))
    return other


def _other_changes(found: list[dict[str, object]], wanted: list[dict[str, object]]) -> list[str]:
    here, there = ({str(change.get("id")): change for change in changes} for changes in (found, wanted))
    details = [f"change {key} is missing" for key in there if key not in here]
    details += [f"change {key} is not known" for key in here if key not in there]
    for key in there:
        for name in sorted(set(here.get(key, {})) | set(there[key])) if key in here else []:
            if here[key].get(name) != there[key].get(name):
                details.append(f"change {key}: {_said(name, here[key].get(name), there[key].get(name))}")
    if not details and found != wanted:
        details.append("the changes stand in another order")
    return details


def _said(key: str, here: object, there: object) -> str:
    short = [repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}…" for value in (here, there)]
    return f"{key} is {short[0]} instead of {short[1]}"


def _unknown(folder: Path, expected: Mapping[str, bytes]) -> list[Difference]:
    """What lies in the folder and is none of ours; files at the top, a README say, and hidden ones may lie there."""
    slugs = {PurePosixPath(path).parts[0] for path in expected}
    found: list[Difference] = []
    for place in policy_folders(folder) if folder.is_dir() else []:
        if place.name not in slugs:
            found.append(Difference(place.name, Kind.UNKNOWN, "the database has no policy of that name"))
            continue
        found += [
            Difference(f"{place.name}/{path.name}", Kind.UNKNOWN, _no_part(path))
            for path in files_in(place)
            if f"{place.name}/{path.name}" not in expected
        ]
    return found


def _no_part(path: Path) -> str:
    of_a_version = OF_A_VERSION.fullmatch(path.name)
    return "the database has no such version or translation" if of_a_version else "no part of an archive"


def digest_of(content: bytes) -> str:
    return digest(content.decode(errors="surrogateescape"))


def is_policy(path: str) -> bool:
    return PurePosixPath(path).name == POLICY

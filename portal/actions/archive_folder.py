"""An archive's folder, read whole and checked before anything is made of it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.actions.archive_reading import read_policy, read_version
from portal.actions.archive_record import PolicyHistory, PolicyRecord, VersionRecord
from portal.actions.policy import SLUG
from portal.rules.changes import apply_delta, canonical, digest
from portal.rules.errors import Malformed, RuleBroken

POLICY = "policy.toml"
# 0002.md, 0002.toml, 0002.de.md; five digits from version 10,000 on
OF_A_VERSION = re.compile(r"(?P<number>\d{4,})(?:\.(?P<kind>toml)|(?:\.(?P<language>[A-Za-z0-9-]+))?\.md)")


@dataclass(slots=True)
class Reading:
    """What was found in a folder, and everything that is wrong with it, each with its file."""

    histories: list[PolicyHistory] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_folder(folder: Path) -> Reading:
    """All policies of the archive, in the order of their slugs. Files at the top and hidden ones are no part of it."""
    reading = Reading()
    if not folder.is_dir():
        reading.problems.append(f"{folder}: is no folder")
        return reading
    for place in policy_folders(folder):
        try:
            reading.histories.append(_history(place, reading.problems))
        except _Unreadable as unreadable:
            reading.problems.append(str(unreadable))
    reading.problems += _other_words(reading.histories)
    return reading


def policy_folders(folder: Path) -> list[Path]:
    return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))


def files_in(place: Path) -> list[Path]:
    """Everything in a policy's folder but hidden files."""
    return sorted(path for path in place.iterdir() if not path.name.startswith("."))


def parsed_toml(path: Path) -> dict[str, object]:
    """Raises ValueError (tomllib's and the decoder's errors are such) or OSError."""
    return tomllib.loads(path.read_bytes().decode())


class _Unreadable(Exception):
    """A file that has to be there, or to be right, before the rest can be looked at."""


def _history(place: Path, problems: list[str]) -> PolicyHistory:
    if not SLUG.fullmatch(place.name):
        raise _Unreadable(f"{place.name}: is no slug; small letters and digits, with single hyphens between")
    policy = _policy(place)
    numbers = set[int]()
    for path in files_in(place):
        match = OF_A_VERSION.fullmatch(path.name)
        if match:
            numbers.add(int(match["number"]))
        elif path.name != POLICY:
            problems.append(f"{place.name}/{path.name}: is no part of an archive")
    versions = [_version(place, number) for number in sorted(numbers)]
    for before, version in zip([None, *versions], versions, strict=False):
        problems += [f"{place.name}/{version.stem}.toml: {wrong}" for wrong in _wrong(policy, before, version)]
    return PolicyHistory(policy, tuple(versions))


def _other_words(histories: list[PolicyHistory]) -> Iterator[str]:
    """Purposes are the company's: the archive has to explain one in the same words everywhere."""
    first: dict[str, tuple[str, str, str]] = {}
    for history in histories:
        for key, purpose in history.policy.purposes.items():
            title, about, slug = first.setdefault(key, (purpose.title, purpose.about, history.policy.slug))
            if (title, about) != (purpose.title, purpose.about):
                yield f"{history.policy.slug}/{POLICY}: purposes.{key}: has other words than in {slug}/{POLICY}"


def _policy(place: Path) -> PolicyRecord:
    try:
        return read_policy(place.name, parsed_toml(place / POLICY))
    except (OSError, ValueError) as wrong:
        raise _Unreadable(f"{place.name}/{POLICY}: {_why(wrong)}") from wrong


def _version(place: Path, number: int) -> VersionRecord:
    stem = f"{number:04}"
    try:
        found = parsed_toml(place / f"{stem}.toml")
    except (OSError, ValueError) as wrong:
        raise _Unreadable(f"{place.name}/{stem}.toml: {_why(wrong)}") from wrong
    authoritative = _text(place / f"{stem}.md")
    translations = {path.name.split(".")[1]: _text(path) for path in sorted(place.glob(f"{stem}.*.md"))}
    try:
        version = read_version(found, authoritative, translations)
        _refuse_other_digests(found, version)
    except Malformed as wrong:
        raise _Unreadable(f"{place.name}/{stem}.toml: {wrong}") from wrong
    if version.number != number:
        raise _Unreadable(f"{place.name}/{stem}.toml: number: is {version.number}, unlike the file's")
    return version


def _text(path: Path) -> str:
    """The published text: the file's very bytes, which have to be in the form that is published."""
    name = f"{path.parent.name}/{path.name}"
    try:
        raw = path.read_bytes()
        text = canonical(raw)
    except OSError as wrong:
        raise _Unreadable(f"{name}: {_why(wrong)}") from wrong
    except RuleBroken as refused:
        raise _Unreadable(f"{name}: {refused.message}") from refused
    if text.encode() != raw:
        raise _Unreadable(
            f"{name}: not as texts are published: UTF-8 without BOM, lines that end with LF, the last one too"
        )
    return text


def _refuse_other_digests(found: dict[str, object], version: VersionRecord) -> None:
    """The record names the digests of the texts that lie beside it, and of all that was approved. Raises Malformed."""
    if found.get("digest") != version.digest:
        raise Malformed("digest", f"is not that of {version.stem}.md, {version.digest}")
    translations = {language: digest(text) for language, text in version.content.translations.items()}
    if found.get("translations", {}) != translations:
        raise Malformed("translations", f"are not those of the files {version.stem}.*.md")
    if found.get("approved") != version.content.digest:
        raise Malformed(
            "approved", f"is not the digest of texts, summary, classification and terms, {version.content.digest}"
        )


def _wrong(policy: PolicyRecord, before: VersionRecord | None, version: VersionRecord) -> Iterator[str]:
    """What is wrong with a version in its row."""
    if version.number != (before.number if before else 0) + 1:
        yield f"number: version {version.number - 1} is missing"
    if before is not None and version.posted_at <= before.posted_at:
        yield f"posted_at: not after that of version {before.number}"
    if version.content.language in version.content.translations:
        yield f"translations: {version.content.language} is the language of the text itself"
    if unknown := sorted(set(version.content.treatments) - set(policy.purposes)):
        yield f"purposes: {', '.join(unknown)}: not explained in {POLICY}"
    if before is not None and (why := _other_comparison(before, version)):
        yield f"comparison: {why}"


def _other_comparison(before: VersionRecord, version: VersionRecord) -> str:
    if version.comparison is None:
        return "is missing"
    ends = (version.comparison["old"]["digest"], version.comparison["new"]["digest"])
    if ends != (before.digest, version.digest):
        return "is one of other texts"
    try:
        rebuilt = apply_delta(before.content.text, version.comparison["delta"])
    except IndexError:
        rebuilt = None
    return "" if rebuilt == version.content.text else "its delta does not make the new text out of the old one"


def _why(wrong: Exception) -> str:
    if isinstance(wrong, FileNotFoundError):
        return "is missing"
    return wrong.strerror or str(wrong) if isinstance(wrong, OSError) else str(wrong)

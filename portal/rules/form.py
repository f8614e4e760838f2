"""Reads parsed JSON or TOML piece by piece. What has not the form it should have is named by its place.

A place is a path such as `versions[1].notice.zone`; the outermost value has the place "". All functions here raise
Malformed, and nothing else, whatever they are given.
"""

import json
import reprlib
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from portal.rules.errors import Malformed
from portal.rules.said import Said

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=StrEnum)

# Hostile input may be long or deeply nested: an error shows the beginning of it.
_shortly = reprlib.Repr()
_shortly.maxstring = 80


def an_object(given: object, place: str, known: Collection[str] | None = None) -> dict[str, object]:
    """The given value as an object with no keys but the known ones."""
    if not isinstance(given, dict):
        raise Malformed(place, f"an object is wanted here, not {shown(given)}")
    for key in given:
        if known is not None and key not in known:
            raise Malformed(below(place, key), f"unknown key; known are {', '.join(sorted(known))}")
    return given


def items(parent: dict[str, object], key: str, place: str, read_one: Callable[[object, str], Item]) -> tuple[Item, ...]:
    """Every item of the list under that key, read with its place; a missing list is an empty one."""
    where = below(place, key)
    return tuple(read_one(item, f"{where}[{i}]") for i, item in enumerate(a_list(parent.get(key, []), where)))


def a_list(given: object, place: str) -> list[object]:
    if not isinstance(given, list):
        raise Malformed(place, f"a list is wanted here, not {shown(given)}")
    return given


def wanted(item: dict[str, object], key: str, place: str) -> object:
    """The value of a key that has to be there."""
    if key not in item:
        raise Malformed(below(place, key), "is missing")
    return item[key]


def text(given: object, place: str) -> str:
    if not isinstance(given, str) or not given:
        raise Malformed(place, f"a text is wanted here, not {shown(given)}")
    return given


def texts(given: object, place: str) -> tuple[str, ...]:
    return tuple(text(item, f"{place}[{i}]") for i, item in enumerate(a_list(given, place)))


def number(given: object, place: str) -> int:
    """A whole number. JSON's `true` is none, though Python's True is one; nor is 2.0, which may have been 2.0000001."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise Malformed(place, f"a whole number is wanted here, not {shown(given)}")
    return given


def one_of(kind: type[Kind], given: object, place: str) -> Kind:
    if not isinstance(given, str) or given not in list(kind):
        raise Malformed(place, f"{shown(given)} is none of {', '.join(kind)}")
    return kind(given)


def known_name(given: object, known: Collection[str], place: str, kind: str) -> str:
    """The name of a member, purpose … that exists."""
    name = text(given, place)
    if name not in known:
        raise Malformed(place, f"there is no {kind} {shown(name)}")
    return name


def no_twins(ids: Collection[str], place: str) -> None:
    seen = set[str]()
    for i, name in enumerate(ids):
        if name in seen:
            raise Malformed(f"{place}[{i}].id", f"{shown(name)} stands here twice")
        seen.add(name)


def instant(given: object, place: str) -> datetime:
    """An ISO 8601 instant with an offset, as UTC to the second: fractions are dropped."""
    written = text(given, place)
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise Malformed(
            place, Said("%(given)s is no instant such as 2026-03-22T04:00:00Z", given=shown(written))
        ) from error
    if at.tzinfo is None:
        raise Malformed(
            place, Said("%(given)s has no offset; write 2026-03-22T04:00:00Z or +01:00", given=shown(written))
        )
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise Malformed(
            place, Said("%(given)s lies outside the years 1 to 9999 of UTC", given=shown(written))
        ) from error


def below(place: str, key: str) -> str:
    """The place of a key of the object at that place; a key that is no plain word is quoted, and shortened."""
    if key.isidentifier() and key.isascii() and len(key) <= 80:
        return f"{place}.{key}" if place else key
    return f"{place}[{json.dumps(key[:80])}]"


def shown(given: object) -> str:
    """The given value in an error message: short, on one line."""
    return _shortly.repr(given)

"""A well-formed scenario, and ways to put something wrong into it."""

import copy
from typing import Any

import pytest

from portal.rules.errors import Malformed
from portal.rules.scenario_file import read

WELL_FORMED: dict[str, Any] = {
    "policy": {
        "slug": "privacy",
        "notice": {"objection_days": 20, "zone": "America/New_York"},
        "purposes": {"marketing": "separable", "service": "inseparable", "ai_training": "opt_in"},
    },
    "versions": [
        {"number": 1, "posted_at": "2026-01-05T09:00:00Z", "changes": []},
        {
            "number": 2,
            "posted_at": "2026-03-01T09:00:00Z",
            "changes": [{"id": "c1", "purposes": ["marketing"]}, {"id": "c2"}],
        },
    ],
    "members": [{"id": "m1", "joined_at": "2026-01-10T00:00:00Z"}, {"id": "m2", "joined_at": "2026-01-11T00:00:00Z"}],
    "events": [
        {"at": "2026-03-02T04:30:00Z", "type": "sent", "member": "m1", "version": 2},
        {"at": "2026-03-03T04:30:00Z", "type": "bounced", "member": "m1", "version": 2, "sending": 1},
        {"at": "2026-03-05T00:00:00Z", "type": "objected", "member": "m1", "version": 2, "changes": ["c1"]},
        {"at": "2026-03-06T00:00:00Z", "type": "consented", "member": "m1", "version": 2, "purpose": "ai_training"},
        {"at": "2026-03-07T00:00:00Z", "type": "opted_out", "member": "m1", "purpose": "marketing"},
        {"at": "2026-03-08T00:00:00Z", "type": "closed", "member": "m1"},
    ],
    "questions": [
        {
            "member": "m1",
            "purpose": "marketing",
            "collected_at": "2026-03-10T00:00:00Z",
            "at": "2026-03-12T00:00:00Z",
        }
    ],
}
SENT, BOUNCED, OBJECTED, CONSENTED, OPTED_OUT, CLOSED = range(6)


def well_formed() -> dict[str, Any]:
    return copy.deepcopy(WELL_FORMED)


def with_value(value: object, *path: str | int) -> dict[str, Any]:
    """The well-formed scenario with one value put in at that path."""
    scenario = well_formed()
    inner: Any = scenario
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return scenario


def without(*path: str | int) -> dict[str, Any]:
    """The well-formed scenario without the value at that path."""
    scenario = well_formed()
    inner: Any = scenario
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return scenario


def place_of(scenario: object) -> str:
    with pytest.raises(Malformed) as refused:
        read(scenario)
    return refused.value.place


def written(path: tuple[str | int, ...]) -> str:
    """`("versions", 1, "number")` as `versions[1].number`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")

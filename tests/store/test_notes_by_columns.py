"""Notes that a killed server left in the form of before are turned into that of now, by the migration's own words."""

import importlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.store.daybook import (
    _BEGUN,
    MOST_LATELY,
    NOTHING,
    TABLE,
    NotedAccepted,
    accepted_read,
    accepted_written,
    begun_read,
    begun_written,
)

turning = importlib.import_module("portal.store.migrations.0022_notes_by_columns")

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
LEASE = "2026-03-01 10:15:00+00:00"
SENDINGS = [
    (7, 101, 201, 1, 301, "<aa@portal.example.org>", "d1", AT),
    (8, 102, 202, 2, 302, "<bb@portal.example.org>", "d2", AT + timedelta(seconds=1)),
]
ACCEPTED = [
    NotedAccepted(AT, [AT, None, AT + timedelta(days=20)], '{"last_day": "2026-03-21"}', [5, 6], [11, 12], ["ok", "ö"]),
    NotedAccepted(AT + timedelta(seconds=1), [None, None, None], None, [7], [13], [""]),
]


def stored(instant: Any) -> Any:
    return instant.isoformat(" ") if instant else None


BEGUN_BEFORE = json.dumps([[*one[:-1], stored(one[-1])] for one in SENDINGS])
ACCEPTED_BEFORE = json.dumps(
    [
        [
            stored(one.at),
            list(map(stored, one.instants)),
            one.counted,
            [*zip(one.sendings, one.notices, one.replies, strict=True)],
        ]
        for one in ACCEPTED
    ]
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((BEGUN_BEFORE, ACCEPTED_BEFORE), (begun_written(SENDINGS), accepted_written(ACCEPTED))),
        ((BEGUN_BEFORE, NOTHING), (begun_written(SENDINGS), NOTHING)),
        ((NOTHING, ACCEPTED_BEFORE), (NOTHING, accepted_written(ACCEPTED))),
        ((NOTHING, NOTHING), (NOTHING, NOTHING)),
    ],
)
def test_a_note_by_rows_becomes_the_one_by_columns(before: tuple[str, str], after: tuple[str, str]) -> None:
    database = sqlite3.connect(":memory:")
    database.execute(TABLE)
    database.execute(
        "INSERT INTO daybook (policy_id, version_id, begun, lease_until, accepted) VALUES (1, 1, ?, ?, ?)",
        (before[0], LEASE, before[1]),
    )
    for statement in turning.TURNED:
        database.execute(statement)
    [found] = database.execute("SELECT begun, accepted FROM daybook").fetchall()
    assert [json.loads(text) for text in found] == [json.loads(text) for text in after]


def test_what_is_written_is_read_again_by_who_wrote_it_and_by_who_did_not() -> None:
    begun, accepted = begun_written(SENDINGS), accepted_written(ACCEPTED)
    for _ in ("who wrote it", "somebody else"):
        assert list(begun_read(begun)) == [(*one[:-1], stored(one[-1])) for one in SENDINGS]
        assert accepted_read(accepted) == [
            one._replace(at=stored(one.at), instants=list(map(stored, one.instants))) for one in ACCEPTED
        ]
    assert list(begun_read(begun_written([]))) == accepted_read(accepted_written([])) == []


def test_no_more_is_remembered_than_the_last_notes() -> None:
    notes = [begun_written([(number, *SENDINGS[0][1:])]) for number in range(3 * MOST_LATELY)]
    assert len(_BEGUN._said) <= MOST_LATELY
    assert [next(iter(begun_read(note)))[0] for note in notes] == list(range(3 * MOST_LATELY))

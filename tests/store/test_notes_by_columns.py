"""Notes that a killed server left in the form of before are turned into that of now, by the migration's own words."""

import importlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.store.daybook import (
    _ACCEPTED,
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

by_columns = importlib.import_module("portal.store.migrations.0022_notes_by_columns")
shorter = importlib.import_module("portal.store.migrations.0024_quicker_checks")

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
LEASE = "2026-03-01 10:15:00+00:00"
SENDINGS = [
    (7, 101, 201, 1, 301, "<aa@portal.example.org>", "d1", AT),
    (8, 102, 202, 2, 302, "<bb@portal.example.org>", "d2", AT + timedelta(seconds=1)),
]
ACCEPTED = [
    NotedAccepted(AT, [AT, None, AT + timedelta(days=20)], '{"last_day": "2026-03-21"}', [5, 6], ["ok", "ö"]),
    NotedAccepted(AT + timedelta(seconds=1), [None, None, None], None, [7], [""]),
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
            [(sending, 6 + sending, said) for sending, said in zip(one.sendings, one.replies, strict=True)],
        ]
        for one in ACCEPTED
    ]
)


AS_READ = [(*one[:-1], stored(one[-1])) for one in SENDINGS]
ACCEPTED_AS_READ = [one._replace(at=stored(one.at), instants=list(map(stored, one.instants))) for one in ACCEPTED]


@pytest.mark.parametrize("begun", [BEGUN_BEFORE, NOTHING])
@pytest.mark.parametrize("accepted", [ACCEPTED_BEFORE, NOTHING])
def test_a_note_by_rows_is_read_after_the_migrations(begun: str, accepted: str) -> None:
    database = sqlite3.connect(":memory:")
    database.execute(TABLE)
    database.execute(
        "INSERT INTO daybook (policy_id, version_id, begun, lease_until, accepted) VALUES (1, 1, ?, ?, ?)",
        (begun, LEASE, accepted),
    )
    for statement in (*by_columns.TURNED, shorter.TURNED):
        database.execute(statement)
    [found] = database.execute("SELECT begun, accepted FROM daybook").fetchall()
    assert list(begun_read(found[0])) == (AS_READ if begun != NOTHING else [])
    assert accepted_read(found[1]) == (ACCEPTED_AS_READ if accepted != NOTHING else [])


def test_what_is_written_is_read_again_by_who_wrote_it_and_by_who_did_not() -> None:
    begun, accepted = begun_written(SENDINGS), accepted_written(ACCEPTED)
    for _ in ("who wrote it", "somebody else"):
        assert list(begun_read(begun)) == AS_READ
        assert accepted_read(accepted) == ACCEPTED_AS_READ
    assert list(begun_read(begun_written([]))) == accepted_read(accepted_written([])) == []


def test_what_is_the_same_for_all_is_noted_once_and_read_for_each() -> None:
    alike = [(number, 101, 200 + number, 1, 301, f"<{number}@portal.example.org>", "d", AT) for number in range(1, 51)]
    said = NotedAccepted(AT, [AT, AT, None], None, list(range(1, 51)), ["250 2.0.0 Ok"] * 50)
    note, accepted = begun_written(alike), accepted_written([said])
    assert note.count(stored(AT)) == accepted.count("2.0.0 Ok") == 1
    _BEGUN.read(note), _ACCEPTED.read(accepted)  # from here on it is somebody else's
    assert list(begun_read(note)) == [(*one[:-1], stored(AT)) for one in alike]
    assert accepted_read(accepted) == [said._replace(at=stored(AT), instants=[stored(AT), stored(AT), None])]


def test_no_more_is_remembered_than_the_last_notes() -> None:
    notes = [begun_written([(number, *SENDINGS[0][1:])]) for number in range(3 * MOST_LATELY)]
    assert len(_BEGUN._said) <= MOST_LATELY
    assert [next(iter(begun_read(note)))[0] for note in notes] == list(range(3 * MOST_LATELY))

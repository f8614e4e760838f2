"""SQLite's daybook: what a campaign begins and what comes of it, noted a group at a time and carried over later.

A group of messages that goes into all of its rows at once makes SQLite write thirty pages, on each of which a row or
two are new; the same rows written by the hundred share their pages. So a group is noted in one row, committed like
anything else before the final dots, and the notes are carried over together: by whoever writes next, first of all and
in the same transaction. No writer ever sees rows that lack something; whoever only reads may be a moment behind.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby, repeat
from operator import attrgetter, itemgetter
from secrets import randbits
from typing import Any, Generic, NamedTuple

from portal.store.procedure import Ask, Discard, Found, Procedure, Reserve, Together
from portal.store.turn_statements import SENDING, first_attempts, reached, told_accepted

ACTOR = "system"
ROWS = 100
TABLE = """
CREATE TABLE daybook (
    id INTEGER PRIMARY KEY NOT NULL,
    policy_id BIGINT NOT NULL REFERENCES policy (id) ON DELETE RESTRICT,
    version_id BIGINT NOT NULL REFERENCES version (id) ON DELETE RESTRICT,
    begun JSON NOT NULL,
    lease_until TIMESTAMP,
    accepted JSON NOT NULL,
    CONSTRAINT daybook_begun_listed CHECK (json_type(begun) = 'array'),
    CONSTRAINT daybook_begun_leased CHECK (lease_until IS NOT NULL OR begun = '[]'),
    CONSTRAINT daybook_accepted_listed CHECK (json_type(accepted) = 'array')
)
"""
TRIGGERS = (
    """
CREATE TRIGGER daybook_never_updated BEFORE UPDATE ON daybook
BEGIN SELECT RAISE(ABORT, 'a note is never altered'); END
""",
    """
CREATE TRIGGER daybook_carried_first BEFORE DELETE ON daybook
WHEN EXISTS (SELECT 1 FROM json_each(OLD.begun, '$[0]') b WHERE NOT EXISTS (
        SELECT 1 FROM sending s WHERE s.id = b.value))
    OR EXISTS (SELECT 1 FROM json_each(OLD.accepted) g, json_each(g.value, '$[3]') a WHERE NOT EXISTS (
        SELECT 1 FROM sending s WHERE s.id = a.value AND s.accepted_at IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a note goes when it was carried over'); END
""",
)
_NOTES = "SELECT id, policy_id, version_id, begun, lease_until, accepted FROM daybook ORDER BY id"
_NOTE = "INSERT INTO daybook (id, policy_id, version_id, begun, lease_until, accepted) VALUES ($1, $2, $3, $4, $5, $6)"
_FIRST = "SELECT min(id) AS id FROM daybook"
_CARRIED = "DELETE FROM daybook WHERE id <= $1"

_WHOLE = """
INSERT INTO sending (id, member_id, notice_id, number, address_id, message_id, digest, started_at, accepted_at,
    recorded_at, sequence, reply, state, attempts)
SELECT id, member_id, notice_id, number, address_id, message_id, digest, started_at, at, at, sequence, reply,
    'accepted', 1
FROM {given}
"""
_ENDED = """
UPDATE sending AS s SET state = 'accepted', accepted_at = given.at, recorded_at = given.at,
    sequence = given.sequence, reply = given.reply FROM {given} WHERE s.id = given.id
"""
_THERE = "SELECT id, notice_id, accepted_at IS NOT NULL AS accepted FROM sending WHERE id IN $1::numbers"
_SENDING, _NOTICE = (itemgetter(list(SENDING).index(name)) for name in ("id", "notice_id"))
_AT, _GROUP = attrgetter("at"), itemgetter(0)
_ANSWER = dict.fromkeys(("at", "sequence", "reply"), "")
_BETWEEN = "\n"
"""Message-IDs and digests have none, nor has an instant, nor what a server said, as it is kept."""
_SENT_NOW = """
UPDATE notice SET state = 'sending', lease_until = $2, next_attempt_at = NULL WHERE id IN $1::numbers
"""


class NotedAccepted(NamedTuple):
    """What the relays accepted at one instant: sendings, and the server's words for each. `instants`: of the window
    that opens, see `turn_statements.reached`; `counted`: how it was counted (JSON).

    Instants are in UTC, or text as SQLite stores it where it was read.
    """

    at: datetime | str
    instants: Sequence[datetime | str | None]
    counted: str | None
    sendings: Sequence[int]
    replies: Sequence[str]


Answer = tuple[NotedAccepted, str]
"""What a sending was accepted with, and the server's words."""


class Lately(Generic[Found]):
    """What notes say that this process wrote lately. Who has the same text again need not read it: what it says depends
    on nothing else."""

    def __init__(self) -> None:
        self._said: dict[str, Found] = {}

    def wrote(self, note: str, said: Found) -> str:
        if len(self._said) >= MOST_LATELY:
            self._said.clear()
        self._said[note] = said
        return note

    def read(self, note: str) -> Found | None:
        """What it says, once; None where it is to be read."""
        return self._said.pop(note, None)


@lru_cache(maxsize=64)
def _stored(instant: datetime) -> str:
    """An instant as SQLite stores it."""
    return instant.astimezone(UTC).isoformat(" ")


NOTHING = "[]"
MOST_LATELY = 128
_BEGUN: Lately[list[tuple[Any, ...]]] = Lately()
_ACCEPTED: Lately[list[NotedAccepted]] = Lately()


def begun_written(sendings: Sequence[Sequence[Any]]) -> str:
    """First sendings, as `first_attempts` takes them, as they stand in a note (JSON): a list for each of the columns
    that are numbers, and one text for each of the others."""
    if not sendings:
        return NOTHING
    *numbers, message_ids, digests, instants = zip(*sendings, strict=True)
    texts = message_ids, digests, tuple(map(_stored, instants))
    note = json.dumps([*map(_shortest, numbers), *map(_joined, texts)])
    return _BEGUN.wrote(note, list(zip(*numbers, *texts, strict=True)))


def begun_read(note: str) -> Sequence[tuple[Any, ...]]:
    """The same sendings; their instants are as SQLite stores them."""
    if note == NOTHING:
        return ()
    if (said := _BEGUN.read(note)) is not None:
        return said
    *numbers, message_ids, digests, instants = json.loads(note)
    some = len(numbers[0])
    texts = (text.split(_BETWEEN) for text in (message_ids, digests, instants))
    return list(zip(*(_whole(column, some) for column in (*numbers, *texts)), strict=True))


def accepted_written(groups: Sequence[NotedAccepted]) -> str:
    """What was accepted, as it stands in a note (JSON): what was said to all of a group in one text."""
    if not groups:
        return NOTHING
    said = [
        one._replace(at=_stored(one.at), instants=[instant and _stored(instant) for instant in one.instants])
        for one in groups
    ]
    return _ACCEPTED.wrote(json.dumps([(*one[:-1], _joined(one.replies)) for one in said]), said)


def accepted_read(note: str) -> list[NotedAccepted]:
    """The same; its instants are as SQLite stores them."""
    if (said := _ACCEPTED.read(note)) is not None:
        return said
    return [
        NotedAccepted(at, instants, counted, sendings, _whole(replies.split(_BETWEEN), len(sendings)))
        for at, instants, counted, sendings, replies in json.loads(note)
    ]


def _shortest(column: Sequence[Any]) -> Sequence[Any]:
    """What is the same for all stands there once."""
    return column[:1] if column.count(column[0]) == len(column) else column


def _joined(texts: Sequence[str]) -> str:
    return _BETWEEN.join(_shortest(texts))


def _whole(column: list[Any], some: int) -> list[Any]:
    """What `_shortest` had of so many."""
    return column * some if len(column) == 1 else column


def first() -> Procedure[int | None]:
    """The id of the oldest note: while it stays, nothing was carried over, and none has it again."""
    [row] = yield Ask(_FIRST)
    found: int | None = row["id"]
    return found


def begin_anew(of: tuple[int, int]) -> Procedure[int]:
    """Writes a first note, without anything in it, where all others are carried over; gives its id.

    Those behind it count on from there. Drawn by lot, it costs no page for a count of all ids that ever were.
    """
    drawn = randbits(62)
    yield Ask(_NOTE, (drawn, *of, NOTHING, None, NOTHING))
    return drawn


def note(
    of: tuple[int, int], begun: str = NOTHING, lease_until: datetime | None = None, *, accepted: str = NOTHING
) -> Ask:
    """A note. `of`: policy and version. `begun` with the end of its lease (UTC), and `accepted`, as they are written
    above; what was accepted had been noted as begun, and may be carried over by now."""
    return Ask(_NOTE, (None, *of, begun, lease_until, accepted))


def carried_over() -> Procedure[None]:
    """Carries all notes over into sendings, notices and events."""
    notes = yield Ask(_NOTES)
    if not notes:
        return
    by_version: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in notes:
        by_version[row["policy_id"], row["version_id"]].append(row)
    for of, rows in by_version.items():
        yield from _carried_over(of, rows)
    yield Discard(_CARRIED, (notes[-1]["id"],))


def _together(statement: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> Procedure[None]:
    """A hundred rows at a time: SQLite reads a statement of each length once, and keeps it."""
    for start in range(0, len(rows), ROWS):
        yield Together(statement, columns, rows[start : start + ROWS])


def _carried_over(of: tuple[int, int], notes: Iterable[Any]) -> Procedure[None]:
    begun: dict[int, tuple[Any, ...]] = {}
    leases: dict[str, list[int]] = defaultdict(list)
    answers: dict[int, Answer] = {}
    for row in notes:
        noted = begun_read(row["begun"])
        new = dict(zip(map(_SENDING, noted), noted, strict=True))
        begun |= new
        leases[row["lease_until"]] += new
        for group in accepted_read(row["accepted"]):
            answered = dict(zip(group.sendings, zip(repeat(group), group.replies), strict=True))
            for before in answers.keys() & answered.keys():
                del answered[before]
            answers |= answered
    notices = dict(zip(begun, map(_NOTICE, begun.values()), strict=True))
    there = yield Ask(_THERE, (list(begun.keys() | answers.keys()),))
    for row in there:  # its beginning was carried over before, and maybe all of it
        notices[row["id"]] = row["notice_id"]
        begun.pop(row["id"], None)
        if row["accepted"]:
            answers.pop(row["id"], None)
    yield from _accepted(of, begun, answers, notices)
    opened = {sending_id: begun[sending_id] for sending_id in sorted(begun.keys() - answers.keys())}
    yield first_attempts(list(opened.values()))
    for lease_until, sendings in leases.items():
        if left := [notices[one] for one in sendings if one in opened]:
            yield Ask(_SENT_NOW, (left, lease_until))


def _accepted(
    of: tuple[int, int],
    begun: Mapping[int, tuple[Any, ...]],
    answers: Mapping[int, Answer],
    notices: Mapping[int, int],
) -> Procedure[None]:
    """Whose beginning was carried over before has a row; all others get theirs as a whole."""
    if not answers:
        return
    sequences = yield Reserve("event", len(answers))
    groups, replies = zip(*answers.values(), strict=True)
    ends = list(zip(map(_AT, groups), sequences, replies, strict=True))
    whole = [begun[sending_id] + end for sending_id, end in zip(answers, ends, strict=True) if sending_id in begun]
    ended = [(sending_id, *end) for sending_id, end in zip(answers, ends, strict=True) if sending_id not in begun]
    yield from _together(_WHOLE, SENDING | _ANSWER, whole)
    yield from _together(_ENDED, {"id": ""} | _ANSWER, ended)
    yield told_accepted(list(answers), sequences[0], ACTOR, of)
    windows: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for group, some in groupby(zip(groups, map(notices.__getitem__, answers), strict=True), key=_GROUP):
        windows[(*group.instants, group.counted)] += [notice_id for _, notice_id in some]
    for (*instants, counted), reached_by in windows.items():
        yield reached(reached_by, instants, counted)

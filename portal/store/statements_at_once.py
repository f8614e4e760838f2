"""The usual turn on PostgreSQL, where one statement writes into several tables: half as many answers to wait for.

Each does what those of `turn_statements` do one after the other, under the same conditions.
"""

from collections.abc import Sequence
from datetime import datetime

from portal.store.procedure import Together
from portal.store.turn_statements import IS_USUAL, MAY_BE_SENT, NEW_SENDING, SENDING, TELL_ACCEPTED

_ACCEPT = f"""
WITH windows AS (
    SELECT * FROM json_to_recordset($4::text::json) AS w(
        place int, at timestamptz, effective_at timestamptz, opens_at timestamptz, closes_at timestamptz, counted text)
), accepted AS (
    UPDATE sending AS s SET state = 'accepted', accepted_at = w.at, recorded_at = w.at,
        sequence = nextval(pg_get_serial_sequence('event', 'id')), reply = given.reply
    FROM {{given}} JOIN windows w ON w.place = given.place
    WHERE s.id = given.id AND {IS_USUAL}
    RETURNING s.id, s.member_id, s.notice_id, s.number, s.accepted_at, s.sequence, w.place
), told AS ({TELL_ACCEPTED} FROM accepted
), reached AS (
    UPDATE notice AS n SET state = 'accepted', owner = NULL, lease_until = NULL, next_attempt_at = NULL,
        effective_at = w.effective_at, opens_at = w.opens_at, closes_at = w.closes_at, counted = w.counted::jsonb
    FROM accepted a JOIN windows w ON w.place = a.place WHERE n.id = a.notice_id
)
SELECT array_agg(id) AS ids FROM accepted
"""
_BEGIN = f"""
WITH given AS (SELECT * FROM {{given}}), begun AS (
    UPDATE notice AS n SET state = 'sending', lease_until = $2::timestamptz, next_attempt_at = NULL FROM given
    WHERE n.id = given.notice_id AND {MAY_BE_SENT}
    RETURNING n.id AS begun_id
), made AS ({NEW_SENDING} FROM given JOIN begun ON begun_id = notice_id
)
SELECT array_agg(begun_id) AS ids FROM begun
"""


def accept(answers: Sequence[tuple[int, int, str]], windows: str, actor: str, of: tuple[int, int]) -> Together:
    """Sendings that were accepted, with their events and the windows that open: id, place of the window, the server's
    words. `windows`: for each place the instant of the answer and what `turn_statements.reached` takes (JSON). `of`:
    policy and version. Gives one row: the `ids` of those that it took, or None."""
    return Together(
        _ACCEPT, {"id": "bigint", "place": "int", "reply": "text"}, answers, (actor, *of, windows), wanted=True
    )


def begin(sendings: Sequence[Sequence[object]], owner: str, at: datetime, lease_until: datetime) -> Together:
    """New sendings, as `first_attempts` takes them, of notices that this owner may send now. Gives one row: the
    `ids` of the notices that it began, or None."""
    return Together(_BEGIN, SENDING, sendings, (owner, lease_until, at), wanted=True)

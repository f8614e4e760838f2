"""The statements of the usual turn, each over all notices of a group, as steps of a procedure. Instants are in UTC."""

from collections.abc import Sequence
from datetime import datetime

from portal.store.procedure import Ask, Together

_LAST_ADDRESS = """NOT EXISTS (SELECT 1 FROM address a JOIN address later ON later.member_id = a.member_id
        WHERE a.id = {address} AND (later.received_at, later.sequence, later.id) > (a.received_at, a.sequence, a.id))"""
_NOT_CLOSED = "NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = {of}.member_id)"
NOT_HELD = "NOT EXISTS (SELECT 1 FROM campaign_hold h WHERE h.version_id = {version} AND h.lifted_at IS NULL)"
"""That the sending of a version's notices is not paused."""
_OF_NONE_HELD = NOT_HELD.format(version="n.version_id")
_NOTHING_CAME = """NOT EXISTS (SELECT 1 FROM refusal r WHERE r.member_id = {of}.member_id AND r.notice_id = {notice})
    AND NOT EXISTS (SELECT 1 FROM sight g WHERE g.member_id = {of}.member_id AND g.notice_id = {notice})"""
TRIED = "EXISTS (SELECT 1 FROM sending s WHERE s.member_id = n.member_id AND s.notice_id = n.id)"
UNTOUCHED = f"""n.effective_at IS NULL AND {_NOT_CLOSED.format(of="n")}
    AND {_NOTHING_CAME.format(of="n", notice="n.id")}"""
"""Of a notice `n`: whether it was tried; that else nothing is known beside it, but for a hold of all of its version."""

MAY_BE_SENT = f"""n.owner = $1 AND n.lease_until > $3::timestamptz
    AND n.state IN ('queued', 'deferred', 'unknown')
    AND {_LAST_ADDRESS.format(address="given.address_id")} AND {_NOT_CLOSED.format(of="n")} AND {_OF_NONE_HELD}"""
"""Of a notice `n` and the `given` address: that the owner ($1), at an instant ($3), may send it there."""
_BEGIN = f"""
UPDATE notice AS n SET state = 'sending', lease_until = $2::timestamptz, next_attempt_at = NULL FROM {{given}}
WHERE n.id = given.id AND {MAY_BE_SENT}
"""
_MAY_BEGIN = f"""
SELECT n.id FROM {{given}} CROSS JOIN notice n ON n.id = given.id
WHERE n.owner = $1 AND n.lease_until > $2::timestamptz AND n.state IN ('queued', 'deferred', 'unknown')
    AND {_LAST_ADDRESS.format(address="given.address_id")} AND NOT {TRIED} AND {_OF_NONE_HELD} AND {UNTOUCHED}
"""
_BEGUN = "SELECT id FROM notice WHERE id IN $1::numbers AND owner = $2 AND state = 'sending'"
NEW_SENDING = """
INSERT INTO sending (
    id, member_id, notice_id, number, address_id, message_id, digest, state, attempts, started_at, reply)
SELECT id, member_id, notice_id, number, address_id, message_id, digest, 'sending', 1, started_at, ''"""
_NEW_SENDING = f"{NEW_SENDING} FROM {{given}}"
SENDING = {
    "id": "bigint",
    "member_id": "bigint",
    "notice_id": "bigint",
    "number": "int",
    "address_id": "bigint",
    "message_id": "text",
    "digest": "text",
    "started_at": "timestamptz",
}
_AGAIN = """
UPDATE sending AS s SET state = 'sending', attempts = given.attempts, digest = given.digest FROM {given}
WHERE s.id = given.id
"""
IS_USUAL = f"""s.accepted_at IS NULL AND s.number = 1
    AND {_LAST_ADDRESS.format(address="s.address_id")} AND {_NOT_CLOSED.format(of="s")}
    AND EXISTS (SELECT 1 FROM notice n WHERE n.id = s.notice_id AND n.effective_at IS NULL)
    AND {_NOTHING_CAME.format(of="s", notice="s.notice_id")}"""
"""Of a sending `s` that was accepted: that it is a first one, and nothing else is known beside it."""
_ACCEPT = f"""
UPDATE sending AS s SET state = 'accepted', accepted_at = given.at, recorded_at = given.at,
    sequence = given.sequence, reply = given.reply FROM {{given}}
WHERE s.id = given.id AND {IS_USUAL}
"""
_ANSWER = {"id": "bigint", "at": "timestamptz", "sequence": "bigint", "reply": "text"}
_ACCEPTED = "SELECT id FROM sending WHERE id IN $1::numbers AND sequence IN $2::numbers"
_REACHED = """
UPDATE notice SET state = 'accepted', owner = NULL, lease_until = NULL, next_attempt_at = NULL,
    effective_at = $2::timestamptz, opens_at = $3::timestamptz, closes_at = $4::timestamptz, counted = $5::jsonb
WHERE id IN $1::numbers
"""
_EVENT = """
INSERT INTO event (id, action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
SELECT id, $1::text, $2::text, at, at, member_id, $3::bigint, $4::bigint, facts FROM {given}
"""
_TOLD = {"id": "bigint", "at": "timestamptz", "member_id": "bigint", "facts": "jsonb"}
# What an acceptance tells stands in its own row.
TELL_ACCEPTED = """
INSERT INTO event (id, action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
SELECT sequence, 'notice.accepted', $1::text, accepted_at, accepted_at, member_id, $2::bigint, $3::bigint,
    jsonb_build_object('notice', notice_id, 'sending', id, 'number', number)"""
_TOLD_ACCEPTED = f"{TELL_ACCEPTED} FROM sending WHERE id IN $4::numbers AND sequence >= $5::bigint"


def begin(notices: Sequence[tuple[int, int]], owner: str, at: datetime, lease_until: datetime) -> Together:
    """Marks notices as being sent, each to an address (row ids): those that this owner has claimed and may send now."""
    return Together(_BEGIN, {"id": "bigint", "address_id": "bigint"}, notices, (owner, lease_until, at))


def may_begin(notices: Sequence[tuple[int, int]], owner: str, at: datetime) -> Together:
    """Which of the notices, each to an address (row ids), this owner has claimed and may send now for the first time:
    nothing else is known beside them."""
    return Together(_MAY_BEGIN, {"id": "bigint", "address_id": "bigint"}, notices, (owner, at), wanted=True)


def begun(notice_ids: Sequence[int], owner: str) -> Ask:
    """Which of those notices this owner is sending."""
    return Ask(_BEGUN, (notice_ids, owner))


def first_attempts(sendings: Sequence[Sequence[object]]) -> Together:
    """New sendings: id, member, notice, number, address, Message-ID, digest, instant of the beginning."""
    return Together(_NEW_SENDING, SENDING, sendings)


def further_attempts(sendings: Sequence[tuple[int, int, str]]) -> Together:
    """Sendings that are tried again: id, number of attempts with this one, digest of the message."""
    return Together(_AGAIN, {"id": "bigint", "attempts": "int", "digest": "text"}, sendings)


def accept(answers: Sequence[tuple[int, datetime, int, str]]) -> Together:
    """Sendings that were accepted: id, instant, id of the event, the server's words. It takes first ones that nothing
    else is known beside: no bounce, no sight, no later address, no closing."""
    return Together(_ACCEPT, _ANSWER, answers)


def accepted(sending_ids: Sequence[int], sequences: Sequence[int]) -> Ask:
    """Which of those sendings were accepted under one of those ids of events."""
    return Ask(_ACCEPTED, (sending_ids, sequences))


def told_accepted(sending_ids: Sequence[int], since: int, actor: str, of: tuple[int, int]) -> Ask:
    """The events of those of the sendings that were accepted under `since` or a later id. `of`: policy and version."""
    return Ask(_TOLD_ACCEPTED, (actor, *of, sending_ids, since))


def reached(notice_ids: Sequence[int], instants: Sequence[datetime | None], counted: str | None) -> Ask:
    """Notices that have taken effect, with the instants of their windows and how those were counted (JSON)."""
    return Ask(_REACHED, (notice_ids, *instants, counted))


def told(events: Sequence[tuple[int, datetime, int, str]], action: str, actor: str, of: tuple[int, int]) -> Together:
    """Events: id, instant, member, facts (JSON). `of`: policy and version."""
    return Together(_EVENT, _TOLD, events, (action, actor, *of))

"""The usual case of `take_turns`, for many notices in a few statements: begun as their claim says, accepted at first try.

Everything else (a bounce before, a refusal, a sight, an account closed meanwhile, another address) is left to the
actions that look at one notice.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.campaign import Attempted, Begun, Campaign, OfNotice, Rendered
from portal.actions.claim import LEASE
from portal.mail.outcome import Verdict
from portal.store.bulk import listed, reserve_ids
from portal.store.notices import NoticeState, Sending, SendingState
from portal.store.statement import execute, execute_many, for_dialect

REPEATABLE = (SendingState.SENDING, SendingState.DEFERRED, SendingState.UNKNOWN)
CLAIMED = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN)

_LAST_ADDRESS = (
    "(SELECT a.id FROM address a WHERE a.member_id = {of}.member_id"
    " ORDER BY a.received_at DESC, a.sequence DESC, a.id DESC LIMIT 1)"
)
_NOT_CLOSED = "NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = {of}.member_id)"
_BEGIN = f"""
UPDATE notice SET state = 'sending', lease_until = $1::timestamptz, next_attempt_at = NULL
WHERE owner = $2 AND lease_until > $3::timestamptz AND state IN ('queued', 'deferred', 'unknown')
    AND (id, {_LAST_ADDRESS.format(of="notice")}) IN (VALUES {{pairs}}) AND {_NOT_CLOSED.format(of="notice")}
RETURNING id
"""
_NEW_SENDING = """
INSERT INTO sending (id, member_id, notice_id, number, address_id, message_id, digest, state, attempts, started_at, reply)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'sending', 1, $8, '')
"""
_AGAIN = "UPDATE sending SET state = 'sending', attempts = $2, digest = $3 WHERE id = $1"
_EVENT = """
INSERT INTO event (action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7)
"""
_EVENT_OF_ID = """
INSERT INTO event (id, action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
VALUES ($8, $1, $2, $3, $3, $4, $5, $6, $7)
"""
_USUAL = f"""
SELECT s.id FROM sending s JOIN notice n ON n.id = s.notice_id
WHERE s.id IN ({{ids}}) AND s.accepted_at IS NULL AND s.number = 1 AND n.effective_at IS NULL
    AND s.address_id = {_LAST_ADDRESS.format(of="s")} AND {_NOT_CLOSED.format(of="s")}
    AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.member_id = s.member_id AND r.notice_id = s.notice_id)
    AND NOT EXISTS (SELECT 1 FROM sight g WHERE g.member_id = s.member_id AND g.notice_id = s.notice_id)
"""
_ACCEPT = """
UPDATE sending SET state = 'accepted', accepted_at = $2, recorded_at = $2, sequence = $3, reply = $4 WHERE id = $1
"""
_REACHED = """
UPDATE notice SET state = 'accepted', owner = NULL, lease_until = NULL, next_attempt_at = NULL,
    effective_at = $1::timestamptz, opens_at = $2::timestamptz, closes_at = $3::timestamptz, counted = $4::jsonb
WHERE id IN ({ids})
"""


@dataclass(frozen=True, slots=True)
class Begin:
    """A claimed notice and its message, to be sent next."""

    notice: OfNotice
    rendered: Rendered


async def begin_many(
    connection: BaseDBAsyncClient, campaign: Campaign, begins: Sequence[Begin], at: datetime
) -> dict[int, Begun]:
    """Notice id -> its sending, for those that may be sent now."""
    if not begins:
        return {}
    pairs = ", ".join(f"({int(one.notice.id)}, {int(one.rendered.address_id)})" for one in begins)
    statement = for_dialect(connection, _BEGIN.format(pairs=pairs))
    values = [(at + LEASE).astimezone(UTC), campaign.owner, at.astimezone(UTC)]
    taken = {row["id"] for row in await connection.execute_query_dict(statement, values)}
    mine = [one for one in begins if one.notice.id in taken]
    begun = await _sendings(connection, mine, at)
    facts = [_begun_facts(one, begun[one.notice.id], at) for one in mine]
    await _tell(
        connection, campaign, "sending.begun", [(one.notice, at, said) for one, said in zip(mine, facts, strict=True)]
    )
    return begun


async def accept_many(connection: BaseDBAsyncClient, campaign: Campaign, lasts: Sequence[Attempted]) -> set[int]:
    """Records the acceptances that nothing else is known beside; gives the ids of their sendings."""
    accepted = {one.sending.id: one for one in lasts if one.outcome.verdict is Verdict.ACCEPTED}
    if not accepted:
        return set()
    rows = await connection.execute_query_dict(_USUAL.format(ids=listed(accepted)))
    usual = [accepted[row["id"]] for row in sorted(rows, key=lambda row: int(row["id"]))]
    if not usual:
        return set()
    sequences = await reserve_ids(connection, "event", len(usual))
    told = [(one.notice, one.at, {"notice": one.notice.id, "sending": one.sending.id, "number": 1}) for one in usual]
    await _tell(connection, campaign, "notice.accepted", told, sequences)
    values = [
        (one.sending.id, one.at.astimezone(UTC), sequence, one.outcome.reply)
        for one, sequence in zip(usual, sequences, strict=True)
    ]
    await execute_many(connection, _ACCEPT, values)
    reached: dict[datetime, list[int]] = defaultdict(list)
    for one in usual:
        reached[one.at].append(one.notice.id)
    for instant, notice_ids in reached.items():
        await _reach(connection, campaign, instant, notice_ids)
    return {one.sending.id for one in usual}


async def _sendings(connection: BaseDBAsyncClient, begins: Sequence[Begin], at: datetime) -> dict[int, Begun]:
    again = {one.notice.id: earlier for one in begins if (earlier := repeated(one.rendered)) is not None}
    fresh = [one for one in begins if one.notice.id not in again]
    missing = [one for one in fresh if one.rendered.reserved is None]
    spare = iter(await reserve_ids(connection, "sending", len(missing)) if missing else [])
    begun = {one.notice.id: _first(one, one.rendered.reserved or next(spare), at) for one in fresh}
    values = [_new_row(one, begun[one.notice.id]) for one in fresh]
    await execute_many(connection, _NEW_SENDING, values)
    for one in begins:
        if one.notice.id in again:
            row = again[one.notice.id]
            begun[one.notice.id] = Begun(row.id, row.number, row.attempts + 1, row.address_id, row.started_at)
            await execute(connection, _AGAIN, [row.id, row.attempts + 1, one.rendered.digest])
    return begun


def repeated(rendered: Rendered) -> Sending | None:
    """The sending that this message is another attempt of."""
    earlier = rendered.earlier
    same = earlier is not None and earlier.message_id == rendered.message_id and earlier.state in REPEATABLE
    return earlier if same else None


def may_repeat(earlier: Sending, address_id: int) -> bool:
    """Whether the next message to that address is another attempt of the sending, under its Message-ID."""
    return earlier.state in REPEATABLE and earlier.address_id == address_id


def _first(one: Begin, sending_id: int, at: datetime) -> Begun:
    earlier = one.rendered.earlier
    return Begun(sending_id, earlier.number + 1 if earlier else 1, 1, one.rendered.address_id, at)


def _new_row(one: Begin, begun: Begun) -> tuple[object, ...]:
    notice, rendered = one.notice, one.rendered
    return (
        begun.id,
        notice.member_id,
        notice.id,
        begun.number,
        begun.address_id,
        rendered.message_id,
        rendered.digest,
        begun.started_at.astimezone(UTC),
    )


def _begun_facts(one: Begin, begun: Begun, at: datetime) -> dict[str, object]:
    """`dated`: the instant in the message's header, in seconds since 1970, by which it can be made again."""
    dated = int((one.rendered.dated or at).timestamp())
    return {
        "notice": one.notice.id,
        "digest": one.rendered.digest,
        "sending": begun.id,
        "attempt": begun.attempts,
        "dated": dated,
    }


async def _tell(
    connection: BaseDBAsyncClient,
    campaign: Campaign,
    action: str,
    told: Sequence[tuple[OfNotice, datetime, dict[str, object]]],
    ids: Sequence[int] = (),
) -> None:
    """Events like those of `campaign.tell`; `ids` where they have to have certain ones."""
    rows: list[tuple[object, ...]] = [
        (action, str(SYSTEM), at.astimezone(UTC), n.member_id, campaign.policy_id, n.version_id, json.dumps(facts))
        for n, at, facts in told
    ]
    if ids:
        rows = [(*row, number) for row, number in zip(rows, ids, strict=True)]
    await execute_many(connection, _EVENT_OF_ID if ids else _EVENT, rows)


async def _reach(connection: BaseDBAsyncClient, campaign: Campaign, at: datetime, notice_ids: Sequence[int]) -> None:
    found, counted = campaign.window_of(at)
    instants = [one.astimezone(UTC) if one else None for one in (found.effective_at, found.opens_at, found.closes_at)]
    values = [*instants, json.dumps(counted) if counted is not None else None]
    await execute(connection, _REACHED.format(ids=listed(notice_ids)), values)

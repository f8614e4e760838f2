"""The usual case of `take_turns`, for many notices in a few statements: begun as claimed, accepted at the first try.

Everything else (a bounce before, a refusal, a sight, an account closed meanwhile, another address) is left to the
actions that look at one notice.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from portal.actions.actor import SYSTEM
from portal.actions.campaign import Attempted, Begun, Campaign, OfNotice, Rendered
from portal.actions.claim import LEASE
from portal.mail.outcome import Outcome, Verdict
from portal.store.notices import NoticeState, Sending, SendingState
from portal.store.procedure import Ask, Each, LockMembers, Procedure, Reserve, Together

REPEATABLE = (SendingState.SENDING, SendingState.DEFERRED, SendingState.UNKNOWN)
CLAIMED = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN)

_ACTOR = str(SYSTEM)
_LAST_ADDRESS = """NOT EXISTS (SELECT 1 FROM address a JOIN address later ON later.member_id = a.member_id
        WHERE a.id = {address} AND (later.received_at, later.sequence, later.id) > (a.received_at, a.sequence, a.id))"""
_NOT_CLOSED = "NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = {of}.member_id)"
_BEGIN = f"""
UPDATE notice AS n SET state = 'sending', lease_until = $2::timestamptz, next_attempt_at = NULL FROM {{given}}
WHERE n.id = given.id AND n.owner = $1 AND n.lease_until > $3::timestamptz
    AND n.state IN ('queued', 'deferred', 'unknown')
    AND {_LAST_ADDRESS.format(address="given.address_id")} AND {_NOT_CLOSED.format(of="n")}
    AND NOT EXISTS (SELECT 1 FROM campaign_hold h WHERE h.version_id = n.version_id AND h.lifted_at IS NULL)
"""
_BEGINNING = {"id": "bigint", "address_id": "bigint"}
_BEGUN = "SELECT id FROM notice WHERE id IN $1::numbers AND owner = $2 AND state = 'sending'"
_NEW_SENDING = """
INSERT INTO sending (
    id, member_id, notice_id, number, address_id, message_id, digest, state, attempts, started_at, reply)
SELECT id, member_id, notice_id, number, address_id, message_id, digest, 'sending', 1, started_at, '' FROM {given}
"""
_SENDING = {
    "id": "bigint",
    "member_id": "bigint",
    "notice_id": "bigint",
    "number": "int",
    "address_id": "bigint",
    "message_id": "text",
    "digest": "text",
    "started_at": "timestamptz",
}
_AGAIN = "UPDATE sending SET state = 'sending', attempts = $2, digest = $3 WHERE id = $1"
_EVENT = """
INSERT INTO event (id, action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
SELECT id, $1::text, $2::text, at, at, member_id, $3::bigint, $4::bigint, facts FROM {given}
"""
_TOLD = {"id": "bigint", "at": "timestamptz", "member_id": "bigint", "facts": "jsonb"}
_ACCEPT = f"""
UPDATE sending AS s SET state = 'accepted', accepted_at = given.at, recorded_at = given.at,
    sequence = given.sequence, reply = given.reply FROM {{given}}
WHERE s.id = given.id AND s.accepted_at IS NULL AND s.number = 1
    AND {_LAST_ADDRESS.format(address="s.address_id")} AND {_NOT_CLOSED.format(of="s")}
    AND EXISTS (SELECT 1 FROM notice n WHERE n.id = s.notice_id AND n.effective_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.member_id = s.member_id AND r.notice_id = s.notice_id)
    AND NOT EXISTS (SELECT 1 FROM sight g WHERE g.member_id = s.member_id AND g.notice_id = s.notice_id)
"""
_ANSWER = {"id": "bigint", "at": "timestamptz", "sequence": "bigint", "reply": "text"}
_REACHED = """
UPDATE notice SET state = 'accepted', owner = NULL, lease_until = NULL, next_attempt_at = NULL,
    effective_at = $2::timestamptz, opens_at = $3::timestamptz, closes_at = $4::timestamptz, counted = $5::jsonb
WHERE id IN $1::numbers
"""
_ACCEPTED_BY = "SELECT id FROM sending WHERE id IN $1::numbers AND sequence IN $2::numbers"
_ACCEPTED = '{"notice": %d, "sending": %d, "number": 1}'


class Begin(NamedTuple):
    """A claimed notice and its message, to be sent next."""

    notice: OfNotice
    rendered: Rendered


class Turn(NamedTuple):
    """What one connection has to say: what became of its last message, and which one is next.

    `refused`: what the next one has come to already, because the relay does not want its text.
    """

    last: Attempted | None = None
    next: Begin | None = None
    refused: Outcome | None = None


class Taken(NamedTuple):
    """What of some turns is on record: ids of the sendings whose outcome is, and notice id -> the sending begun.

    Nothing is begun of what must not be sent: the claim was lost, the campaign is held, the account was closed, or
    another address was given since the message was made. Its claim is given up.
    """

    recorded: set[int]
    begun: dict[int, Begun]

    def whole(self, turn: Turn) -> bool:
        told = turn.last is None or turn.last.sending.id in self.recorded
        return told and (turn.next is None or turn.next.notice.id in self.begun)

    def next_of(self, turn: Turn) -> Begun | None:
        """What may be written on the turn's connection now."""
        return self.begun.get(turn.next.notice.id) if turn.next is not None else None


def usual_turns(campaign: Campaign, turns: Sequence[Turn], at: datetime) -> Procedure[Taken]:
    """Records the usual outcomes, and begins what comes next on those connections; the rest it leaves.

    Where an outcome is not usual, nothing is begun on its connection either: the two belong together.
    """
    lasts = [turn.last for turn in turns if turn.last is not None]
    nexts = [turn.next for turn in turns if turn.next is not None]
    yield LockMembers([one.notice.member_id for one in lasts] + [one.notice.member_id for one in nexts])
    accepted = yield from accept_many(campaign, lasts)
    later = {turn.next.notice.id for turn in turns if turn.next and turn.last and turn.last.sending.id not in accepted}
    nexts = [one for one in nexts if one.notice.id not in later]
    return Taken(accepted, (yield from begin_many(campaign, nexts, at)))


def begin_many(campaign: Campaign, begins: Sequence[Begin], at: datetime) -> Procedure[dict[int, Begun]]:
    """Notice id -> its sending, for those that may be sent now."""
    if not begins:
        return {}
    now, lease_until = at.astimezone(UTC), (at + LEASE).astimezone(UTC)
    rows = [(one.notice.id, one.rendered.address_id) for one in begins]
    [told] = yield Together(_BEGIN, _BEGINNING, rows, (campaign.owner, lease_until, now))
    mine = list(begins)
    if told["changed"] < len(mine):
        found = yield Ask(_BEGUN, ([one.notice.id for one in begins], campaign.owner))
        taken = {row["id"] for row in found}
        mine = [one for one in begins if one.notice.id in taken]
    again = [one for one in mine if repeated(one.rendered) is not None]
    fresh = [one for one in mine if repeated(one.rendered) is None]
    tried = yield from _begin_again(campaign, again, at)
    spare = iter((yield Reserve("sending", sum(one.rendered.reserved is None for one in fresh))))
    first = {one.notice.id: _first(one, one.rendered.reserved or next(spare), at) for one in fresh}
    yield Together(_NEW_SENDING, _SENDING, [_new_row(one, first[one.notice.id]) for one in fresh])
    return first | tried


def accept_many(campaign: Campaign, lasts: Sequence[Attempted]) -> Procedure[set[int]]:
    """Records the acceptances that nothing else is known beside; gives the ids of their sendings."""
    accepted = [one for one in lasts if one.outcome.verdict is Verdict.ACCEPTED]
    if not accepted:
        return set()
    sequences = yield Reserve("event", len(accepted))
    rows = [
        (one.sending.id, one.at.astimezone(UTC), sequence, one.outcome.reply)
        for one, sequence in zip(accepted, sequences, strict=True)
    ]
    [told] = yield Together(_ACCEPT, _ANSWER, rows)
    if told["changed"] < len(accepted):
        found = yield Ask(_ACCEPTED_BY, ([one.sending.id for one in accepted], list(sequences)))
        usual = {row["id"] for row in found}
        kept = [place for place, one in enumerate(accepted) if one.sending.id in usual]
        accepted, sequences = [accepted[place] for place in kept], [sequences[place] for place in kept]
    facts = [_ACCEPTED % (one.notice.id, one.sending.id) for one in accepted]
    told_of = [(one.notice, one.at) for one in accepted]
    yield from _tell_all(campaign, "notice.accepted", told_of, sequences, facts)
    reached: dict[datetime, list[int]] = defaultdict(list)
    for one in accepted:
        reached[one.at].append(one.notice.id)
    for instant, notice_ids in reached.items():
        yield Ask(_REACHED, _reached(campaign, instant, notice_ids))
    return {one.sending.id for one in accepted}


def repeated(rendered: Rendered) -> Sending | None:
    """The sending that this message is another attempt of."""
    earlier = rendered.earlier
    same = earlier is not None and earlier.message_id == rendered.message_id and earlier.state in REPEATABLE
    return earlier if same else None


def may_repeat(earlier: Sending, address_id: int) -> bool:
    """Whether the next message to that address is another attempt of the sending, under its Message-ID."""
    return earlier.state in REPEATABLE and earlier.address_id == address_id


def _begin_again(campaign: Campaign, begins: Sequence[Begin], at: datetime) -> Procedure[dict[int, Begun]]:
    """Another attempt goes on the row of its sending: what the row said of the one before is kept in an event."""
    rows = [(one, earlier) for one in begins if (earlier := repeated(one.rendered)) is not None]
    yield Each(_AGAIN, [(row.id, row.attempts + 1, one.rendered.digest) for one, row in rows])
    numbers = yield Reserve("event", len(rows))
    facts = [json.dumps(_attempt_facts(one, row, at)) for one, row in rows]
    yield from _tell_all(campaign, "sending.begun", [(one.notice, at) for one, _row in rows], numbers, facts)
    return {
        one.notice.id: Begun(row.id, row.number, row.attempts + 1, row.address_id, row.started_at) for one, row in rows
    }


def _first(one: Begin, sending_id: int, at: datetime) -> Begun:
    earlier = one.rendered.earlier
    number = earlier.number + 1 if earlier else 1
    return Begun(sending_id, number, 1, one.rendered.address_id, one.rendered.dated or at)


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


def _attempt_facts(one: Begin, row: Sending, at: datetime) -> dict[str, object]:
    """`dated`: the instant in the message's header, in seconds since 1970, by which it can be made again."""
    dated = int((one.rendered.dated or at).timestamp())
    return {
        "notice": one.notice.id,
        "digest": one.rendered.digest,
        "digest_before": row.digest,
        "sending": row.id,
        "attempt": row.attempts + 1,
        "dated": dated,
    }


def _tell_all(
    campaign: Campaign, action: str, of: Sequence[tuple[OfNotice, datetime]], numbers: Sequence[int], facts: list[str]
) -> Procedure[None]:
    """Events as `campaign.tell` writes them, under ids that were reserved for them; `facts` are JSON."""
    if not of:
        return
    rows = [
        (number, at.astimezone(UTC), notice.member_id, fact)
        for number, (notice, at), fact in zip(numbers, of, facts, strict=True)
    ]
    yield Together(_EVENT, _TOLD, rows, (action, _ACTOR, campaign.policy_id, of[0][0].version_id))


def _reached(campaign: Campaign, at: datetime, notice_ids: list[int]) -> list[object]:
    found, counted = campaign.window_of(at)
    instants = [one.astimezone(UTC) if one else None for one in (found.effective_at, found.opens_at, found.closes_at)]
    return [notice_ids, *instants, json.dumps(counted) if counted is not None else None]

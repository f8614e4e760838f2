"""The usual case of `take_turns`, for many notices in a few statements: begun as claimed, accepted at the first try.

Everything else (a bounce before, a refusal, a sight, an account closed meanwhile, another address) is left to the
actions that look at one notice.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from portal.actions.actor import SYSTEM
from portal.actions.campaign import Attempted, Begun, Campaign, OfNotice
from portal.actions.claim import LEASE
from portal.mail.outcome import Outcome, Verdict
from portal.rules.columns import rows_of
from portal.store import turn_statements as statements
from portal.store.notices import NoticeState, Sending, SendingState
from portal.store.owed_batch import Asked
from portal.store.procedure import LockMembers, Procedure, Reserve

REPEATABLE = (SendingState.SENDING, SendingState.DEFERRED, SendingState.UNKNOWN)
CLAIMED = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN)

_ACTOR = str(SYSTEM)
_ID, _REPLY = itemgetter(Begun._fields.index("id")), itemgetter(Outcome._fields.index("reply"))


class Begin(NamedTuple):
    """A claimed notice whose message is about to be sent: to which address row, under which Message-ID, the digest of
    its bytes.

    `earlier` is the notice's last sending. An attempt goes on it where it has the same Message-ID. `reserved`: the id
    of the sending's row, where a new one has to have a certain one. `dated`: the instant (UTC) in the message's header.
    `asked`: what was known of the notice when it was claimed.
    """

    notice: OfNotice
    address_id: int
    message_id: str
    digest: str
    earlier: Sending | None = None
    reserved: int | None = None
    dated: datetime | None = None
    asked: Asked | None = None


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

    `whole`: what was begun, in the order of the turns that were to be taken, where all of them is on record.
    """

    recorded: set[int]
    begun: dict[int, Begun]
    whole: Sequence[Begun] | None = None

    def of(self, turns: Sequence[Turn]) -> Iterator[tuple[bool, Begun | None]]:
        """Of each turn, those that were to be taken and maybe others: whether all of it is on record, and what may be
        written on its connection now."""
        if self.whole is not None and len(self.whole) == len(turns):  # no others, and each has a next message
            yield from zip([True] * len(turns), self.whole, strict=True)
            return
        recorded, begun = self.recorded, self.begun
        for last, following, _refused in turns:
            now = begun.get(following.notice.id) if following is not None else None
            told = last is None or last.sending.id in recorded
            yield told and (following is None or now is not None), now

    def left_of(self, turns: Sequence[Turn]) -> list[Turn]:
        """Those of the turns of which not all is on record."""
        return [turn for turn, (whole, _begun) in zip(turns, self.of(turns), strict=True) if not whole]


class Steps(NamedTuple):
    """How acceptances are recorded and sendings begun: `accept_many` and `begin_many`, or what does the same."""

    accept: Callable[[Campaign, Sequence[Attempted]], Procedure[set[int]]]
    begin: Callable[[Campaign, Sequence[Begin], datetime], Procedure[dict[int, Begun]]]


def usual_turns(campaign: Campaign, turns: Sequence[Turn], at: datetime, by: Steps) -> Procedure[Taken]:
    """Records the usual outcomes, and begins what comes next on those connections; the rest it leaves.

    Where an outcome is not usual, nothing is begun on its connection either: the two belong together.
    """
    lasts = [turn.last for turn in turns if turn.last is not None]
    nexts = [turn.next for turn in turns if turn.next is not None]
    yield LockMembers([one.notice.member_id for one in lasts] + [one.notice.member_id for one in nexts])
    accepted = yield from by.accept(campaign, lasts)
    later = {turn.next.notice.id for turn in turns if turn.next and turn.last and turn.last.sending.id not in accepted}
    nexts = [one for one in nexts if one.notice.id not in later]
    begun = yield from by.begin(campaign, nexts, at)
    is_whole = len(accepted) == len(lasts) and len(begun) == len(nexts)
    return Taken(accepted, begun, [begun[one.notice.id] for one in nexts] if is_whole else None)


def begin_many(campaign: Campaign, begins: Sequence[Begin], at: datetime) -> Procedure[dict[int, Begun]]:
    """Notice id -> its sending, for those that may be sent now."""
    if not begins:
        return {}
    now, lease_until = at.astimezone(UTC), (at + LEASE).astimezone(UTC)
    rows = [(one.notice.id, one.address_id) for one in begins]
    [done] = yield statements.begin(rows, campaign.owner, now, lease_until)
    mine = list(begins)
    if done["changed"] < len(mine):
        found = yield statements.begun([one.notice.id for one in begins], campaign.owner)
        taken = {row["id"] for row in found}
        mine = [one for one in begins if one.notice.id in taken]
    again = [one for one in mine if repeated(one) is not None]
    fresh = [one for one in mine if repeated(one) is None] if again else mine
    tried = yield from _begin_again(campaign, again, at)
    spare = iter((yield Reserve("sending", sum(one.reserved is None for one in fresh))))
    first = first_sendings(fresh, [one.reserved or next(spare) for one in fresh], at)
    yield statements.first_attempts(new_rows(fresh, first))
    return tried | {one.notice.id: begun for one, begun in zip(fresh, first, strict=True)}


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
    [done] = yield statements.accept(rows)
    if done["changed"] < len(accepted):
        found = yield statements.accepted([one.sending.id for one in accepted], list(sequences))
        usual = {row["id"] for row in found}
        accepted = [one for one in accepted if one.sending.id in usual]
    if not accepted:
        return set()
    about = campaign.policy_id, accepted[0].notice.version_id
    yield statements.told_accepted([one.sending.id for one in accepted], sequences[0], _ACTOR, about)
    reached: dict[datetime, list[int]] = defaultdict(list)
    for one in accepted:
        reached[one.at].append(one.notice.id)
    for instant, notice_ids in reached.items():
        yield statements.reached(notice_ids, *window_columns(campaign, instant))
    return {one.sending.id for one in accepted}


def are_first(begins: Sequence[Begin]) -> bool:
    """Whether all are first attempts, each with an id for its sending. There has to be one."""
    _notices, _addresses, _message_ids, _digests, earlier, reserved, _dated, _asked = zip(*begins, strict=True)
    return not any(earlier) and None not in reserved


def answers_of(lasts: Sequence[Attempted]) -> tuple[list[int], list[str], Sequence[datetime]]:
    """Ids of the sendings, the servers' words, and the instants; there has to be one."""
    _notices, begun, outcomes, instants = zip(*lasts, strict=True)
    return list(map(_ID, begun)), list(map(_REPLY, outcomes)), instants


def repeated(one: Begin) -> Sending | None:
    """The sending that this message is another attempt of."""
    earlier = one.earlier
    same = earlier is not None and earlier.message_id == one.message_id and earlier.state in REPEATABLE
    return earlier if same else None


def may_repeat(earlier: Sending, address_id: int) -> bool:
    """Whether the next message to that address is another attempt of the sending, under its Message-ID."""
    return earlier.state in REPEATABLE and earlier.address_id == address_id


def _begin_again(campaign: Campaign, begins: Sequence[Begin], at: datetime) -> Procedure[dict[int, Begun]]:
    """Another attempt goes on the row of its sending: what the row said of the one before is kept in an event."""
    rows = [(one, earlier) for one in begins if (earlier := repeated(one)) is not None]
    yield statements.further_attempts([(row.id, row.attempts + 1, one.digest) for one, row in rows])
    numbers = yield Reserve("event", len(rows))
    told = [
        (number, at.astimezone(UTC), one.notice.member_id, json.dumps(_attempt_facts(one, row, at)))
        for number, (one, row) in zip(numbers, rows, strict=True)
    ]
    if told:
        about = campaign.policy_id, rows[0][0].notice.version_id
        yield statements.told(told, "sending.begun", _ACTOR, about)
    return {
        one.notice.id: Begun(row.id, row.number, row.attempts + 1, row.address_id, row.started_at) for one, row in rows
    }


def first_sendings(begins: Sequence[Begin], ids: Sequence[int], at: datetime, period: int = 0) -> list[Begun]:
    """The first attempts of sendings, with their rows' ids to be; `period` where they are noted."""
    if not begins:
        return []
    _notices, addresses, _message_ids, _digests, earlier, _reserved, dated, _asked = zip(*begins, strict=True)
    numbers = [before.number + 1 if before else 1 for before in earlier]
    instants = [instant or at for instant in dated]
    some = len(begins)
    return rows_of(Begun, ids, numbers, [1] * some, addresses, instants, [period] * some)


def new_rows(begins: Sequence[Begin], begun: Sequence[Begun]) -> list[tuple[object, ...]]:
    """As `first_attempts` takes them."""
    if not begins:
        return []
    notices, addresses, message_ids, digests, *_ = zip(*begins, strict=True)
    ids, numbers, _attempts, _addresses, instants, _periods = zip(*begun, strict=True)
    members, notice_ids = [one.member_id for one in notices], [one.id for one in notices]
    started = map(_in_utc, instants)
    return list(zip(ids, members, notice_ids, numbers, addresses, message_ids, digests, started, strict=True))


@lru_cache(maxsize=64)
def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _attempt_facts(one: Begin, row: Sending, at: datetime) -> dict[str, object]:
    """`dated`: the instant in the message's header, in seconds since 1970, by which it can be made again."""
    dated = int((one.dated or at).timestamp())
    return {
        "notice": one.notice.id,
        "digest": one.digest,
        "digest_before": row.digest,
        "sending": row.id,
        "attempt": row.attempts + 1,
        "dated": dated,
    }


def window_columns(campaign: Campaign, at: datetime) -> tuple[list[datetime | None], str | None]:
    """The instants (UTC) of the window that opens with an acceptance, and how it was counted (JSON)."""
    found, counted = campaign.window_of(at)
    instants = [one.astimezone(UTC) if one else None for one in (found.effective_at, found.opens_at, found.closes_at)]
    return instants, json.dumps(counted) if counted is not None else None

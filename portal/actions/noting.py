"""Turns that SQLite's daybook takes: first sendings, begun as claimed and accepted at the first try, many at once."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain, compress
from operator import itemgetter
from time import monotonic
from typing import Generic, NamedTuple

from portal.actions.campaign import Attempted, Campaign
from portal.actions.claim import LEASE
from portal.actions.sending_many import (
    Begin,
    Taken,
    Turn,
    accept_many,
    answers_of,
    are_first,
    first_sendings,
    new_rows,
    window_columns,
)
from portal.store import daybook
from portal.store import turn_statements as statements
from portal.store.alone import note_alone
from portal.store.daybook import NotedAccepted
from portal.store.owed_batch import Asked, Claimed
from portal.store.procedure import Found, Procedure

LEAST = 5
"""What fewer connections have to say goes into its rows at once."""

_LAST, _NEXT = itemgetter(Turn._fields.index("last")), itemgetter(Turn._fields.index("next"))
_NOTICE = itemgetter(list(statements.SENDING).index("notice_id"))

MOST, CARRIED_AFTER = 500, 0.25
"""So many messages are noted before they are carried over, or for so many seconds."""


class Noted(NamedTuple, Generic[Found]):
    """What a transaction that noted something found, and leaves in the daybook: `first`, its oldest note, and which
    notices were `begun`. `carried`: all that was noted before was carried over."""

    found: Found
    first: int
    period: int
    carried: bool
    begun: Iterable[int] = ()


class _Note(NamedTuple):
    """What is noted of a group, in which period, and what that comes to."""

    period: int
    begun: str
    accepted: str
    taken: Taken


class Noting:
    """What one sender knows of the notes in the daybook.

    Whoever writes anything else carries all notes over first. So while the oldest note is still the same, or gone
    because this sender carried it over, nobody else has written anything: given another address, closed an account,
    held the campaign. That is one *period*. What was asked in it when notices were claimed need not be asked again when
    a message is begun, nor when it was accepted.
    """

    def __init__(self, of: tuple[int, int]) -> None:
        """`of`: policy and version of the campaign."""
        self._of = of
        self._first: int | None = None
        self._period = 0
        self._begun: set[int] = set()
        self._since = 0.0
        self.behind = False
        """Whether something was noted that may not be carried over yet."""

    @property
    def is_due(self) -> bool:
        """Whether what was noted is to be carried over."""
        return len(self._begun) >= MOST or monotonic() - self._since > CARRIED_AFTER

    async def carry_over(self) -> None:
        """Carries over what was noted."""
        self._keep(await note_alone(self._carried(), carrying=True))

    async def claim(self, claiming: Procedure[Claimed]) -> Claimed:
        """Claims notices, which also carries over what was noted."""
        noted = self._keep(await note_alone(self._claimed(claiming), carrying=True))
        return noted.found._replace(asked=Asked(noted.period, noted.found.until))

    def is_for(self, turns: Sequence[Turn]) -> bool:
        """Whether the turns begin first sendings, and enough of them."""
        begins = _begins(turns)
        return len(begins) >= LEAST and are_first(begins)

    async def take(self, campaign: Campaign, turns: Sequence[Turn], at: datetime) -> Taken:
        """The same as `usual_turns`, noted; `is_for` them."""
        foreseen = self._foreseen(campaign, turns, at)
        taken = note_alone(self._taken(campaign, turns, foreseen, at), carrying=self.is_due)
        return self._keep(await taken).found

    def _keep(self, noted: Noted[Found]) -> Noted[Found]:
        """Now that it is committed."""
        if noted.carried or noted.period != self._period:
            self._begun.clear()
            self._since = monotonic()
        self._first, self._period = noted.first, noted.period
        self._begun.update(noted.begun)
        self.behind = bool(noted.begun) or not noted.carried
        return noted

    def _foreseen(self, campaign: Campaign, turns: Sequence[Turn], at: datetime) -> _Note | None:
        """What will be noted if the period goes on and nothing has to be asked: made where all of it is at hand."""
        lasts, begins = _lasts(turns), _begins(turns)
        if _new_to(self._period, lasts) or self._to_ask(begins, self._period, at):
            return None
        return _note(campaign, lasts, begins, self._period, at)

    def _carried(self) -> Procedure[Noted[None]]:
        period, _first = yield from self._opened()
        yield from daybook.carried_over()
        first = yield from daybook.begin_anew(self._of)
        return Noted(None, first, period, carried=True)

    def _claimed(self, claiming: Procedure[Claimed]) -> Procedure[Noted[Claimed]]:
        before = yield from self._carried()
        found = yield from claiming
        return Noted(found, before.first, before.period, carried=True)

    def _taken(
        self, campaign: Campaign, turns: Sequence[Turn], foreseen: _Note | None, at: datetime
    ) -> Procedure[Noted[Taken]]:
        period, first = yield from self._opened()
        note = foreseen
        if note is None or note.period != period:
            note = yield from self._looked_at(campaign, turns, period, at)
        is_due = self.is_due
        if is_due:
            yield daybook.note(self._of, accepted=note.accepted)
            yield from daybook.carried_over()
            note = note._replace(accepted=daybook.NOTHING)
        if is_due or first is None:
            first = yield from daybook.begin_anew(self._of)
        yield daybook.note(self._of, note.begun, (at + LEASE).astimezone(UTC), accepted=note.accepted)
        return Noted(note.taken, first, period, carried=is_due, begun=note.taken.begun)

    def _opened(self) -> Procedure[tuple[int, int | None]]:
        """The period that it is now, and the oldest note."""
        first = yield from daybook.first()
        return self._period + (first is None or first != self._first), first

    def _looked_at(self, campaign: Campaign, turns: Sequence[Turn], period: int, at: datetime) -> Procedure[_Note]:
        """What is to be noted where somebody else has written meanwhile: all is asked again."""
        lasts = _lasts(turns)
        known = [one for one in lasts if one.sending.period == period]
        recorded = yield from accept_many(campaign, _new_to(period, lasts))
        recorded |= {one.sending.id for one in known}
        ready = [turn for turn in turns if turn.last is None or turn.last.sending.id in recorded]
        begins = yield from self._may_begin(campaign, _begins(ready), period, at)
        note = _note(campaign, known, begins, period, at)
        return note._replace(taken=Taken(recorded, note.taken.begun))

    def _may_begin(
        self, campaign: Campaign, begins: Sequence[Begin], period: int, at: datetime
    ) -> Procedure[list[Begin]]:
        mine = [one for one in begins if one.notice.id not in self._begun]
        to_ask = self._to_ask(mine, period, at)
        rows = [(one.notice.id, one.address_id) for one in to_ask]
        found = yield statements.may_begin(rows, campaign.owner, at.astimezone(UTC))
        refused = {one.notice.id for one in to_ask} - {row["id"] for row in found}
        return [one for one in mine if one.notice.id not in refused]

    def _to_ask(self, begins: Sequence[Begin], period: int, at: datetime) -> list[Begin]:
        """Those of which more may be known by now than when they were claimed, or whose claim is over."""
        unknown = {
            asked
            for asked in {one.asked for one in begins}
            if asked is None or asked.period != period or asked.until <= at
        }
        if not unknown and self._begun.isdisjoint([one.notice.id for one in begins]):
            return []
        return [one for one in begins if one.asked in unknown or one.notice.id in self._begun]


def _lasts(turns: Sequence[Turn]) -> list[Attempted]:
    return list(filter(None, map(_LAST, turns)))


def _begins(turns: Sequence[Turn]) -> list[Begin]:
    return list(filter(None, map(_NEXT, turns)))


def _new_to(period: int, lasts: Sequence[Attempted]) -> list[Attempted]:
    """Those that were begun before somebody else wrote, or not noted at all."""
    return [one for one in lasts if one.sending.period != period]


def _note(campaign: Campaign, lasts: Sequence[Attempted], begins: Sequence[Begin], period: int, at: datetime) -> _Note:
    begun = first_sendings(begins, [one.reserved or 0 for one in begins], at, period)
    rows = new_rows(begins, begun)
    groups = _accepted(campaign, lasts)
    recorded = set(chain.from_iterable(group.sendings for group in groups))
    taken = Taken(recorded, dict(zip(map(_NOTICE, rows), begun, strict=True)), begun)
    return _Note(period, daybook.begun_written(rows), daybook.accepted_written(groups), taken)


def _accepted(campaign: Campaign, lasts: Sequence[Attempted]) -> list[NotedAccepted]:
    """A group for each instant: few, for many speak at once."""
    if not lasts:
        return []
    sendings, replies, instants = answers_of(lasts)
    groups = []
    for at in dict.fromkeys(instants):
        of_it = list(map(at.__eq__, instants))
        own, said = list(compress(sendings, of_it)), list(compress(replies, of_it))
        groups.append(NotedAccepted(at, *window_columns(campaign, at), own, said))
    return groups

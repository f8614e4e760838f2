"""The usual turns on PostgreSQL: what `sending_many` does in several statements, in one each."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from portal.actions.actor import SYSTEM
from portal.actions.campaign import Attempted, Begun, Campaign
from portal.actions.claim import LEASE
from portal.actions.sending_many import (
    Begin,
    answers_of,
    are_first,
    begin_many,
    first_sendings,
    new_rows,
    window_columns,
)
from portal.mail.outcome import Verdict
from portal.store import statements_at_once as statements
from portal.store.procedure import Procedure


def accept_at_once(campaign: Campaign, lasts: Sequence[Attempted]) -> Procedure[set[int]]:
    """The same as `accept_many`."""
    accepted = [one for one in lasts if one.outcome.verdict is Verdict.ACCEPTED]
    if not accepted:
        return set()
    sendings, replies, instants = answers_of(accepted)
    places = {at: place for place, at in enumerate(dict.fromkeys(instants))}
    rows = zip(sendings, map(places.__getitem__, instants), replies, strict=True)
    windows = json.dumps([_window(campaign, at, place) for at, place in places.items()])
    about = campaign.policy_id, accepted[0].notice.version_id
    [found] = yield statements.accept(list(rows), windows, str(SYSTEM), about)
    return set(found["ids"] or ())


def begin_at_once(campaign: Campaign, begins: Sequence[Begin], at: datetime) -> Procedure[dict[int, Begun]]:
    """The same as `begin_many`, to which it leaves what is not all for the first time."""
    if not begins:
        return {}
    if not are_first(begins):
        return (yield from begin_many(campaign, begins, at))
    first = first_sendings(begins, [one.reserved or 0 for one in begins], at)
    now, lease_until = at.astimezone(UTC), (at + LEASE).astimezone(UTC)
    [found] = yield statements.begin(new_rows(begins, first), campaign.owner, now, lease_until)
    mine = set(found["ids"] or ())
    return {one.notice.id: begun for one, begun in zip(begins, first, strict=True) if one.notice.id in mine}


def _window(campaign: Campaign, at: datetime, place: int) -> dict[str, object]:
    """What opens with an acceptance at that instant."""
    instants, counted = window_columns(campaign, at)
    effective_at, opens_at, closes_at = (one.isoformat() if one else None for one in instants)
    return {
        "place": place,
        "at": at.astimezone(UTC).isoformat(),
        "effective_at": effective_at,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "counted": counted,
    }

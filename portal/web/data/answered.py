"""What a member answered and asked for, and what came of it, as parts of the download."""

from collections import defaultdict
from collections.abc import AsyncIterator

from portal.store.answers import Confirmation, ObjectedChange, Objection
from portal.store.members import Remark
from portal.store.outcomes import Settlement
from portal.store.requests import requests_of
from portal.web.data import schema
from portal.web.data.schema import Part
from portal.web.data.whose import Whose


async def objections(whose: Whose) -> AsyncIterator[Part]:
    """With the reason that the member gave; what staff noted with a letter or call is theirs."""
    confirmed = {row.objection_id: row for row in await Confirmation.filter(**whose.mine)}
    settled = {row.objection_id: row for row in await Settlement.filter(**whose.mine)}
    reasons = {row.id: row.text for row in await Remark.filter(**whose.mine)}
    covered = await _covered(whose)
    for row in reversed(whose.record.objections):
        slug, number = whose.versions[row.version_id]
        done = confirmed.get(row.id)
        yield schema.Objection(
            number=row.number,
            policy=slug,
            version=number,
            received_at=row.received_at,
            recorded_at=row.recorded_at,
            way=str(row.way),
            outcome="closure" if row.closing else "freeze",
            purposes=tuple(sorted(covered[row.id])),
            reason=reasons.get(row.remark_id or 0, "") if row.staff_id is None else "",
            confirmed_at=done.received_at if done else None,
            confirmed_by=str(done.way) if done else None,
            withdrawn_at=row.withdrawn_at,
            freeze_settled_at=settled[row.id].received_at if row.id in settled else None,
        )


async def _covered(whose: Whose) -> dict[int, set[str]]:
    """Row id of an objection -> the purposes it covers, as the rules say which of its changes' purposes do."""
    by_row = {row.id: row for row in whose.record.objections}
    found: dict[int, set[str]] = defaultdict(set)
    for link in await ObjectedChange.filter(**whose.mine).select_related("change"):
        found[link.objection_id] |= _objectable(whose, by_row[link.objection_id], link.change.key)
    return found


def _objectable(whose: Whose, row: Objection, key: str) -> frozenset[str]:
    for facts in whose.record.facts.values():
        for number, version_id in facts.version_ids.items():
            version = facts.version(number)
            if version_id == row.version_id and version is not None:
                return version.objectable.get(key, frozenset())
    return frozenset()


async def consents(whose: Whose) -> AsyncIterator[Part]:
    for row in reversed(whose.record.consents):
        slug, number = whose.versions[row.version_id]
        yield schema.Consent(
            policy=slug,
            version=number,
            purpose=row.purpose,
            given_at=row.received_at,
            recorded_at=row.recorded_at,
            way=str(row.way),
        )


async def opt_outs(whose: Whose) -> AsyncIterator[Part]:
    for row in reversed(whose.record.opt_outs):
        yield schema.OptOut(
            purpose=row.purpose,
            direction="out" if row.direction == "out" else "in",
            at=row.received_at,
            recorded_at=row.recorded_at,
            way=str(row.way),
        )


async def requests(whose: Whose) -> AsyncIterator[Part]:
    for row in reversed(await requests_of(whose.record.member.id)):
        yield schema.Request(
            number=row.number,
            kind=str(row.kind),
            way=str(row.way),
            received_at=row.received_at,
            recorded_at=row.recorded_at,
            due_at=row.due_at,
            extended_at=row.extended_at,
            extension=row.extension.text if row.extension else "",
            ended_at=row.ended_at,
            ended_as=str(row.ended_as) if row.ended_at else None,
            answer=row.answer.text if row.answer else "",
        )


async def closures(whose: Whose) -> AsyncIterator[Part]:
    """One at most. Why it was closed is staff's own note."""
    closure = whose.record.closure
    if closure is not None:
        numbers = {row.id: row.number for row in whose.record.objections}
        yield schema.Closure(closed_at=closure.received_at, objection=numbers.get(closure.objection_id or 0))

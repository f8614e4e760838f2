"""What changed between two versions of a policy: for neighbours as it was recorded, for others compared on demand."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.rules.changes import Comparison, compare, parse
from portal.store.policies import Version
from portal.store.publications import authoritative_text, decisions_of, purpose_titles
from portal.web.change_cards import Card, Classified, cards_of
from portal.web.public.text import version_of
from portal.web.render import page

# A comparison keeps a core busy; one at a time leaves the others to readers.
_one_at_a_time = ThreadPoolExecutor(1, "compare")


async def changes(request: Request) -> Response:
    """`?since=` names the older version; without it, the one before."""
    policy, newer, versions = await version_of(request)
    older = _older(request, newer, versions)
    if older is None:
        return page(request, "public/first_version.html", policy=policy, version=newer)
    adjacent = older.number == newer.number - 1
    old_text, new_text = await authoritative_text(older.id), await authoritative_text(newer.id)
    found = await (_recorded(newer) if adjacent else _compared(old_text, new_text))
    decided = await decisions_of(newer.id) if adjacent else {}
    decisions = {key: Classified(decision.purposes, decision.reason) for key, decision in decided.items()}
    cards = cards_of(old_text, new_text, await purpose_titles(), newer.treatments)
    shown = [cards.card(change, decisions.get(change.id)) for change in found.changes]
    # What legal should look at first is for legal.
    main, moves, minor = _sorted([replace(card, flags=()) for card in shown])
    return page(
        request,
        "public/changes.html",
        policy=policy,
        older=older,
        newer=newer,
        versions=versions,
        adjacent=adjacent,
        main=main,
        moves=moves,
        minor=minor,
        sections=found.sections,
        degraded=found.degraded,
    )


def _older(request: Request, newer: Version, versions: list[Version]) -> Version | None:
    """None for the first version, which changed nothing. HTTPException 404 where `since` names none, or a later one."""
    since = request.query_params.get("since", str(newer.number - 1))
    found = next((row for row in versions if str(row.number) == since and row.number <= newer.number), None)
    if found is None and "since" in request.query_params:
        raise HTTPException(404)
    return found


async def _recorded(version: Version) -> Comparison:
    """The comparison with the version before, as it was made and stored when the version was published."""
    row = await Version.get(id=version.id).only("id", "comparison")
    return Comparison.from_json(row.comparison)


async def _compared(old: str, new: str) -> Comparison:
    return await asyncio.get_running_loop().run_in_executor(_one_at_a_time, _compare, old, new)


@lru_cache(maxsize=32)
def _compare(old: str, new: str) -> Comparison:
    return compare(parse(old), parse(new))


def _sorted(cards: list[Card]) -> tuple[list[Card], list[Card], list[Card]]:
    """What may change the meaning, what was only moved, and what is of form only."""
    minor = [card for card in cards if card.minor]
    moves = [card for card in cards if card.kind == "move" and not card.minor]
    main = [card for card in cards if not card.minor and card.kind != "move"]
    return main, moves, minor

"""Comparisons of published versions as they were stored: by a publication itself, or beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.rules.changes import ENGINE, Comparison
from portal.store.policies import StoredComparison, Version


@dataclass(frozen=True, slots=True)
class Wanted:
    """Two versions, by row id, that today's engine has not compared yet."""

    older_id: int
    newer_id: int


async def stored_engines(older: Version, newer: Version) -> tuple[str, ...]:
    """The engines with a stored result for the two, the publication's own first, then the newest."""
    beside = await StoredComparison.filter(older_id=older.id, newer_id=newer.id).values_list("engine", flat=True)
    own = await _own(older, newer)
    found = sorted({str(engine) for engine in beside}, key=number_of, reverse=True)
    return tuple(dict.fromkeys([*([own.engine] if own else []), *found]))


async def stored_comparison(older: Version, newer: Version, engine: str) -> Comparison | None:
    """What that engine found, as it was recorded; None where nothing is stored."""
    own = await _own(older, newer)
    if own is not None and own.engine == engine:
        return own
    row = await StoredComparison.get_or_none(older_id=older.id, newer_id=newer.id, engine=engine)
    return Comparison.from_json(row.record) if row else None


async def uncompared(limit: int) -> list[Wanted]:
    """Pairs of versions of which nothing by today's engine is stored, those of the newest versions first."""
    versions = await Version.all().order_by("-posted_at", "-id").only("id", "policy_id", "number")
    done = set(await StoredComparison.filter(engine=ENGINE).values_list("older_id", "newer_id"))
    missing = [
        Wanted(older.id, newer.id)
        for newer in versions
        for older in versions
        if older.policy_id == newer.policy_id and older.number < newer.number and (older.id, newer.id) not in done
    ]
    return await _without_published(missing, {row.id: row for row in versions}, limit)


def number_of(engine: str) -> tuple[int, str]:
    """To sort engines by their numbers."""
    return (int(engine), "") if engine.isdigit() else (0, engine)


async def _without_published(missing: Sequence[Wanted], by_id: dict[int, Version], limit: int) -> list[Wanted]:
    """Less those that their publication compared by today's engine."""
    found: list[Wanted] = []
    for pair in missing:
        if len(found) == limit:
            break
        own = await _own(by_id[pair.older_id], by_id[pair.newer_id])
        if own is None or own.engine != ENGINE:
            found.append(pair)
    return found


async def _own(older: Version, newer: Version) -> Comparison | None:
    """The publication's comparison with the version before it."""
    if newer.number != older.number + 1:
        return None
    row = await Version.get(id=newer.id).only("id", "comparison")
    return Comparison.from_json(row.comparison) if row.comparison else None

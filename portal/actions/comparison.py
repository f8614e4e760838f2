"""Keeps what today's engine finds between two versions, beside what a publication recorded itself."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.rules.changes import apply_delta, compare, digest
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.comparisons import Wanted
from portal.store.connections import transaction
from portal.store.policies import StoredComparison
from portal.store.publications import authoritative_text


async def keep_comparison(wanted: Wanted, *, at: datetime) -> None:
    """Compares two versions in a thread and stores the result; of two processes at once, one row remains."""
    old, new = await authoritative_text(wanted.older_id), await authoritative_text(wanted.newer_id)
    found = await asyncio.to_thread(compare, old, new)
    async with transaction():
        await StoredComparison.bulk_create(
            [
                StoredComparison(
                    older_id=wanted.older_id,
                    newer_id=wanted.newer_id,
                    engine=found.engine,
                    record=found.to_json(),
                    made_at=at,
                )
            ],
            ignore_conflicts=True,
        )


def refuse_foreign_comparison(record: Mapping[str, Any], old_text: str, new_text: str) -> None:
    """A version is published with the comparison of exactly its text and the one before. RuleBroken: `not_compared`."""
    of_these = record["old"]["digest"] == digest(old_text) and record["new"]["digest"] == digest(new_text)
    try:
        rebuilt = apply_delta(old_text, record["delta"]) if of_these else ""
    except IndexError:
        rebuilt = ""
    if not of_these or rebuilt != new_text:
        message = later(
            "The stored comparison is not of this text and the version before. Save the draft's text again."
        )
        raise RuleBroken("not_compared", message, field="text")

"""Notices, written for all members whom a version concerns, in one statement."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.store.statement import execute

OWE = """
INSERT INTO notice (member_id, version_id, state, next_attempt_at,
    effective_at, opens_at, closes_at, counted, recorded_at)
SELECT m.member_id, v.id,
    CASE WHEN v.mailed THEN 'queued' ELSE 'posted' END, CASE WHEN v.mailed THEN $2::timestamptz END,
    $3::timestamptz, $3::timestamptz, $4::timestamptz, $5::jsonb, $2::timestamptz
FROM version v JOIN membership m
    ON m.policy_id = v.policy_id AND m.joined_at < v.posted_at AND m.joined_on < v.number AND m.sequence >= $6::bigint
WHERE v.id = $1::bigint
    AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = m.member_id AND c.received_at <= v.posted_at)
ORDER BY m.member_id
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """The window that is the same for all members, of a version that no mail has to announce; instants in UTC."""

    opens_at: datetime
    closes_at: datetime | None
    counted: dict[str, Any] | None


async def owe_notices(
    connection: BaseDBAsyncClient, version_id: int, opening: Opening | None, *, at: datetime, since: int = 0
) -> None:
    """One notice for every member whom the version concerns (rules: "Instants", posted_at).

    `since`: only those whose membership was recorded by this event or a later one. Call it inside of `transaction()`,
    with the policy locked.
    """
    opens = opening.opens_at.astimezone(UTC) if opening else None
    closes = opening.closes_at.astimezone(UTC) if opening and opening.closes_at else None
    counted = json.dumps(opening.counted) if opening and opening.counted is not None else None
    await execute(connection, OWE, [version_id, at.astimezone(UTC), opens, closes, counted, since])

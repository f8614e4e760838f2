"""Whose data a download holds, and what every part of it needs to name."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from portal.store.member_record import MemberRecord

Row = TypeVar("Row", bound=Model)
PIECE = 500


@dataclass(frozen=True)
class Whose:
    """A member with all facts, as known at `now` (UTC); `purposes`: titles by key."""

    record: MemberRecord
    now: datetime
    purposes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, str]:
        """What purposes and policies are called, by their keys and slugs."""
        return {**self.purposes, **{row.policy.slug: row.policy.title for row in self.record.memberships}}

    @property
    def mine(self) -> dict[str, Any]:
        """The filter that keeps a query to this member."""
        return {"member_id": self.record.member.id}

    @cached_property
    def slugs(self) -> dict[int, str]:
        """Row id of a policy -> its slug."""
        return {row.policy_id: row.policy.slug for row in self.record.memberships}

    @cached_property
    def versions(self) -> dict[int, tuple[str, int]]:
        """Row id of a version -> the policy's slug, and the number; of the member's policies."""
        return {
            row_id: (self.slugs[policy_id], number)
            for policy_id, facts in self.record.facts.items()
            for number, row_id in facts.version_ids.items()
        }


async def in_pieces(rows: QuerySet[Row]) -> AsyncIterator[Row]:
    """The rows in the order of their ids, without holding all of them at once."""
    last = 0
    while piece := await rows.filter(id__gt=last).order_by("id").limit(PIECE):
        for row in piece:
            yield row
        last = int(piece[-1].pk)

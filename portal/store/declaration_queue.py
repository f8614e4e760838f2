"""Declarations that nobody has confirmed yet, and from when on they are for ops."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.store.access import OneTimeCode
from portal.store.declarations import Declaration
from portal.store.objection_queue import for_ops_at


@dataclass(frozen=True, slots=True)
class OpenDeclaration:
    """A declaration that waits; `ops_at` (UTC): from when on for ops."""

    row: Declaration
    ops_at: datetime

    def for_ops(self, now: datetime) -> bool:
        return now >= self.ops_at


async def open_declarations() -> list[OpenDeclaration]:
    """Those of open accounts, the longest waiting first."""
    waiting = Declaration.filter(decided_at__isnull=True, member__closures__id=None)
    return await with_ops_at(await waiting.order_by("recorded_at", "id"))


async def with_ops_at(rows: Sequence[Declaration]) -> list[OpenDeclaration]:
    ids = [row.id for row in rows]
    asked = set(await OneTimeCode.filter(declaration_id__in=ids).values_list("declaration_id", flat=True))
    return [OpenDeclaration(row, for_ops_at(row.recorded_at, asked=row.id in asked)) for row in rows]

"""Domains whose mail is held back, by a rate that was set or because their servers asked for less; and that mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise import connections, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.connections import READER
from portal.store.notices import Notice
from portal.store.statement import for_dialect, stored_instant


class MailDomain(Model):
    """What all processes that send have to know of one domain, in lower case and ASCII. Instants are in UTC.

    `spent_until` is the bucket of its rate (`mail.limits.granted`). `paused_at` to `paused_until`: nothing is sent
    there; `reply` is what the server said last, without the address. A row that says nothing of the present is deleted.
    """

    id = fields.BigIntField(primary_key=True)
    domain = fields.CharField(max_length=255)
    spent_until = fields.DatetimeField(null=True)
    paused_at = fields.DatetimeField(null=True)
    paused_until = fields.DatetimeField(null=True)
    reply = fields.TextField(default="")

    class Meta:
        table = "mail_domain"
        constraints = (
            UniqueConstraint(fields=("domain",), name="mail_domain_once"),
            CheckConstraint(check="(paused_at IS NULL) = (paused_until IS NULL)", name="mail_domain_paused_whole"),
            CheckConstraint(
                check="paused_until IS NULL OR paused_until > paused_at", name="mail_domain_paused_in_order"
            ),
        )


class PutOffNotice(Model):
    """A notice that its domain may not get yet, the first one first. It is due when this row is deleted.

    Such a notice has no `next_attempt_at`: nobody looks at a million that wait in order to find the ten that are due.
    """

    id = fields.BigIntField(primary_key=True)
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "portal.Notice", related_name="put_off", on_delete=fields.RESTRICT
    )
    notice_id: int
    domain: fields.ForeignKeyRelation[MailDomain] = fields.ForeignKeyField(
        "portal.MailDomain", related_name="put_off", on_delete=fields.RESTRICT
    )
    domain_id: int

    class Meta:
        table = "put_off_notice"
        constraints = (UniqueConstraint(fields=("notice_id",), name="put_off_notice_once"),)
        indexes = (Index(fields=("domain_id", "id"), name="put_off_notice_in_order"),)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A domain to which nothing, or not all, is sent at present. `paused_until` and `reply` where its server asked for
    that; `waiting`: how many notices are put off."""

    domain: str
    waiting: int
    paused_until: datetime | None = None
    reply: str = ""


_HELD_BACK = """
SELECT d.domain, d.reply, CASE WHEN d.paused_until > $1::timestamptz THEN d.paused_until END AS paused_until,
    (SELECT count(*) FROM put_off_notice p WHERE p.domain_id = d.id) AS waiting
FROM mail_domain d
WHERE d.paused_until > $1::timestamptz OR EXISTS (SELECT 1 FROM put_off_notice p WHERE p.domain_id = d.id)
ORDER BY d.domain
"""


async def held_back(at: datetime) -> list[HeldBack]:
    """Domains that are paused, then others of which notices are put off; each kind by name."""
    connection = connections.get(READER)
    rows = await connection.execute_query_dict(for_dialect(connection, _HELD_BACK), [at.astimezone(UTC)])
    found = [_held(row["domain"], row["waiting"], row["paused_until"], row["reply"]) for row in rows]
    return sorted(found, key=lambda one: one.paused_until is None)


def _held(domain: str, waiting: int, paused_until: datetime | str | None, reply: str) -> HeldBack:
    until = stored_instant(paused_until) if paused_until else None
    return HeldBack(domain, waiting, until, reply if until else "")


async def paused_since(at: datetime) -> Sequence[MailDomain]:
    """Domains whose last pause ended after that instant, or has not ended."""
    return await MailDomain.filter(paused_until__gt=at)

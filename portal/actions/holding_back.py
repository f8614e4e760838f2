"""Holding back mail to single domains: rates that all processes share, notices put off, pauses. No attempt counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q, Subquery

from portal.mail.limits import Granted, Limits, granted, interval_of
from portal.store.bulk import listed
from portal.store.connections import transaction
from portal.store.mail_domains import MailDomain, PutOffNotice
from portal.store.notices import Notice, NoticeState
from portal.store.statement import execute, execute_many

REMEMBERED = timedelta(hours=1)
"""For so long after its end a pause makes the next one longer."""
AT_A_TIME, MOST_AT_A_TIME = 500, 10_000
"""So many notices of a domain without a rate, and of one with a rate at most, are made due at once."""
AGAIN = timedelta(seconds=5)
A_WHILE = timedelta(minutes=1)

_KNOWN = "INSERT INTO mail_domain (domain, reply) VALUES ($1, '') ON CONFLICT (domain) DO NOTHING"
_SPENT = "UPDATE mail_domain SET spent_until = $2::timestamptz WHERE domain = $1"
_PAUSED = """
INSERT INTO mail_domain (domain, paused_at, paused_until, reply) VALUES ($1, $2::timestamptz, $3::timestamptz, $4)
ON CONFLICT (domain)
DO UPDATE SET paused_at = excluded.paused_at, paused_until = excluded.paused_until, reply = excluded.reply
WHERE mail_domain.paused_until IS NULL OR mail_domain.paused_until < excluded.paused_until
"""
_PUT_OFF = """
INSERT INTO put_off_notice (notice_id, domain_id)
SELECT n.id, d.id FROM notice n CROSS JOIN mail_domain d
WHERE n.id IN ({ids}) AND n.owner = $1 AND n.state IN ('queued', 'deferred') AND d.domain = $2 ORDER BY n.member_id
ON CONFLICT (notice_id) DO NOTHING
"""
_GIVE_BACK = """
UPDATE notice SET owner = NULL, lease_until = NULL, next_attempt_at = NULL
WHERE id IN ({ids}) AND owner = $1 AND state IN ('queued', 'deferred')
    AND EXISTS (SELECT 1 FROM put_off_notice p WHERE p.notice_id = notice.id)
"""
# An unknown one that has no next attempt would be one that waits for ops.
_LATER = """
UPDATE notice SET owner = NULL, lease_until = NULL, next_attempt_at = $2::timestamptz
WHERE id IN ({ids}) AND owner = $1 AND state = 'unknown'
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent to a domain from `since` on, before `until` (UTC). `reply`: the server's words, no address."""

    since: datetime
    until: datetime
    reply: str = ""


async def take_tokens(wanted: Mapping[str, int], limits: Limits, at: datetime) -> dict[str, Granted]:
    """Domain -> how many of the wanted messages its rate lets go now, whichever process sends them."""
    if not wanted:
        return {}
    async with transaction() as connection:
        rows = await _locked(connection, wanted)
        found = {
            domain: granted(row.spent_until, limits.of(domain), wanted[domain], at) for domain, row in rows.items()
        }
        await execute_many(connection, _SPENT, [(domain, one.spent_until) for domain, one in found.items()])
    return found


async def give_tokens_back(numbers: Mapping[str, int], limits: Limits) -> None:
    """So many messages were not begun after all."""
    async with transaction() as connection:
        rows = [
            (domain, row.spent_until - numbers[domain] * interval_of(limits.of(domain)))
            for domain, row in (await _locked(connection, numbers)).items()
            if row.spent_until is not None and limits.of(domain)
        ]
        await execute_many(connection, _SPENT, rows)


async def put_off(notices: Mapping[str, Sequence[int]], owner: str, at: datetime) -> None:
    """Gives back notices (domain -> ids) that this owner claimed and must not send yet; `release` makes them due."""
    ids = listed(notice for some in notices.values() for notice in some)
    async with transaction() as connection:
        await _locked(connection, notices)
        for domain, some in sorted(notices.items()):
            await execute(connection, _PUT_OFF.format(ids=listed(some)), [owner, domain])
        await execute(connection, _GIVE_BACK.format(ids=ids), [owner])
        await execute(connection, _LATER.format(ids=ids), [owner, (at + A_WHILE).astimezone(UTC)])


async def release(limits: Limits, at: datetime) -> datetime | None:
    """Makes due what its domain may get by now, the first put off first. Gives when to look again; None where nothing
    is put off."""
    looks: list[datetime] = []
    for row in await MailDomain.filter(id__in=Subquery(PutOffNotice.all().values("domain_id"))):
        rate = limits.of(row.domain)
        if row.paused_until is not None and row.paused_until > at:
            looks.append(row.paused_until)
        elif rate:
            found = granted(row.spent_until, rate, MOST_AT_A_TIME, at)
            await _release(row.id, found.number, at)
            looks.append(found.next_at)
        else:
            await _release(row.id, AT_A_TIME, at)
            looks.append(at + AGAIN)
    return min(looks, default=None)


async def pause_domains(pauses: Mapping[str, Pause]) -> None:
    """The longest pause of a domain holds."""
    rows = [
        (domain, pause.since.astimezone(UTC), pause.until.astimezone(UTC), pause.reply)
        for domain, pause in sorted(pauses.items())
    ]
    async with transaction() as connection:
        await execute_many(connection, _PAUSED, rows)


async def forget_domains(at: datetime) -> None:
    """Deletes what says nothing of the present any more: a bucket that is full again is like none."""
    past = Q(
        Q(spent_until__isnull=True) | Q(spent_until__lte=at),
        Q(paused_until__isnull=True) | Q(paused_until__lte=at - REMEMBERED),
        ~Q(id__in=Subquery(PutOffNotice.all().values("domain_id"))),
    )
    if not await MailDomain.filter(past).exists():
        return
    async with transaction():
        rows = await MailDomain.filter(past).select_for_update(skip_locked=True).only("id")
        await MailDomain.filter(id__in=[row.id for row in rows]).delete()


async def _release(domain_id: int, number: int, at: datetime) -> None:
    if not number:
        return
    async with transaction():
        first = PutOffNotice.filter(domain_id=domain_id).order_by("id").limit(number)
        rows = await first.select_for_update(skip_locked=True)
        waiting = (NoticeState.QUEUED, NoticeState.DEFERRED)
        notices = Notice.filter(id__in=[row.notice_id for row in rows], state__in=waiting, next_attempt_at__isnull=True)
        await notices.update(next_attempt_at=at)
        await PutOffNotice.filter(id__in=[row.id for row in rows]).delete()


async def _locked(connection: BaseDBAsyncClient, domains: Collection[str]) -> dict[str, MailDomain]:
    """The rows of these domains, made where they are missing; always in the same order, until the transaction ends."""
    while True:
        found = await MailDomain.filter(domain__in=list(domains)).select_for_update().order_by("domain")
        rows = {row.domain: row for row in found}
        missing = sorted(set(domains) - set(rows))
        if not missing:
            return rows
        await execute_many(connection, _KNOWN, [(domain,) for domain in missing])

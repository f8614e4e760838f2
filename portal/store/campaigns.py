"""Campaigns: the mailing of a version's notices as a person follows it. How far, how fast, how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tortoise import connections

from portal.store.connections import READER
from portal.store.holds import CampaignHold
from portal.store.notice_progress import Progress, progress_of
from portal.store.notices import Notice, NoticeState
from portal.store.policies import Version
from portal.store.publications import LIGHT
from portal.store.statement import for_dialect, stored_instant

# The rate is that of the last minutes; what was faster or slower an hour ago tells nothing about the next one.
RATE_SPAN = timedelta(minutes=5)
SHORTEST = timedelta(seconds=10)

# The join is written so that SQLite begins with the few sendings accepted just now, by their index.
ACCEPTED_SINCE = """
SELECT count(*) AS number, min(s.accepted_at) AS first
FROM sending s CROSS JOIN notice n
WHERE n.id = s.notice_id AND n.version_id = $1::bigint
    AND s.accepted_at IS NOT NULL AND s.accepted_at > $2::timestamptz
"""

# One step in an index for each version, where a search among the notices would meet all that are left.
GOING_ON = """
SELECT v.id AS id FROM version v WHERE v.mailed AND (
    EXISTS (SELECT 1 FROM notice n WHERE n.version_id = v.id AND n.state IN ('queued', 'sending', 'deferred'))
    OR EXISTS (
        SELECT 1 FROM notice n WHERE n.version_id = v.id AND n.state = 'unknown' AND n.next_attempt_at IS NOT NULL))
"""


OPEN = (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.DEFERRED)


class Phase(StrEnum):
    """What a campaign does."""

    RUNNING = "running"
    HELD = "held"
    WAITING = "waiting"  # everything that is left waits for its next attempt
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """A campaign at one instant. `to_go`: notices that are still tried by themselves; `rate`: accepted a minute."""

    version: Version
    progress: Progress
    hold: CampaignHold | None
    to_go: int
    rate: float

    @property
    def phase(self) -> Phase:
        if not self.to_go:
            return Phase.FINISHED
        if self.hold is not None:
            return Phase.HELD
        return Phase.RUNNING if self._at_once else Phase.WAITING

    @property
    def left(self) -> timedelta | None:
        """How long what can be sent at once will take at this rate; None where it does not run, or has no rate yet."""
        if self.phase is not Phase.RUNNING or not self.rate:
            return None
        return timedelta(minutes=self._at_once / self.rate)

    @property
    def _at_once(self) -> int:
        return self.progress.states[NoticeState.QUEUED] + self.progress.states[NoticeState.SENDING]


async def campaign_status(version: Version, at: datetime) -> CampaignStatus:
    """The campaign of that version, at that instant (UTC)."""
    [status] = await _statuses([version], at)
    return status


async def campaigns_going_on(at: datetime) -> list[CampaignStatus]:
    """Campaigns that are not finished, and those that are held whatever is left, the newest first."""
    going = {row["id"] for row in await connections.get(READER).execute_query_dict(GOING_ON)}
    on_hold = {row.version_id for row in await CampaignHold.filter(lifted_at__isnull=True)}
    versions = Version.filter(id__in=sorted(going | on_hold)).order_by("-posted_at", "-id")
    return await _statuses(await versions.select_related("policy").only(*LIGHT, "policy__slug", "policy__title"), at)


async def campaign_version(slug: str, number: int | None = None) -> Version | None:
    """The version of that number with its policy, or the newest one that was mailed; None where there is none."""
    chosen = Version.filter(policy__slug=slug, mailed=True) if number is None else Version.filter(policy__slug=slug)
    if number is not None:
        chosen = chosen.filter(number=number)
    return (
        await chosen.order_by("-number").select_related("policy").only(*LIGHT, "policy__slug", "policy__title").first()
    )


async def _statuses(versions: Sequence[Version], at: datetime) -> list[CampaignStatus]:
    ids = [version.id for version in versions]
    progress = await progress_of(ids)
    holds = {row.version_id: row for row in await CampaignHold.filter(version_id__in=ids, lifted_at__isnull=True)}
    return [
        CampaignStatus(version, counted, holds.get(version.id), await _to_go(version.id, counted), rate)
        for version in versions
        for counted, rate in [(progress[version.id], await _rate(version.id, at))]
    ]


async def _to_go(version_id: int, progress: Progress) -> int:
    """Notices that will be tried by themselves: an unknown one only where it is to be sent again."""
    unknown = Notice.filter(version_id=version_id, state=NoticeState.UNKNOWN, next_attempt_at__not_isnull=True)
    again = await unknown.count() if progress.states[NoticeState.UNKNOWN] else 0
    return again + sum(progress.states[state] for state in OPEN)


async def _rate(version_id: int, at: datetime) -> float:
    """Messages accepted a minute, over the last five minutes or since the first of them."""
    connection = connections.get(READER)
    values: list[object] = [version_id, at.astimezone(UTC) - RATE_SPAN]
    [row] = await connection.execute_query_dict(for_dialect(connection, ACCEPTED_SINCE), values)
    if not row["number"]:
        return 0.0
    span = max(at - stored_instant(row["first"]), SHORTEST)
    return float(row["number"]) / (span / timedelta(minutes=1))

"""`manage.py mail status`, `pause`, `resume` and `retry`."""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console, Group, RenderableType
from rich.live import Live

from portal.actions.actor import SYSTEM
from portal.actions.hold import RETRIED, hold_campaign, resume_campaign, retry_failed
from portal.cli import Stop
from portal.cli.mail_figures import campaigns_table, domains_shown, held_shown, status_json, status_shown
from portal.cli.surroundings import database, read_settings
from portal.rules.errors import RuleBroken
from portal.store.campaigns import CampaignStatus, Phase, campaign_status, campaign_version, campaigns_going_on
from portal.store.holds import CampaignHold
from portal.store.mail_domains import held_back
from portal.store.notices import NoticeState
from portal.store.policies import Policy, Version
from portal.web.clock import now
from portal.web.ops.campaign import actor_name, domain_lines

WATCH_SECONDS = 2.0

Slug = Annotated[str, Parameter(help="The policy's slug.")]
Number = Annotated[int, Parameter(help="The version's number.")]


async def status(
    slug: Annotated[str, Parameter(help="The policy's slug; without it, every campaign that is not finished.")] = "",
    number: Annotated[int | None, Parameter(help="The version's number; by default the newest that is mailed.")] = None,
    *,
    watch: Annotated[bool, Parameter(help="Tell it anew every two seconds until it is finished.", negative="")] = False,
    as_json: Annotated[
        bool, Parameter(name="--json", help="Print it as JSON, one line each time.", negative="")
    ] = False,
) -> None:
    """Tell how far campaigns are: how many are accepted, deferred, bounced, seen, and how fast it goes."""
    settings = read_settings()
    async with database(settings):
        version = await version_of(slug, number) if slug else None
        if as_json:
            await _printed(version, watch=watch)
        elif watch:
            await _watched(version, settings.domain_rates)
        else:
            _console().print(await _shown(version, await _statuses(version), settings.domain_rates))


async def pause(
    slug: Slug,
    number: Number,
    *,
    reason: Annotated[str, Parameter(help="Why, for those who see it on the page; name no member.")],
) -> None:
    """Begin no further message of the version. What is owed stays owed, and goes on with `mail resume`."""
    async with database(read_settings()):
        version = await version_of(slug, number)
        try:
            await hold_campaign(version.id, by=SYSTEM, reason=reason, at=now())
        except RuleBroken as broken:
            raise Stop(await _why_not(broken, version)) from None
        found = await campaign_status(version, now())
    print(f"{slug} {number} is paused; {found.to_go:,} notices wait")


async def resume(slug: Slug, number: Number) -> None:
    """Let a paused version go on. The server takes it up within a minute."""
    async with database(read_settings()):
        version = await version_of(slug, number)
        try:
            await resume_campaign(version.id, by=SYSTEM, at=now())
        except RuleBroken as broken:
            raise Stop(f"{slug} {number}: {broken.message}") from None
        found = await campaign_status(version, now())
    print(f"{slug} {number} goes on; {found.to_go:,} notices are to be sent")


async def retry(
    slug: Slug,
    number: Number,
    *,
    state: Annotated[list[str], Parameter(help="failed, unknown or refused; may be repeated.", negative="")],
) -> None:
    """Send again what failed, and, where the member gave another address since, what was refused."""
    known = [str(one) for one in RETRIED]
    wrong = [one for one in state if one not in known]
    if wrong:
        raise Stop(f"--state: {wrong[0]!r} is not tried again; there are: {', '.join(known)}", status=2)
    async with database(read_settings()):
        version = await version_of(slug, number)
        try:
            again = await retry_failed(version.id, [NoticeState(one) for one in state], by=SYSTEM, at=now())
        except RuleBroken as broken:
            raise Stop(f"{slug} {number}: {broken.message}") from None
        found = await campaign_status(version, now())
    if not again:
        print(f"{slug} {number} has nothing to try again")
        return
    print(f"{again:,} notices are queued again")
    if found.phase is Phase.HELD:
        print(f"sending is paused; let it go on with: manage.py mail resume {slug} {number}")


async def version_of(slug: str, number: int | None) -> Version:
    """The version with its policy, by default the newest that is mailed; Stop says what there is instead."""
    version = await campaign_version(slug, number)
    if version is not None:
        return version
    if not await Policy.exists(slug=slug):
        slugs = await Policy.all().order_by("slug").values_list("slug", flat=True)
        there = f"there are: {', '.join(str(one) for one in slugs)}" if slugs else "there is none"
        raise Stop(f"there is no policy {slug!r}; {there}", status=2)
    if number is None:
        raise Stop(f"no version of {slug} is mailed", status=2)
    newest = await Version.filter(policy__slug=slug).order_by("-number").first().only("id", "number")
    there = f"the newest is {newest.number}" if newest else "it has none"
    raise Stop(f"{slug} has no version {number}; {there}", status=2)


async def _why_not(broken: RuleBroken, version: Version) -> str:
    named = f"{version.policy.slug} {version.number}"
    hold = broken.facts.get("hold")
    if not isinstance(hold, CampaignHold):
        return f"{named}: {broken.message}"
    return f"{named} is {held_shown(hold, await actor_name(hold.held_by))} already: {hold.reason}"


async def _statuses(version: Version | None) -> list[CampaignStatus]:
    return [await campaign_status(version, now())] if version else await campaigns_going_on(now())


async def _shown(version: Version | None, found: list[CampaignStatus], rates: Mapping[str, int]) -> RenderableType:
    domains = await domain_lines(now(), rates) if not _over(found) else []
    return Group(await _campaigns(version, found), *domains_shown(domains))


async def _campaigns(version: Version | None, found: list[CampaignStatus]) -> RenderableType:
    actors = {one.hold.held_by for one in found if one.hold}
    names = {actor: await actor_name(actor) for actor in actors}
    if version is not None:
        return status_shown(found[0], names)
    return campaigns_table(found, names) if found else "No campaign is going on."


def _over(found: list[CampaignStatus]) -> bool:
    return all(one.phase is Phase.FINISHED for one in found)


async def _watched(version: Version | None, rates: Mapping[str, int]) -> None:
    found = await _statuses(version)
    with Live(await _shown(version, found, rates), console=_console(), auto_refresh=False) as live:
        while not _over(found):
            await asyncio.sleep(WATCH_SECONDS)
            found = await _statuses(version)
            live.update(await _shown(version, found, rates), refresh=True)


async def _printed(version: Version | None, *, watch: bool) -> None:
    while True:
        found = await _statuses(version)
        domains = await held_back(now())
        told = [status_json(one, domains) for one in found]
        print(json.dumps(told[0] if version else told), flush=True)
        if not watch or _over(found):
            return
        await asyncio.sleep(WATCH_SECONDS)


def _console() -> Console:
    """Made when it is used: it looks at what stdout is then."""
    return Console(highlight=False)

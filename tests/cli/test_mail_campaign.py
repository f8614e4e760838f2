"""`mail status`, `pause`, `resume` and `retry` as a person meets them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from portal.actions.holding_back import Pause, pause_domains, put_off
from portal.cli import Stop, mail_campaign
from portal.cli.mail_campaign import pause, resume, retry, status
from portal.store import connect, disconnect, transaction
from portal.store.campaigns import CampaignStatus, campaign_status
from portal.store.holds import CampaignHold
from portal.store.notices import Notice, NoticeState
from portal.store.policies import Version
from portal.web.clock import now
from tests.support.world import JOINED, POSTED_1, POSTED_2, accept, make_member, make_policy, make_version

QUEUED, ACCEPTED, FAILED = NoticeState.QUEUED, NoticeState.ACCEPTED, NoticeState.FAILED
SITE = {"channels": ["site"], "objection_days": 20, "day_count": "calendar", "zone": "Europe/Berlin"}


@dataclass
class Campaigns:
    """The policy `privacy`, of whose version 2 four members are owed a mail; `terms` is told on the site only."""

    url: str

    async def put(self, *states: NoticeState) -> None:
        await connect(self.url)
        notices = await Notice.all().order_by("member_id")
        for notice, state in zip(notices, states, strict=False):
            if state is ACCEPTED:
                await accept(notice, now() - timedelta(minutes=1))
            else:
                async with transaction():
                    await Notice.filter(id=notice.id).update(state=state, next_attempt_at=None)
        await disconnect()

    async def states(self) -> list[NoticeState]:
        await connect(self.url)
        found = [notice.state for notice in await Notice.all().order_by("member_id")]
        await disconnect()
        return found

    async def holds(self) -> Sequence[CampaignHold]:
        await connect(self.url)
        found = await CampaignHold.all().order_by("id")
        await disconnect()
        return found


@pytest.fixture
async def campaigns(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Campaigns:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    await connect(database_url)
    policy = await make_policy()
    await make_version(policy, POSTED_1)
    for i in range(4):
        await make_member(policy, f"m{i}", JOINED, f"m{i}@example.org")
    await make_version(policy, POSTED_2)
    await make_version(await make_policy("terms", terms=SITE), POSTED_1)
    await disconnect()
    return Campaigns(database_url)


async def test_without_a_name_the_campaigns_that_are_not_finished_are_listed(
    campaigns: Campaigns, capsys: pytest.CaptureFixture[str]
) -> None:
    await campaigns.put(ACCEPTED, FAILED)
    await status()
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["policy", "version", "owed", "accepted", "to", "go", "failed", "a", "minute", "state"]
    assert line.split() == ["privacy", "2", "4", "1", "2", "1", "1", "running"]
    await campaigns.put(ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED)
    await status()
    assert capsys.readouterr().out == "No campaign is going on.\n"


async def test_one_campaign_is_told_with_its_funnel(campaigns: Campaigns, capsys: pytest.CaptureFixture[str]) -> None:
    await campaigns.put(ACCEPTED, FAILED)
    await status("privacy", 2)
    said = capsys.readouterr().out
    lines = [line.split() for line in said.splitlines()]
    assert said.startswith("Privacy, version 2: running\n")
    assert "50.0 % of 4 tried" in said
    for line in (
        ["queued", "2", "50.0", "%"],
        ["deferred", "0", "0.0", "%"],
        ["failed", "1", "25.0", "%"],
        ["accepted", "1", "25.0", "%"],
        ["bounced", "0", "0.0", "%"],
        ["seen", "0", "0.0", "%"],
    ):
        assert line in lines, said
    assert "1 accepted a minute, 2 min left" in said
    await status("privacy")
    assert capsys.readouterr().out.startswith("Privacy, version 2")


async def test_json_is_one_object_or_a_list(campaigns: Campaigns, capsys: pytest.CaptureFixture[str]) -> None:
    await campaigns.put(ACCEPTED)
    await status("privacy", 2, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["policy"], told["version"], told["phase"], told["held"]) == ("privacy", 2, "running", None)
    assert (told["owed"], told["to_go"], told["states"]["accepted"], told["states"]["queued"]) == (4, 3, 1, 3)
    assert 0 < told["rate_per_minute"] <= 1
    assert told["seconds_left"] >= 180
    await status(as_json=True)
    assert [one["policy"] for one in json.loads(capsys.readouterr().out)] == ["privacy"]


async def test_domains_whose_mail_is_held_back_are_told(
    campaigns: Campaigns, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_MAIL_DOMAIN_RATE", "slow.example=600")
    at = now()
    later = at + timedelta(minutes=50)
    await connect(campaigns.url)
    await pause_domains({"busy.example": Pause(at, later, "450 4.7.28 [unusual] rate")})
    async with transaction():
        await Notice.all().update(owner="me", lease_until=later)
    await put_off({"slow.example": [notice.id for notice in await Notice.all().limit(3)]}, "me", at)
    await disconnect()
    for chosen in ((), ("privacy", 2)):
        await status(*chosen)
        *_, heading, busy, slow = capsys.readouterr().out.splitlines()
        assert heading == "held back"
        assert busy.startswith("busy.example: Its server asked for fewer messages; nothing is sent there before ")
        assert busy.endswith(" 450 4.7.28 [unusual] rate")
        told = "slow.example: It gets 600 notices a minute. 3 notices wait. The last of them has its turn at about "
        assert slow.startswith(told)
    await status("privacy", 2, as_json=True)
    busy_json = {"domain": "busy.example", "waiting": 0, "paused_until": later.isoformat()}
    slow_json = {"domain": "slow.example", "waiting": 3, "paused_until": None, "reply": ""}
    told_json = json.loads(capsys.readouterr().out)["domains"]
    assert told_json == [busy_json | {"reply": "450 4.7.28 [unusual] rate"}, slow_json]
    await campaigns.put(ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED)
    await status("privacy", 2, as_json=True)
    assert json.loads(capsys.readouterr().out)["domains"] == []
    await status("privacy", 2)
    assert "held back" not in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [False, True])
async def test_watching_ends_when_the_campaign_is_finished(
    campaigns: Campaigns,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    as_json: bool,  # noqa: FBT001 - pytest names it
) -> None:
    looks: list[CampaignStatus] = []

    async def look(version: Version, at: datetime) -> CampaignStatus:
        looks.append(await campaign_status(version, at))
        return looks[-1]

    monkeypatch.setattr(mail_campaign, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(mail_campaign, "campaign_status", look)
    watching = asyncio.create_task(status("privacy", 2, watch=True, as_json=as_json))
    while len(looks) < 3:  # however long a busy machine takes to open the database
        assert not watching.done()
        await asyncio.sleep(0.02)
    async with transaction():
        await Notice.all().update(state=FAILED, next_attempt_at=None)
    await asyncio.wait_for(watching, 20)
    said = capsys.readouterr().out.strip().splitlines()
    if as_json:
        assert [json.loads(line)["phase"] for line in (said[0], said[-1])] == ["running", "finished"]
        assert len(said) > 2
    else:
        assert "100.0 % of 4 tried" in "\n".join(said)


async def test_pausing_and_resuming(campaigns: Campaigns, capsys: pytest.CaptureFixture[str]) -> None:
    await pause("privacy", 2, reason="The summary is wrong.")
    assert capsys.readouterr().out == "privacy 2 is paused; 4 notices wait\n"
    await status()
    assert "paused by the portal itself at 20" in capsys.readouterr().out
    await status("privacy")
    assert "\nThe summary is wrong.\n" in capsys.readouterr().out
    with pytest.raises(Stop, match=r"privacy 2 is paused by the portal itself at .* UTC already: The summary is wrong"):
        await pause("privacy", 2, reason="Again")
    assert len(await campaigns.holds()) == 1
    await resume("privacy", 2)
    assert capsys.readouterr().out == "privacy 2 goes on; 4 notices are to be sent\n"
    with pytest.raises(Stop, match="privacy 2: The sending is not paused"):
        await resume("privacy", 2)
    [hold] = await campaigns.holds()
    assert (hold.held_by, hold.lifted_by) == ("system", "system")


async def test_a_pause_needs_a_reason(campaigns: Campaigns) -> None:
    with pytest.raises(Stop, match="Say why"):
        await pause("privacy", 2, reason=" ")
    assert not await campaigns.holds()


async def test_what_failed_is_tried_again(campaigns: Campaigns, capsys: pytest.CaptureFixture[str]) -> None:
    await campaigns.put(FAILED, NoticeState.UNKNOWN, FAILED)
    await retry("privacy", 2, state=["failed"])
    assert capsys.readouterr().out == "2 notices are queued again\n"
    assert await campaigns.states() == [QUEUED, NoticeState.UNKNOWN, QUEUED, QUEUED]
    await retry("privacy", 2, state=["failed", "refused"])
    assert capsys.readouterr().out == "privacy 2 has nothing to try again\n"
    await pause("privacy", 2, reason="Wait")
    capsys.readouterr()
    await retry("privacy", 2, state=["unknown"])
    assert "let it go on with: manage.py mail resume privacy 2" in capsys.readouterr().out


async def test_a_wrong_state_is_named(campaigns: Campaigns) -> None:
    with pytest.raises(Stop, match="'accepted' is not tried again; there are: failed, unknown, refused") as stopped:
        await retry("privacy", 2, state=["failed", "accepted"])
    assert stopped.value.status == 2


@pytest.mark.parametrize(
    ("slug", "number", "words"),
    [
        ("privat", 2, "there is no policy 'privat'; there are: privacy, terms"),
        ("privacy", 9, "privacy has no version 9; the newest is 2"),
        ("terms", None, "no version of terms is mailed"),
    ],
)
async def test_what_does_not_exist_is_told_with_what_does(
    campaigns: Campaigns, slug: str, number: int | None, words: str
) -> None:
    with pytest.raises(Stop) as stopped:
        await status(slug, number)
    assert (str(stopped.value), stopped.value.status) == (words, 2)
    if number is not None:
        for command in (pause(slug, number, reason="x"), resume(slug, number), retry(slug, number, state=["failed"])):
            with pytest.raises(Stop):
                await command


async def test_a_version_that_is_not_mailed_is_not_paused(campaigns: Campaigns) -> None:
    with pytest.raises(Stop, match="terms 1: This version is not mailed"):
        await pause("terms", 1, reason="Why not")

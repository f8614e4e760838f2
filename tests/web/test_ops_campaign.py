"""Ops follows a campaign, pauses it, lets it go on, and has what failed tried again."""

import re
from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.hold import hold_campaign
from portal.actions.holding_back import Pause, pause_domains, put_off
from portal.actions.notice import record_bounce, record_refusal, record_seen
from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.error_groups import alike
from portal.store.holds import CampaignHold, held
from portal.store.members import Address
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.noticed import Noticed, accept, noticed_world, send_all
from tests.support.world import events
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS, name="Olga")


@pytest.fixture
async def owed(app: Starlette) -> Noticed:
    """Two members who are owed a mail that has not been tried."""
    return await noticed_world(app, mailed=False)


def here(noticed: Noticed, noun: str = "") -> str:
    return f"/staff/notices/{noticed.version.id}{noun}"


async def shown(ops: AsyncClient, noticed: Noticed, query: str = "") -> str:
    answer = await ops.get(here(noticed) + query)
    assert answer.status_code == 200, answer.text
    return answer.text


def row(page: str, name: str) -> list[str]:
    """The numbers beside a state in the funnel's table."""
    found = re.search(rf">{name}(?:</a>)?</th>\s*<td class=\"number\">([^<]*)</td><td class=\"number\">([^<]*)<", page)
    assert found, name
    return list(found.groups())


async def answered(notice: Notice, state: SendingState, reply: str) -> Sending:
    """The notice as a sender leaves it after that answer."""
    async with transaction():
        sending = await Sending.create(
            member_id=notice.member_id,
            notice_id=notice.id,
            number=1,
            address_id=(await Address.get(member_id=notice.member_id)).id,
            message_id=f"<{notice.id}@x>",
            state=state,
            attempts=1,
            started_at=notice.recorded_at,
            reply=reply,
        )
        await Notice.filter(id=notice.id).update(state=NoticeState(state), next_attempt_at=None)
        return sending


async def test_the_page_tells_how_far_the_notices_came(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_seen(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    await record_bounce(noticed.other.id, noticed.version.id, by=SYSTEM, at=clock())
    page = await shown(ops, noticed)
    assert row(page, "Accepted") == ["2", "100.0%"]
    assert row(page, "Bounced") == ["1", "50.0%"]
    assert row(page, "Seen") == ["1", "50.0%"]
    assert row(page, "Queued") == row(page, "Deferred") == ["0", "0.0%"]
    assert "Finished" in page
    assert "2 owed, 0 queued, 0 deferred, 2 accepted, 1 of them bounced, 1 seen." in page
    seen = await shown(ops, noticed, "?state=seen")
    assert ">m1</a>" in seen
    assert ">m2</a>" not in seen


async def test_the_drawing_needs_no_style_and_has_words(ops: AsyncClient, noticed: Noticed) -> None:
    answer = await ops.get(here(noticed))
    [drawing] = re.findall(r"<svg class=\"funnel\".*?</svg>", answer.text, re.DOTALL)
    for words in ('role="img"', "<title", "<desc", 'class="fill-positive"'):
        assert words in drawing
    assert "style=" not in answer.text
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_domains_whose_mail_is_held_back_are_told_with_the_reason_and_until_when(
    ops: AsyncClient, owed: Noticed, clock: Clock, app: Starlette
) -> None:
    assert "held back" not in await shown(ops, owed)
    at = clock()
    await pause_domains({"busy.example": Pause(at, at + timedelta(minutes=4), "450 4.7.28 <unusual> rate")})
    for notice, domain in zip(await Notice.all().order_by("id"), ("slow.example", "past.example"), strict=True):
        async with transaction():
            await Notice.filter(id=notice.id).update(owner="me", lease_until=at + timedelta(minutes=1))
        await put_off({domain: [notice.id]}, "me", at)
    app.state.settings = Settings(**app.state.settings.model_dump() | {"mail_domain_rate": "slow.example=2"})
    said = " ".join(re.sub(r"<[^>]*>", " ", await shown(ops, owed)).split())
    assert "Mail to some domains is held back" in said
    told = "busy.example Its server asked for fewer messages; nothing is sent there before 2 March 2026, 09:04 UTC."
    assert f"{told} 450 4.7.28 &lt;unusual&gt; rate" in said
    last = "The last of them has its turn at about 2 March 2026, 09:01 UTC."
    assert f"slow.example It gets 2 notices a minute. 1 notice waits. {last}" in said
    assert "past.example 1 notice waits. They go on within a minute." in said
    clock.move(minutes=5)
    page = await shown(ops, owed)
    assert "busy.example" not in page
    assert "slow.example" in page


async def test_rate_and_time_left_are_told_while_it_runs(
    ops: AsyncClient, owed: Noticed, clock: Clock, app: Starlette
) -> None:
    page = await shown(ops, owed)
    assert "Running" in page
    assert "data-running" in page
    assert "accepted a minute" not in page
    await accept(owed.member, owed.version, clock() - timedelta(seconds=30))
    page = await shown(ops, owed)
    assert "<strong>2</strong> <span>accepted a minute</span>" in page
    assert "<strong>under 1 min</strong> <span>left at this rate</span>" in page
    clock.move(minutes=10)
    assert "accepted a minute" not in await shown(ops, owed)


async def test_a_campaign_is_paused_with_a_reason_and_resumed(
    ops: AsyncClient, owed: Noticed, clock: Clock, app: Starlette
) -> None:
    form = await ops.get(here(owed, "/hold"))
    assert "What is owed stays owed" in form.text
    answer = await ops.post(here(owed, "/hold"), data={"reason": "The summary is wrong."})
    assert (answer.status_code, answer.headers["location"]) == (303, here(owed))
    page = await shown(ops, owed)
    for words in ("Sending is paused", "The summary is wrong.", "by Olga, 2 March 2026, 09:00 UTC", "Resume sending"):
        assert words in page, words
    assert "data-running" not in page
    await send_all(owed)
    assert await Notice.filter(state=NoticeState.QUEUED).count() == 2
    clock.move(hours=1)
    assert "The summary is wrong." in (await ops.get(here(owed, "/resumption"))).text
    assert (await ops.post(here(owed, "/resumption"))).status_code == 303
    await app.state.jobs.idle()
    assert await Notice.filter(state=NoticeState.ACCEPTED).count() == 2
    assert "Finished" in await shown(ops, owed)


async def test_a_paused_campaign_waits_on_the_overview_and_in_the_list(ops: AsyncClient, owed: Noticed) -> None:
    words = "Sending of Privacy policy, version 2 is paused"
    assert words not in (await ops.get("/staff")).text
    assert "Paused" not in (await ops.get("/staff/notices")).text
    await ops.post(here(owed, "/hold"), data={"reason": "The summary is wrong."})
    assert words in (await ops.get("/staff")).text
    assert "Paused" in (await ops.get("/staff/notices")).text


async def test_without_a_reason_nothing_is_paused(ops: AsyncClient, owed: Noticed) -> None:
    answer = await ops.post(here(owed, "/hold"), data={"reason": " "})
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert not await CampaignHold.exists()


async def test_the_second_to_press_is_told_who_was_first(
    ops: AsyncClient, as_staff: SignIn, owed: Noticed, clock: Clock
) -> None:
    await ops.post(here(owed, "/hold"), data={"reason": "The summary is wrong."})
    bea = await as_staff(Role.OPS, name="Bea")
    clock.move(minutes=1)
    for method in ("GET", "POST"):
        answer = await bea.request(method, here(owed, "/hold"), data={"reason": "I saw it too."})
        assert (answer.status_code, answer.headers["location"]) == (303, here(owed))
        assert "Sending was paused already, by Olga, 2 March 2026, 09:00 UTC." in await shown(bea, owed)
    assert len(await events("campaign.held")) == 1
    await ops.post(here(owed, "/resumption"))
    assert (await bea.post(here(owed, "/resumption"))).status_code == 303
    assert "Sending is not paused." in await shown(bea, owed)
    assert len(await events("campaign.resumed")) == 1


async def test_what_failed_is_tried_again_on_demand(
    ops: AsyncClient, owed: Noticed, clock: Clock, app: Starlette
) -> None:
    notice = await Notice.get(member_id=owed.member.id, version_id=owed.version.id)
    await answered(notice, SendingState.FAILED, "554 5.7.1 No")
    form = (await ops.get(here(owed, "/retries"))).text
    assert "Failed (1)" in form
    assert "Result unknown" not in form
    assert (await ops.post(here(owed, "/retries"), data={})).status_code == 422
    assert (await ops.post(here(owed, "/retries"), data={"states": "accepted"})).status_code == 422
    answer = await ops.post(here(owed, "/retries"), data={"states": "failed"})
    assert answer.status_code == 303
    assert "1 notice is queued again." in await shown(ops, owed)
    await send_all(owed)
    assert await Notice.filter(state=NoticeState.ACCEPTED).count() == 2
    assert (await ops.get(here(owed, "/retries"))).status_code == 303
    assert "Nothing is left to try again." in await shown(ops, owed)


async def test_errors_are_grouped_by_what_servers_answered(
    ops: AsyncClient, owed: Noticed, clock: Clock, app: Starlette
) -> None:
    await hold_campaign(owed.version.id, by=SYSTEM, reason="Test", at=clock())
    one, other = await Notice.filter(version_id=owed.version.id).order_by("member_id")
    await answered(one, SendingState.FAILED, "554 5.7.1 Rejected as spam, id A81F7.q12 (mx3.example)")
    await answered(other, SendingState.FAILED, "554 5.7.1 Rejected as spam, id 77B2C.q99 (mx1.example)")
    page = await shown(ops, owed)
    [(link, words)] = re.findall(r'<a href="([^"]*\?error=[^"]*)">([^<]*)</a>', page)
    assert words == "Rejected as spam, id …"
    assert '<td>5.7.1</td><td class="number">2</td>' in page
    listed = (await ops.get(link)).text
    assert ">m1</a>" in listed
    assert ">m2</a>" in listed
    assert await shown(ops, owed, "?error=nothing")


async def test_members_without_an_address_are_a_group_of_their_own(
    ops: AsyncClient, owed: Noticed, clock: Clock
) -> None:
    await record_refusal(owed.member.id, owed.version.id, "no_address", by=SYSTEM, at=clock())
    page = await shown(ops, owed)
    found = re.search(r'href="([^"]*error=[^"]*)">There is no mail address<', page)
    assert found
    listed = (await ops.get(found[1])).text
    assert ">m1</a>" in listed
    assert ">m2</a>" not in listed


@pytest.mark.parametrize(
    ("replies", "code", "words"),
    [
        (("550 5.1.1 <a@b.example>: unknown", "550 5.1.1 <cc@d.example>: unknown"), "5.1.1", "…: unknown"),
        (("451 Try again in 300 seconds", "451 Try again in 17 seconds"), "451", "Try again in … seconds"),
        (("421 4.7.0 10.0.0.1 busy", "421 4.7.0 10.9.8.7 busy"), "4.7.0", "… busy"),
        (("no answer: the sender stopped",), "", "no answer: the sender stopped"),
        (("",), "", ""),
    ],
)
def test_answers_that_differ_in_ids_only_are_alike(replies: tuple[str, ...], code: str, words: str) -> None:
    assert {alike(reply) for reply in replies} == {(code, words)}


async def test_a_version_that_is_not_mailed_has_no_campaign(ops: AsyncClient, app: Starlette) -> None:
    told = await noticed_world(app, ON_SITE, mailed=False)
    assert "funnel" not in await shown(ops, told)
    for noun in ("/hold", "/resumption", "/retries"):
        assert (await ops.get(here(told, noun))).status_code == 404
        assert (await ops.post(here(told, noun), data={"reason": "x"})).status_code == 404


async def test_only_ops_may_pause(as_staff: SignIn, client: AsyncClient, owed: Noticed) -> None:
    legal = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    for noun in ("/hold", "/resumption", "/retries"):
        for browser, status in ((legal, 403), (client, 303)):
            assert (await browser.get(here(owed, noun))).status_code == status
            assert (await browser.post(here(owed, noun), data={"reason": "x"})).status_code == status
    assert await held(owed.version.id) is None

"""A relay that would have us log in, or relays for nobody: a matter of configuration, however it is said."""

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.hold import resume_campaign
from portal.jobs.office import MOST_REFUSALS
from portal.store.holds import CampaignHold
from portal.store.notices import NoticeState, Refusal, Sending
from tests.jobs.conftest import Mailing, states
from tests.support.campaign import owed_to

QUEUED, ACCEPTED, REFUSED = NoticeState.QUEUED, NoticeState.ACCEPTED, NoticeState.REFUSED
MEMBERS = MOST_REFUSALS + 15


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "plain"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_where_a_login_is_wanted_nobody_is_charged(
    mailing: Mailing, step: str, extensions: tuple[str, ...]
) -> None:
    await owed_to(5)
    mailing.relay.extensions = extensions
    mailing.relay.script[step, ""] = "530 5.7.0 Authentication required"
    assert await mailing.send() == "530 5.7.0 Authentication required"
    assert await states() == [QUEUED] * 5
    assert not await Sending.exists()
    mailing.relay.script.clear()
    assert await mailing.send() == ""
    assert await states() == [ACCEPTED] * 5


async def test_a_relay_that_refuses_all_recipients_is_stopped_before_they_are_all_refused(mailing: Mailing) -> None:
    await owed_to(MEMBERS)
    mailing.change(smtp_connections=1)
    mailing.relay.script["RCPT", ""] = "550 relay not permitted"
    assert await mailing.send() == "550 relay not permitted"
    assert await states() == [REFUSED] * MOST_REFUSALS + [QUEUED] * (MEMBERS - MOST_REFUSALS)
    hold = await CampaignHold.get()
    assert (hold.held_by, hold.lifted_at) == ("system", None)
    assert "relay not permitted" in hold.reason
    mailing.relay.script.clear()
    await resume_campaign(hold.version_id, by=SYSTEM, at=mailing.clock.now)
    assert await mailing.send() == ""
    assert await states() == [REFUSED] * MOST_REFUSALS + [ACCEPTED] * (MEMBERS - MOST_REFUSALS)


async def test_many_dead_addresses_among_living_ones_stop_nothing(mailing: Mailing) -> None:
    await owed_to(2 * MEMBERS)
    mailing.relay.script |= {("RCPT", f"{digit}@"): "550 5.1.1 unknown" for digit in "12345678"}
    assert await mailing.send() == ""
    assert not await CampaignHold.exists()
    assert await Refusal.all().count() > MOST_REFUSALS
    assert set(await states()) == {ACCEPTED, REFUSED}

"""Ops erases what a mail in the inbox said."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.erasing import erase_aged
from portal.actions.inbox import mark_handled
from portal.actions.returned import take_in
from portal.mail.returned import Envelope, read
from portal.store.events import Event
from portal.store.returned import ReturnedContent, ReturnedMail
from portal.store.staff import Role
from tests.support.came_back import OBJECTION, OURS
from tests.support.clock import START, Clock
from tests.support.noticed import Noticed
from tests.support.world import DAY
from tests.web.conftest import SignIn

TYPED = {"reason": "The sender asked for it.", "confirmed": "yes"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


@pytest.fixture
async def here(noticed: Noticed) -> str:
    """The address of a letter that somebody is done with."""
    row = (await take_in(read(OBJECTION, Envelope(), OURS), at=START)).returned
    await mark_handled(row.id, "Objection of Maria entered.", by=SYSTEM, at=START)
    return f"/staff/inbox/{row.id}"


async def test_it_is_confirmed_with_a_reason_and_then_gone(ops: AsyncClient, here: str, clock: Clock) -> None:
    assert f'href="{here}/erasure"' in (await ops.get(here)).text
    page = (await ops.get(f"{here}/erasure")).text
    for words in ("nobody can bring it back", "180 days", "its digest", "Maria &lt;maria@example.org&gt;"):
        assert words in page, words
    answer = await ops.post(f"{here}/erasure", data=TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    page = (await ops.get(here)).text
    for words in (
        "What it said was erased.",
        "2 March 2026, 09:00 UTC, by Ops: The sender asked for it.",
        "(erased)",
        "kB, erased",
        "Letter",
    ):
        assert words in page, words
    listed = (await ops.get("/staff/inbox?show=letters")).text
    assert "(erased)" in listed
    for gone in (
        "I object to the new version",
        "maria@example.org",
        "Re: Our privacy",
        "Objection of Maria",
        "/erasure",
    ):
        assert gone not in page + listed, gone
    assert (await ops.get(f"{here}.eml")).status_code == 404
    assert "What a mail in the inbox said was erased" in (await ops.get("/staff")).text
    again = await ops.post(f"{here}/erasure", data=TYPED)
    assert again.status_code == 422
    assert "erased already" in again.text


async def test_looking_erases_nothing_and_a_bad_form_keeps_what_was_typed(ops: AsyncClient, here: str) -> None:
    await ops.get(f"{here}/erasure")
    unticked = await ops.post(f"{here}/erasure", data={"reason": "The sender asked for it."})
    assert unticked.status_code == 422
    assert "Tick the box" in unticked.text
    assert "The sender asked for it." in unticked.text
    silent = await ops.post(f"{here}/erasure", data={"reason": " ", "confirmed": "yes"})
    assert silent.status_code == 422
    assert "Say why" in silent.text
    assert (await ReturnedContent.get()).content == OBJECTION
    assert not await Event.exists(action="mail.erased")


async def test_what_waits_is_not_erased(ops: AsyncClient, noticed: Noticed) -> None:
    row = (await take_in(read(OBJECTION, Envelope(), OURS), at=START)).returned
    assert "/erasure" not in (await ops.get(f"/staff/inbox/{row.id}")).text
    answer = await ops.post(f"/staff/inbox/{row.id}/erasure", data=TYPED)
    assert answer.status_code == 422
    assert "be done with it first" in answer.text
    assert (await ReturnedMail.get()).erased_at is None


async def test_what_was_erased_after_its_time_says_so(ops: AsyncClient, here: str) -> None:
    assert await erase_aged(START + DAY, at=START + DAY) == 1
    page = (await ops.get(here)).text
    assert "3 March 2026, 09:00 UTC, after its time" in page
    # A thousand of these are nobody's deed.
    assert "erased after its time" not in (await ops.get("/staff")).text


async def test_only_ops_erases(as_staff: SignIn, client: AsyncClient, here: str) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.get(f"{here}/erasure")).status_code == 403
    assert (await other.post(f"{here}/erasure", data=TYPED)).status_code == 403
    assert (await client.post(f"{here}/erasure", data=TYPED)).status_code == 303
    assert (await ReturnedMail.get()).erased_at is None


async def test_the_servers_own_sweep_erases_what_has_aged(here: str, noticed: Noticed, clock: Clock) -> None:
    jobs = noticed.app.state.jobs
    await jobs.sweep()
    assert (await ReturnedMail.get()).erased_at is None
    clock.now = START + 181 * DAY
    await jobs.sweep()
    assert (await ReturnedMail.get()).erased_at == clock.now
    assert (await ReturnedContent.get()).content == b""

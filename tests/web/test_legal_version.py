"""Staff see where a published change is now."""

import re
from datetime import timedelta

from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.noticed import CLOSES_2, Noticed, noticed_world
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn

VERSION = "/staff/policies/privacy/versions/2"


def step(page: str) -> str:
    """The step the change is at."""
    found = re.search(r'aria-current="step">\s*<span class="step-label">(\w+)', page)
    assert found is not None
    return found[1]


async def test_it_goes_from_notice_to_objection_to_outcome(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    page = (await (await as_staff(Role.LEGAL)).get(VERSION)).text
    assert step(page) == "Objection"
    assert "until 22 March 2026, 00:00 (Europe/Berlin)" in page
    clock.now = CLOSES_2
    assert step((await (await as_staff(Role.LEGAL)).get(VERSION)).text) == "Outcome"
    assert noticed.version.number == 2


async def test_while_mails_go_out_it_is_at_the_notice(as_staff: SignIn, app: Starlette) -> None:
    await noticed_world(app, mailed=False)
    page = (await (await as_staff(Role.LEGAL)).get(VERSION)).text
    assert step(page) == "Notice"
    assert "0 of 2 tried, 2 to go" in page


async def test_a_window_without_an_end_keeps_it_at_the_objection(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    clock.now = CLOSES_2 + timedelta(days=30)
    assert step((await (await as_staff(Role.LEGAL)).get(VERSION)).text) == "Objection"


async def test_told_on_the_site_it_opens_at_once(as_staff: SignIn, app: Starlette) -> None:
    await noticed_world(app, ON_SITE, mailed=False)
    page = (await (await as_staff(Role.LEGAL)).get(VERSION)).text
    assert step(page) == "Objection"
    assert "on the site or in the account" in page


async def test_objections_are_counted_and_linked_for_ops_only(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    await freezing(noticed, clock())
    await closing(noticed, clock(), noticed.other)
    ops, legal = await as_staff(Role.OPS), await as_staff(Role.LEGAL)
    address = f"/staff/objections?show=all&amp;version={noticed.version.id}"
    page = (await ops.get(VERSION)).text
    for words in ("objection that freezes", "objection that closes", address, "2 in force"):
        assert words in page, words
    page = (await legal.get(VERSION)).text
    assert "objection that freezes" in page
    assert address not in page


async def test_it_shows_who_wrote_and_approved_it_and_every_classification(as_staff: SignIn, noticed: Noticed) -> None:
    page = (await (await as_staff(Role.APPROVER)).get(VERSION)).text
    for words in (
        "Ann Author",
        "Ben Approver",
        noticed.version.digest,
        "Marketing",
        "Editorial",
        "It says what it says.",
    ):
        assert words in page, words
    assert (await (await as_staff(Role.ADMIN)).get(VERSION)).status_code == 403
    assert (await (await as_staff(Role.LEGAL)).get("/staff/policies/privacy/versions/3")).status_code == 404

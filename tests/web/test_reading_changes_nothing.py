"""Mail scanners, prefetching browsers and crawlers open every address they see: none of it may change anything."""

from collections import defaultdict
from datetime import datetime
from io import BytesIO

from httpx2 import AsyncClient
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.routing import Route

from portal.actions.actor import Actor
from portal.actions.address_change import ask_for_address
from portal.actions.declare import declare_consent
from portal.actions.draft import start_draft
from portal.actions.enter_choice import enter_opt_out
from portal.actions.objection import file_objection
from portal.actions.request import ask
from portal.actions.returned import take_in
from portal.actions.submission import Arrival
from portal.actions.submitted_file import examined
from portal.mail.returned import Envelope, read
from portal.store.access import OneTimeCode
from portal.store.answers import Way
from portal.store.connections import transaction
from portal.store.policies import Purpose
from portal.store.requests import RequestKind
from portal.store.staff import Role, Staff
from portal.store.submissions import Submission
from tests.support.came_back import OBJECTION, OURS
from tests.support.entering import PDF
from tests.support.every_row import rows
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

ELSEWHERE = ("/api/", "/mailbox", "/sign-on", "/hand-over")


async def test_no_page_changes_a_row(
    app: Starlette, client: AsyncClient, as_staff: SignIn, as_member: SignIn, noticed: Noticed
) -> None:
    browsers = [client, await as_staff(*Role), await as_member("m1")]
    addresses = await filled(app, noticed)
    await app.state.jobs.idle()
    before = await rows()
    statuses: dict[str, set[int]] = defaultdict(set)
    for browser in browsers:
        for route, address in addresses.items():
            for method in ("GET", "HEAD"):
                answer = await browser.request(method, address)
                statuses[route].add(answer.status_code)
    assert await rows() == before
    assert {route: seen for route, seen in statuses.items() if max(seen) >= 500} == {}
    # Each was answered as what it is: a page, or a way on to one. The API, the mailbox and what a company has to set up
    # have tests of their own.
    led_nowhere = {route for route, seen in statuses.items() if not seen & {200, 303}}
    assert {route for route in led_nowhere if not route.startswith(ELSEWHERE)} == set()
    assert sum(200 in seen for seen in statuses.values()) > len(statuses) / 2


async def filled(app: Starlette, noticed: Noticed) -> dict[str, str]:
    """Every route that can be read -> an address of it that leads somewhere."""
    at = app.state.clock()
    author = await Staff.all().order_by("id").first()
    assert author is not None
    draft = await start_draft(noticed.policy.id, by=Actor("staff", author.id), at=at)
    member = noticed.member
    chosen = [noticed.keys["News"]]
    objection = await file_objection(
        member.id, noticed.version.id, chosen, way=Way.LINK, by=Actor("member", member.id), at=at
    )
    declared = await declare_consent(
        member.id,
        noticed.version.id,
        "ai_training",
        way=Way.LINK,
        known_as=None,
        by=Actor("member", member.id),
        at=at,
    )
    assert declared is not None
    async with transaction():
        code = await OneTimeCode.create(member_id=member.id, created_at=at, expires_at=at.replace(year=at.year + 1))
    marketing = await Purpose.get(key="marketing")
    by = Actor("member", member.id)
    change = await ask_for_address(member.id, "new@example.org", by=by, at=at)
    assert change is not None
    asked = await ask(member.id, RequestKind.ACCESS, way=Way.ACCOUNT, by=by, at=at)
    submission = await with_a_file(member.id, author.id, at)
    tokens = {
        "/address/": app.state.keys.address_link(member.id, change.id, new=True),
        "/n/": noticed.token(),
        "/sign-in/": app.state.keys.sign_in_link(member.id, code.id),
        "/opt-out/": app.state.keys.opt_out_link(member.id, member.link_epoch),
        "/unsubscribe/": app.state.keys.unsubscribe_link(member.id, marketing.id, member.link_epoch),
    }
    ids = {
        "/staff/drafts/": draft.id,
        "/staff/objections/": objection.id,
        "/staff/declarations/": declared.id,
        "/staff/members/": member.id,
        "/staff/people/": author.id,
        "/staff/requests/": asked.id,
        "/staff/submissions/": submission.id,
        "/staff/inbox/": (await take_in(read(OBJECTION, Envelope(), OURS), at=at)).returned.id,
    }
    readable = [route for route in app.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return {
        route.path: route.path.replace("{slug}", noticed.policy.slug)
        .replace("/versions/{number:int}", "/versions/2")
        .replace("/objections/{number}", f"/objections/{objection.number}")
        .replace("/requests/{number}", f"/requests/{asked.number}")
        .replace("/requests/new", "/requests/new?kind=export")
        .replace("/amendment/review", f"/amendment/review?change={noticed.keys['Service']}")
        .replace("/answers/{number}", f"/answers/{declared.number}")
        .replace("/sendings/{number:int}", "/sendings/1")
        .replace("/files/{number:int}", "/files/1")
        .replace("/consents", f"/consents?version={noticed.version.id}")
        .replace("{version_id:int}", str(noticed.version.id))
        .replace("{member_id:int}", str(member.id))
        .replace("{token}", next((token for start, token in tokens.items() if route.path.startswith(start)), ""))
        .replace("{id:int}", str(next((row for start, row in ids.items() if route.path.startswith(start)), "")))
        for route in readable
    }


async def with_a_file(member_id: int, staff_id: int, at: datetime) -> Submission:
    """An opt-out that came by letter."""
    files = await examined([("letter.pdf", UploadFile(BytesIO(PDF)))])
    arrival = Arrival(Way.LETTER, at, "Folder 12")
    return await enter_opt_out(member_id, "marketing", arrival, files, by=Actor("staff", staff_id), at=at)

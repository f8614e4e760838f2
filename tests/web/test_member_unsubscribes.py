"""A single click in the company's own mail stops its purpose (RFC 8058), sent by a mail provider or by a button."""

import pytest
from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_in, opt_out
from portal.actions.declaration import confirm_declaration
from portal.actions.declare import declare_opt_in
from portal.actions.outcome import close_account
from portal.keys import Keys
from portal.store.answers import ConfirmationWay, Direction, OptOut, Way
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member
from portal.store.policies import Purpose
from portal.store.staff import Attempt
from portal.store.standings import opted_out
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.web.conftest import BASE_URL, Open

CLICK = {"List-Unsubscribe": "One-Click"}
# What a mail provider's server sends; none of it is a browser's.
PROVIDER = {"User-Agent": "Mail provider"}


async def link_of(
    noticed: Noticed, member: Member | None = None, purpose: str = "marketing", epoch: int = 1, keys: Keys | None = None
) -> str:
    row = await Purpose.get(key=purpose)
    used = keys or noticed.app.state.keys
    return f"/unsubscribe/{used.unsubscribe_link((member or noticed.member).id, row.id, epoch)}"


@pytest.fixture
async def provider(open_client: Open) -> AsyncClient:
    """A mail provider's server: it sends nothing that a browser would say of itself."""
    client = await open_client()
    del client.headers["Sec-Fetch-Site"]
    return client


async def is_out(noticed: Noticed) -> bool:
    row = await OptOut.filter(member_id=noticed.member.id, purpose="marketing").order_by("-id").first()
    return row is not None and row.direction is Direction.OUT


async def test_the_click_is_recorded_with_its_instant_and_way(
    provider: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    answer = await provider.post(await link_of(noticed), data=CLICK, headers=PROVIDER)
    assert answer.status_code == 200
    row = await OptOut.get()
    assert (row.member_id, row.purpose, row.direction) == (noticed.member.id, "marketing", Direction.OUT)
    assert (row.way, row.received_at) == (Way.LINK, clock())
    event = await Event.get(action="purpose.opted_out")
    assert (event.actor, event.member_id) == (f"member:{noticed.member.id}", noticed.member.id)


async def test_multipart_forms_are_taken_too(provider: AsyncClient, noticed: Noticed) -> None:
    """Section 3.2 allows both."""
    answer = await provider.post(await link_of(noticed), files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.request.headers["content-type"].startswith("multipart/form-data")
    assert answer.status_code == 200
    assert await is_out(noticed)


async def test_the_answer_needs_no_cookie_and_sets_none_and_leads_nowhere_else(
    provider: AsyncClient, noticed: Noticed
) -> None:
    answer = await provider.post(await link_of(noticed), data=CLICK)
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_a_webmail_page_may_send_it_from_its_own_site(client: AsyncClient, noticed: Noticed) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    assert (await client.post(await link_of(noticed), data=CLICK, headers=headers)).status_code == 200
    assert await is_out(noticed)


async def test_clicking_again_is_one_opt_out(provider: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    first = await provider.post(await link_of(noticed), data=CLICK)
    clock.move(days=300)
    again = await provider.post(await link_of(noticed), data=CLICK)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert await OptOut.all().count() == 1
    assert await Event.filter(action="purpose.opted_out").count() == 1


async def test_clicking_after_a_yes_that_waits_is_the_last_word(
    provider: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    by, member = Actor("member", noticed.member.id), noticed.member
    await opt_out(member.id, "ai_training", way=Way.LINK, by=by, at=clock())
    yes = await declare_opt_in(
        member.id, noticed.version.id, "ai_training", way=Way.LINK, known_as=None, by=by, at=clock.move(minutes=1)
    )
    assert yes is not None
    clock.move(minutes=1)
    await provider.post(await link_of(noticed, purpose="ai_training"), data=CLICK)
    await confirm_declaration(yes.id, way=ConfirmationWay.SIGN_IN, by=by, at=clock.move(minutes=1))
    assert await opted_out(member.id) == {"ai_training"}


async def test_opening_the_address_shows_a_button_and_changes_nothing(client: AsyncClient, noticed: Noticed) -> None:
    address = await link_of(noticed)
    for method in ("GET", "HEAD", "GET"):
        shown = await client.request(method, address)
        assert shown.status_code == 200
    assert 'name="List-Unsubscribe" value="One-Click"' in shown.text
    assert shown.text.count('<button class="button primary"') == 1
    assert await OptOut.all().count() == 0
    pressed = await client.post(address, data=CLICK)
    assert "You have opted out of Marketing" in pressed.text
    assert "You have opted out of Marketing" in (await client.get(address)).text
    assert await is_out(noticed)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"List-Unsubscribe": ""},
        {"List-Unsubscribe": "one-click"},
        {"List-Unsubscribe": "No"},
        {"purpose": "marketing", "turn": "out"},
    ],
)
async def test_a_form_that_says_no_single_click_shows_the_button(
    provider: AsyncClient, noticed: Noticed, form: dict[str, str]
) -> None:
    answer = await provider.post(await link_of(noticed), data=form)
    assert answer.status_code == 422
    assert 'value="One-Click"' in answer.text
    assert await OptOut.all().count() == 0


async def test_it_can_stop_and_nothing_else(provider: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await link_of(noticed)
    await provider.post(address, data=CLICK | {"purpose": "ai_training", "turn": "in"})
    assert [(row.purpose, row.direction) for row in await OptOut.all()] == [("marketing", Direction.OUT)]
    assert (await provider.get(address.replace("/unsubscribe/", "/opt-out/"))).status_code == 404
    assert (await provider.get(address.replace("/unsubscribe/", "/n/"))).status_code == 404
    await opt_in(noticed.member.id, "marketing", way=Way.ACCOUNT, by=SYSTEM, at=clock.move(minutes=1))
    await provider.post(address, data=CLICK)
    assert await is_out(noticed)


async def unknown(answer: Response) -> None:
    assert answer.status_code == 404
    assert "This link does not work" in answer.text


async def test_forged_revoked_and_foreign_links_and_those_of_closed_accounts_get_the_same_page(
    provider: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await close_account(noticed.other.id, by=SYSTEM, at=clock())
    good = await link_of(noticed)
    links = [
        await link_of(noticed, epoch=2),
        await link_of(noticed, noticed.other),
        await link_of(noticed, keys=Keys(("another key",))),
        good[:-1],
        "/unsubscribe/forged",
        f"/unsubscribe/{noticed.token()}",
        f"/unsubscribe/{noticed.app.state.keys.opt_out_link(noticed.member.id, 1)}",
        f"/unsubscribe/{noticed.app.state.keys.unsubscribe_link(noticed.member.id, 10**6, 1)}",
        f"/unsubscribe/{noticed.app.state.keys.unsubscribe_link(10**6, 1, 1)}",
    ]
    answers = [await provider.post(link, data=CLICK) for link in links] + [await provider.get(link) for link in links]
    for answer in answers:
        await unknown(answer)
    assert await OptOut.all().count() == 0


async def test_revoking_a_members_links_revokes_these(provider: AsyncClient, noticed: Noticed) -> None:
    address = await link_of(noticed)
    async with transaction():
        await Member.filter(id=noticed.member.id).update(link_epoch=2)
    await unknown(await provider.post(address, data=CLICK))
    assert (await provider.post(await link_of(noticed, epoch=2), data=CLICK)).status_code == 200


async def test_another_kind_of_body_and_a_large_one_are_refused(provider: AsyncClient, noticed: Noticed) -> None:
    address = await link_of(noticed)
    assert (await provider.post(address, json=CLICK)).status_code == 415
    assert (await provider.post(address, data=CLICK | {"more": "x" * 4_000})).status_code == 413
    assert (await provider.put(address, data=CLICK)).status_code == 405
    assert await OptOut.all().count() == 0


async def test_repeating_it_without_end_is_refused_and_the_first_click_never(
    provider: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await link_of(noticed)
    await provider.post(address, data=CLICK)
    await provider.post(address, data=CLICK)
    async with transaction():
        await Attempt.all().update(tries=60)
    refused = await provider.post(address, data=CLICK)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    await opt_in(noticed.member.id, "marketing", way=Way.ACCOUNT, by=SYSTEM, at=clock())
    assert (await provider.post(address, data=CLICK)).status_code == 200
    assert await is_out(noticed)


async def test_the_page_is_in_the_members_language_and_names_nobody(
    provider: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await opt_out(noticed.other.id, "marketing", way=Way.ACCOUNT, by=SYSTEM, at=clock())
    address = await link_of(noticed)
    text = (await provider.get(address)).text
    assert address in text
    assert "m1" not in text.replace(address, "")  # whose signs are chance
    assert "Opt out of Marketing" in text


async def test_elsewhere_forms_of_other_sites_stay_refused(client: AsyncClient, noticed: Noticed) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    token = noticed.app.state.keys.opt_out_link(noticed.member.id, 1)
    for address in (f"/opt-out/{token}", "/account/opt-outs", "/unsubscribe", "/sign-in", noticed.by_link()):
        assert (await client.post(address, data=CLICK, headers=headers)).status_code == 403, address


async def test_the_portals_own_mails_are_answered_without_a_redirect_too(
    provider: AsyncClient, noticed: Noticed, app: Starlette
) -> None:
    """Section 3.1 forbids it: redirected POSTs do not arrive."""
    address = f"/opt-out/{app.state.keys.opt_out_link(noticed.member.id, 1)}?purpose=marketing"
    for _ in range(2):
        answer = await provider.post(address, data=CLICK)
        assert answer.status_code == 200
        assert "You have opted out of Marketing" in answer.text
    assert await OptOut.all().count() == 1
    assert str(answer.url).startswith(BASE_URL)

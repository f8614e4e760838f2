"""Nothing that a member reads is English because somebody forgot the catalogues: in a made-up language, and in ours."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import Actor
from portal.actions.request import ask
from portal.cli.catalogues import catalogue
from portal.store.answers import Way
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.requests import RequestKind
from portal.store.staff import Role
from tests.support.bracketed import bracketed, outside
from tests.support.clock import Clock
from tests.support.noticed import REASON, TEXT_1, TEXT_2, Noticed
from tests.support.objecting import closing, freezing
from tests.support.visible import visible
from tests.web.conftest import SignIn

# What the company and the member wrote themselves, names that are the same everywhere, and French months and days.
DATA = {
    *re.findall(r"\w+", f"{TEXT_1} {TEXT_2} {REASON}"),
    *("Privacy", "policy", "News", "more", "often", "Marketing", "Service", "Ai", "Training", "Example", "Company"),
    *("maria", "example", "org", "Europe", "Berlin", "America", "Asia", "UTC", "JSON", "HTML", "EEC", "Euratom"),
    *("English", "Français", "janvier", "février", "mars", "avril", "lundi", "mardi", "mercredi", "jeudi", "vendredi"),
    *("samedi", "dimanche"),
}
OF_STAFF = {
    *("Olga", "olga", "noah", "net", "com", "ann", "Ann", "Author", "ben", "Ben", "Approver", "privacy"),
    *("windows", "utf", "latin", "address", "nobody"),
}
WORD = re.compile(r"[^\W\d_]{3,}")


async def pages(
    noticed: Noticed, account: AsyncClient, nobody: AsyncClient, clock: Clock
) -> AsyncIterator[tuple[str, str]]:
    """(address, HTML) of what a member meets, from the mail to the receipt, and in the account."""
    link = noticed.by_link()
    for rest in (
        "",
        "/changes",
        "/changes?view=inline",
        "/changes?view=side",
        "/objection?answer=object",
        "/objection?answer=keep",
    ):
        yield rest, (await nobody.get(link + rest, follow_redirects=True)).text
    yield (
        "no change chosen",
        (await nobody.post(f"{link}/objections", data={"answer": "object", "change": "none"})).text,
    )
    frozen = await freezing(noticed, clock())
    for rest in ("", "/withdrawal", "/amendment"):
        yield f"frozen{rest}", (await nobody.get(f"{link}/objections/{frozen.number}{rest}")).text
    closed = await closing(noticed, clock(), noticed.other)
    yield "closing", (await nobody.get(f"{noticed.by_link(noticed.other)}/objections/{closed.number}")).text
    by = Actor("member", noticed.member.id)
    asked = await ask(noticed.member.id, RequestKind.ACCESS, way=Way.ACCOUNT, by=by, at=clock())
    for rest in (
        "",
        "/terms",
        "/data",
        "/data.html",
        "/details",
        "/requests",
        f"/requests/{asked.number}",
        "/requests/new?kind=closing",
    ):
        yield f"/account{rest}", (await account.get(f"/account{rest}")).text
    yield (
        "wrong details",
        (await account.post("/account/details", data={"name": "x", "language": "?", "zone": "Mars"})).text,
    )
    yield "opting out", (await nobody.get(f"/opt-out/{noticed.app.state.keys.opt_out_link(noticed.member.id, 1)}")).text
    clock.move(days=30)
    yield (
        "late",
        (await nobody.get(f"{noticed.by_link(noticed.other)}/objection?answer=object", follow_redirects=True)).text,
    )
    for address in (
        "/policies",
        "/policies/privacy",
        "/policies/privacy/versions",
        "/policies/privacy/versions/2/changes",
        "/reading-changes",
        "/sign-in",
        "/n/forged",
        "/sign-in/forged",
    ):
        yield address, (await nobody.get(address)).text


def leaked(html: str) -> set[str]:
    """The words of a page that are neither from a catalogue nor data. Numbers of receipts are letters, too."""
    found = WORD.findall(outside(visible(html, "languages", "brand-name", "policy-text", "redline")))
    return {word for word in found if not word.isupper()} - DATA


async def speaking(tag: str, *members: Member) -> None:
    for member in members:
        async with transaction():
            await Member.filter(id=member.id).update(language=tag)


async def test_every_word_on_a_members_pages_comes_from_a_catalogue(
    noticed: Noticed, as_member: SignIn, client: AsyncClient, clock: Clock, tmp_path: Path
) -> None:
    account = await as_member("m1")
    with bracketed("fr", tmp_path / "fr"):
        await speaking("fr", noticed.member, noticed.other)
        client.headers["accept-language"] = "fr"
        leaks, brackets = {}, 0
        async for address, html in pages(noticed, account, client, clock):
            brackets += html.count("⟦")
            if words := leaked(html):
                leaks[address] = words
    assert leaks == {}
    assert brackets > 1_000


@pytest.mark.parametrize("tag", ["de", "es"])
async def test_no_message_of_the_source_stands_on_a_page_in_another_language(
    tag: str, noticed: Noticed, as_member: SignIn, client: AsyncClient, clock: Clock
) -> None:
    account = await as_member("m1")
    await speaking(tag, noticed.member, noticed.other)
    client.headers["accept-language"] = tag
    english = {
        message.id: message.string
        for message in catalogue(tag)
        if isinstance(message.id, str) and len(message.id.split()) > 2 and "%(" not in message.id
    }
    found = {}
    async for address, html in pages(noticed, account, client, clock):
        assert f'<html lang="{tag}" dir="ltr">' in html, address
        shown = visible(html)
        if there := [message for message, said in english.items() if message in shown and message not in str(said)]:
            found[address] = there
    assert len(english) > 500
    assert found == {}


STAFF = (
    "/staff", "/staff/policies", "/staff/policies/privacy", "/staff/policies/privacy/defaults", "/staff/policies/new",
    "/staff/purposes/new", "/staff/policies/privacy/versions/2", "/staff/drafts", "/staff/objections?show=all",
    "/staff/objections/1", "/staff/objections/1/withdrawal", "/staff/objections/1/settlement", "/staff/declarations",
    "/staff/requests", "/staff/notices", "/staff/notices/2", "/staff/notices/2/hold",
    "/staff/inbox", "/staff/members", "/staff/members/1", "/staff/members/1/addresses",
    "/staff/members/1/objections?version=2", "/staff/members/1/requests", "/staff/members/1/closure",
    "/staff/members/import", "/staff/people", "/staff/people/new", "/staff/tokens", "/staff/sessions",
)  # fmt: skip


async def test_every_word_on_staffs_pages_comes_from_a_catalogue(
    noticed: Noticed, as_staff: SignIn, clock: Clock, tmp_path: Path
) -> None:
    await freezing(noticed, clock())
    browser = await as_staff(*Role, name="Olga")
    file = {"file": ("members.csv", b"external_id,address\nx,nobody\ny,a@b.example,more\n", "text/csv")}
    with bracketed("fr", tmp_path / "fr"):
        browser.headers["accept-language"] = "fr"
        shown = {address: await browser.get(address) for address in STAFF}
        shown["import"] = await browser.post("/staff/members/import", data={"mode": "all"}, files=file)
        weak = {"name": "Bo", "email": "bo@example.com", "password": "x", "roles": "ops"}
        shown["weak"] = await browser.post("/staff/people", data=weak)
    assert {address: page.status_code for address, page in shown.items() if page.status_code not in (200, 422)} == {}
    found = {address: leaked(page.text) - OF_STAFF for address, page in shown.items()}
    assert {address: words for address, words in found.items() if words} == {}
    assert "⟦Use at least" in shown["weak"].text

"""A member sees and corrects the details on file; for the mail address see test_member_changes_address.py."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.store.address_changes import AddressChange
from portal.store.events import Event
from portal.store.members import Member, Profile
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

PERSONAL = {"name": "Maria Ruiz", "language": "en", "zone": "Europe/Madrid"}


async def test_shows_what_is_on_file(as_member: SignIn, noticed: Noticed) -> None:
    text = (await (await as_member("m1")).get("/account/details")).text
    assert "maria@example.org" in text
    assert "noah@example.net" not in text
    assert ">m1<" in text.replace("\n", "")


async def test_name_language_and_zone_are_corrected(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    answer = await browser.post("/account/details", data=PERSONAL)
    assert answer.status_code == 303
    member = await Member.get(id=noticed.member.id)
    assert (member.language, member.zone) == ("en", "Europe/Madrid")
    text = (await browser.get("/account/details")).text
    assert "Maria Ruiz" in text
    assert "10 January 2026, 01:00 (Europe/Madrid)" in text
    event = await Event.get(action="profile.given")
    assert event.facts == {}


async def test_zone_and_name_may_be_left_empty(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    assert (await browser.post("/account/details", data={"name": "", "language": "en", "zone": ""})).status_code == 303
    assert (await Member.get(id=noticed.member.id)).zone is None


async def test_repeated_correction_is_one(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    for _ in range(2):
        await browser.post("/account/details", data=PERSONAL)
    assert await Profile.filter(member_id=noticed.member.id).count() == 2


@pytest.mark.parametrize("address", ["", "maria", "maria@", "@example.org", "a b@example.org", "x" * 321])
async def test_address_that_takes_no_mail_is_shown_again(as_member: SignIn, noticed: Noticed, address: str) -> None:
    browser = await as_member("m1")
    answer = await browser.post("/account/details/address", data={"address": address})
    assert answer.status_code == 422
    assert "Enter an address like name@example.org." in answer.text
    assert not await AddressChange.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"zone": "Mars/Base"}, "Enter a zone such as Europe/Berlin"),
        ({"language": "klingon!"}, "Choose one of the languages."),
        ({"name": "a" * 301}, "Use at most 300 characters."),
        ({"language": ""}, "Fill this in."),
    ],
)
async def test_details_that_are_not_in_order_are_shown_again(
    as_member: SignIn, noticed: Noticed, wrong: dict[str, str], words: str
) -> None:
    browser = await as_member("m1")
    answer = await browser.post("/account/details", data=PERSONAL | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert await Profile.filter(member_id=noticed.member.id).count() == 1


async def test_nobody_and_a_closed_account_correct_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    forms = {"/account/details": PERSONAL, "/account/details/address": {"address": "new@example.org"}}
    for path, form in forms.items():
        assert (await client.post(path, data=form)).headers["location"].startswith("/sign-in")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    for path, form in forms.items():
        assert (await browser.post(path, data=form)).status_code == 410
    assert await Profile.filter(member_id=noticed.member.id).count() == 1
    assert not await AddressChange.exists()

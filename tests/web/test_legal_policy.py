"""Legal adds a policy, changes what its next draft starts with, defines a purpose."""

import pytest
from httpx2 import AsyncClient

from portal.store.policies import Policy, Purpose
from portal.store.staff import Role
from tests.support.forms import form_on
from tests.web.conftest import SignIn

NEW, DEFAULTS, PURPOSE = "/staff/policies/new", "/staff/policies/privacy/defaults", "/staff/purposes/new"


@pytest.fixture
async def legal(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.LEGAL)


@pytest.mark.usefixtures("privacy")
async def test_a_policy_is_added(legal: AsyncClient) -> None:
    typed = form_on(
        (await legal.get(NEW)).text,
        NEW,
        {"treatment-marketing": "separable", "treatment-service": "inseparable"},
        title="Terms",
        slug="terms",
        zone="Europe/Berlin",
    )
    answer = await legal.post(NEW, data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/policies/terms")
    policy = await Policy.get(slug="terms")
    assert policy.treatments == {"marketing": "separable", "service": "inseparable"}
    assert policy.terms["channels"] == ["site", "account", "email"]
    page = (await legal.get("/staff/policies/terms")).text
    assert "Start a draft of version 1" in page
    again = await legal.post(NEW, data=typed)
    assert again.status_code == 422
    assert "There is a policy terms already." in again.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"slug": "Not a slug"}, "A slug is small letters and digits"),
        ({"title": ""}, "A policy needs a title"),
        ({"language": "klingonese!"}, "klingonese!"),
        ({"objection_days": "many"}, "Enter 0, or 10 days or more."),
        ({"told_of": ["marketing"], "treatment-marketing": "none"}, "Not used in this policy: marketing."),
        ({"treatment-marketing": "maybe"}, "Choose one of the options."),
        ({"channels": ["pigeon"]}, "Choose among the site, the account and mail."),
    ],
)
@pytest.mark.usefixtures("privacy")
async def test_a_policy_that_is_not_in_order_is_not_added(
    legal: AsyncClient, typed: dict[str, str], words: str
) -> None:
    sent = form_on((await legal.get(NEW)).text, NEW, {"title": "Terms of mine", "slug": "terms", **typed})
    answer = await legal.post(NEW, data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert await Policy.all().count() == 1


async def test_defaults_are_changed_for_the_next_draft_only(legal: AsyncClient, privacy: Policy) -> None:
    typed = form_on((await legal.get(DEFAULTS)).text, DEFAULTS, objection_days="30", channels=["account"])
    assert (await legal.post(DEFAULTS, data=typed)).status_code == 303
    assert (await Policy.get(id=privacy.id)).terms["objection_days"] == 30
    page = (await legal.get("/staff/policies/privacy/versions/2")).text
    assert "20 days, counted in Europe/Berlin" in page
    assert "30 days, counted in Europe/Berlin" in (await legal.get("/staff/policies/privacy")).text


@pytest.mark.usefixtures("privacy")
async def test_a_purpose_is_defined(legal: AsyncClient) -> None:
    typed = {"key": "profiling", "title": "Profiling", "about": "Guessing what you like"}
    assert (await legal.post(PURPOSE, data=typed)).status_code == 303
    assert (await Purpose.get(key="profiling")).title == "Profiling"
    assert "Profiling" in (await legal.get(NEW)).text
    wrong = await legal.post(PURPOSE, data=typed | {"key": "Pro filing"})
    assert wrong.status_code == 422
    assert "Guessing what you like" in wrong.text


@pytest.mark.usefixtures("privacy")
@pytest.mark.parametrize("address", [NEW, DEFAULTS, PURPOSE])
async def test_an_approver_changes_none_of_it(as_staff: SignIn, address: str) -> None:
    approver = await as_staff(Role.APPROVER)
    assert (await approver.get(address)).status_code == 403
    assert (await approver.post(address, data={"title": "x"})).status_code == 403
    assert (await approver.get("/staff/policies")).status_code == 200


async def test_a_policy_that_is_not_there_is_not_found(legal: AsyncClient) -> None:
    assert (await legal.get("/staff/policies/nothing")).status_code == 404
    assert (await legal.get("/staff/policies/nothing/versions/1")).status_code == 404

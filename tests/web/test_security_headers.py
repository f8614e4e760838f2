"""Every answer carries the headers that protect its reader."""

import re
from urllib.parse import urlsplit

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from portal.app import create_app
from portal.settings import Settings
from portal.store.policies import Policy
from portal.store.staff import Role
from portal.web.access_log import redacted
from tests.web.conftest import PASSWORD, SignIn

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.mark.parametrize(
    "address", ["/policies", "/nowhere", "/sign-in", "/staff", "/api/v1/terms", "/static/portal.css"]
)
async def test_the_headers_are_on_every_answer(client: AsyncClient, address: str) -> None:
    headers = (await client.get(address)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize(
    "address",
    [
        "/staff/sign-in",
        "/sign-in",
        "/sign-in/token",
        "/account",
        "/n/token",
        "/staff",
        "/sign-on",
        "/sign-on/answer",
        "/hand-over",
        "/unsubscribe/token",
    ],
)
async def test_private_pages_are_stored_nowhere(client: AsyncClient, address: str) -> None:
    assert (await client.get(address)).headers["cache-control"] == "no-store"


async def test_public_pages_may_be_kept_and_asked_about(client: AsyncClient) -> None:
    assert (await client.get("/policies")).headers["cache-control"] == "no-cache"


async def test_pages_hold_no_inline_style_or_script(client: AsyncClient, privacy: Policy, as_staff: SignIn) -> None:
    admin = await as_staff(Role.ADMIN)
    shown = [
        (await client.get("/policies")).text,
        (await client.get(f"/policies/{privacy.slug}")).text,
        (await client.get(f"/policies/{privacy.slug}/versions/2/changes")).text,
        (await admin.get("/staff/people")).text,
    ]
    for text in shown:
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=", text)


async def test_style_sheets_are_kept_for_a_year_under_addresses_that_change_with_them(client: AsyncClient) -> None:
    for address in set(STATIC.findall((await client.get("/policies")).text)):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].split(";")[0] in ("text/css", "image/svg+xml")
        bare = urlsplit(address).path
        if "vendor" not in bare:
            assert (await client.get(bare)).headers["cache-control"] == "no-cache"
            assert (await client.get(f"{bare}?v=0123456789ab")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("address", ["/static/../portal/keys.py", "/static/%2e%2e/manage.py", "/static/", "/static/x"])
async def test_nothing_but_the_static_folder_is_served_there(client: AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 404


async def test_over_https_cookies_belong_to_this_host_alone(
    settings: Settings, app: Starlette, as_staff: SignIn
) -> None:
    await as_staff(Role.OPS)
    base = "https://privacy.example.com"
    over_tls = create_app(settings.model_copy(update={"base_url": base}), app.state.clock)
    own = {"sec-fetch-site": "same-origin"}
    async with AsyncClient(transport=ASGITransport(over_tls), base_url=base, headers=own) as browser:
        answer = await browser.post("/staff/sign-in", data={"email": "ops@example.com", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-staff=")
        assert "; Secure" in answer.headers["set-cookie"]
        assert "Domain" not in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
        assert (await browser.get("/staff/sessions")).status_code == 200
        browser.cookies.clear()
        browser.cookies.set("staff", "without the prefix", domain="privacy.example.com", path="/")
        assert (await browser.get("/staff/sessions")).status_code == 303


async def test_a_notice_for_the_next_page_cannot_be_forged(client: AsyncClient) -> None:
    client.cookies.set("notice", '"Call 555 for your prize".abcdef', domain="127.0.0.1", path="/")
    answer = await client.get("/policies")
    assert "555" not in answer.text


async def test_the_log_shows_no_token(client: AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    await client.get("/n/a-secret-token/objection?change=1")
    await client.get("/sign-in/a-secret-token")
    await client.get("/opt-out/a-secret-token")
    await client.get("/unsubscribe/a-secret-token")
    await client.get("/hand-over?token=a-secret-token")
    await client.get("/sign-on/answer?code=a-secret-token&state=a-secret-token")
    logged = capsys.readouterr()
    assert "secret" not in logged.out + logged.err
    assert "path=/n/…/objection" in re.sub(r"\x1b\[\d+m", "", logged.out + logged.err)


def test_only_tokens_are_left_out_of_the_log() -> None:
    assert redacted("/staff/sign-in") == "/staff/sign-in"
    assert redacted("/policies/n/versions/1") == "/policies/n/versions/1"
    assert redacted("/sign-in/abc") == "/sign-in/…"
    assert redacted("/n/abc/objections/7") == "/n/…/objections/7"


async def test_only_the_banner_is_taken_by_pages_of_other_sites(client: AsyncClient) -> None:
    for name in ("notice-banner.js", "notice-banner.css"):
        answer = await client.get(f"/static/{name}")
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["access-control-allow-origin"] == "*"
        again = await client.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.headers["cross-origin-resource-policy"]) == (304, "cross-origin")
    for name in ("portal.css", "matrix.js", "vendor/pico/pico-2.1.1.min.css"):
        answer = await client.get(f"/static/{name}")
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers

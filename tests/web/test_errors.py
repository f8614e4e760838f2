"""Errors are pages in the style of their area, and problem details under /api/."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.rules.errors import RuleBroken
from portal.store.staff import Role
from tests.web.conftest import SignIn


@pytest.mark.parametrize(
    ("address", "area"), [("/nowhere", "public"), ("/staff/nowhere", "staff"), ("/account/nowhere", "member")]
)
async def test_a_page_that_is_not_there(client: AsyncClient, address: str, area: str) -> None:
    answer = await client.get(address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert f'<body class="area-{area}">' in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_method_that_a_page_does_not_take_names_those_it_does(client: AsyncClient) -> None:
    answer = await client.post("/policies")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    answer = await client.delete("/staff/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    answer = await client.get("/sign-out")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "This page does not take that" in answer.text


async def test_the_wrong_role_is_told_so_in_the_staffs_own_frame(as_staff: SignIn) -> None:
    ops = await as_staff(Role.OPS)
    answer = await ops.get("/staff/people")
    assert answer.status_code == 403
    assert "Your roles do not allow it." in answer.text
    assert '<nav class="side-nav"' in answer.text


async def test_a_broken_rule_is_a_page(app: Starlette, client: AsyncClient) -> None:
    app.router.routes.insert(0, Route("/staff/late", _late))
    answer = await client.get("/staff/late")
    assert answer.status_code == 409
    assert "The window has closed." in answer.text


async def test_a_broken_rule_under_api_is_a_problem(app: Starlette, client: AsyncClient) -> None:
    app.router.routes.insert(0, Route("/api/late", _late))
    answer = await client.get("/api/late")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/late",
        "title": "This cannot be done",
        "status": 409,
        "detail": "The window has closed.",
        "closes_at": "2026-03-02T09:00:00Z",
    }


async def test_problems_under_api_for_what_is_not_there(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["title"] == "There is no such page"
    answer = await client.post("/api/v1/terms")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)


async def test_a_failure_is_a_page_with_the_headers_and_without_details(app: Starlette) -> None:
    app.router.routes.insert(0, Route("/fails", _fails))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        answer = await browser.get("/fails")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "a secret of the inside" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_body_that_is_no_form_is_refused(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", json={"known_as": "x"})
    assert answer.status_code == 415
    assert "This form cannot be read" in answer.text


async def test_a_form_that_is_cut_off_is_refused(client: AsyncClient) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await client.post("/sign-in", content=b'--x\r\nContent-Disposition: form-data; name="a', headers=kind)
    assert answer.status_code in (400, 422)
    assert "<h1>" in answer.text


async def _late(request: Request) -> Response:
    raise RuleBroken("late", "The window has closed.", closes_at=request.app.state.clock())


async def _fails(_request: Request) -> Response:
    raise RuntimeError("a secret of the inside")

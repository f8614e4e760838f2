"""Calls to the API as the company's own site makes them."""

from dataclasses import dataclass
from typing import Any

from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM, Actor
from portal.actions.staff import add_staff
from portal.actions.token import make_token
from portal.store.staff import Role, Scope, Staff

ADMIN = "site-admin@example.com"
READ, LINKS, WRITE = Scope.NOTICES_READ, Scope.NOTICES_LINKS, Scope.NOTICES_WRITE


@dataclass(frozen=True)
class Site:
    """One of the company's systems, with its token."""

    client: AsyncClient
    token: str

    async def get(self, address: str, headers: dict[str, str] | None = None, **params: Any) -> Response:
        return await self.client.get(address, params=params, headers=self._headers(headers))

    async def post(self, address: str, **options: Any) -> Response:
        return await self.client.post(address, headers=self._headers(options.pop("headers", None)), **options)

    async def request(self, method: str, address: str, headers: dict[str, str] | None = None) -> Response:
        return await self.client.request(method, address, headers=self._headers(headers))

    def _headers(self, given: dict[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | (given or {})


async def site_with(app: Starlette, client: AsyncClient, *scopes: Scope) -> Site:
    """A system whose token may do that, and nothing else."""
    at = app.state.clock()
    admin = await Staff.get_or_none(email=ADMIN)
    if admin is None:
        admin = await add_staff(ADMIN, "Site Admin", (Role.ADMIN,), "long enough a password", by=SYSTEM, at=at)
    _, token = await make_token("site", scopes, by=Actor("staff", admin.id), at=at)
    return Site(client, token)

"""A person's browser: cookies of its own, pages over HTTP, forms sent as a browser without scripts sends them."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from httpx2 import AsyncClient, Response

from portal.demo.page import Page
from portal.web.languages import CHOSEN
from portal.web.text import SOURCE

# What browsers say of where a request comes from (Fetch Metadata): an address clicked in a mail; a form of ours.
TYPED = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
FROM_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}

# The story's portal speaks no TLS; loading the system's certificates for each browser would cost a second in all.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Upload = tuple[str, bytes]


class Browser:
    """Opens pages and sends forms; every redirect is followed. `requests` counts what was asked for."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.requests = 0

    async def open(self, url: str) -> Page:
        """A page by its address, whole or without the site's name."""
        return self._page(await self._client.get(url, headers=TYPED, follow_redirects=True))

    async def follow(self, page: Page, label: str) -> Page:
        """The page behind a link. Raises NotOnThePage."""
        return await self.open(urljoin(page.url, page.link(label)))

    async def press(
        self,
        page: Page,
        label: str,
        values: dict[str, str | list[str]] | None = None,
        files: dict[str, Upload] | None = None,
    ) -> Page:
        """Fills in the form that has this button and presses it. Raises NotOnThePage for what is not offered."""
        form, button = page.form(label)
        fields = form.filled(values or {}, button)
        for name in files or {}:
            form.control(name)
        action = urljoin(page.url, button.action or form.action or page.url)
        if form.method == "get":
            target = urlsplit(action)._replace(query="", fragment="").geturl()
            query = _grouped(fields)
            return self._page(await self._client.get(target, params=query, headers=FROM_PAGE, follow_redirects=True))
        body: dict[str, Any] = {"data": _grouped(fields)}
        if form.multipart:
            body["files"] = files or {"": ("", b"")}
        return self._page(await self._client.post(action, headers=FROM_PAGE, follow_redirects=True, **body))

    async def ask(self, url: str, token: str, **parameters: str) -> Any:
        """An answer of the API."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._client.get(url, params=parameters, headers=headers)
        self.requests += 1
        return json.loads(answer.text)

    def _page(self, answer: Response) -> Page:
        self.requests += 1 + len(answer.history)
        return Page(answer.url.raw_path.decode(), answer.status_code, answer.text)


@asynccontextmanager
async def browser(base_url: str) -> AsyncIterator[Browser]:
    """A new one, in which English was chosen at the foot of a page: the story reads what its people read."""
    english = {CHOSEN: SOURCE}
    async with AsyncClient(base_url=base_url, timeout=60, verify=NO_TLS, cookies=english) as client:
        yield Browser(client)


def _grouped(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in fields:
        grouped.setdefault(name, []).append(value)
    return grouped

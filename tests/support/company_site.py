"""The company's own site, on loopback: a page with the banner, and two addresses that pass on what it asks and sends.

The page is a light one in the dark, too: the banner has to bring both its colours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

from httpx2 import Client, Response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>My account</title>
<link rel="stylesheet" href="{portal}/static/notice-banner.css">
<script defer src="{portal}/static/notice-banner.js" data-notices="/my-notices"></script></head>
<body><main><h1>My account</h1><p><a href="/forms">My forms</a></p></main></body></html>"""
# As strict as such a site could be; the banner comes through it.
POLICY = (
    "default-src 'none'; script-src {portal}; style-src {portal}; connect-src 'self'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types notice-banner"
)


@dataclass
class CompanySite:
    """`member`: who is signed in there, by the company's own id. `sent`: what the site was sent. `broken`: it fails."""

    portal: str
    token: str
    address: str = ""
    member: str = ""
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    broken: bool = False

    def notices(self) -> Response:
        return self._call("GET", "notices.html?unseen=true&action=/seen")

    def seen(self, notice: str) -> Response:
        return self._call("POST", f"notices/{int(notice)}/sight")

    def is_seen(self) -> bool:
        """Whether the portal knows of a sight of the member's latest notice."""
        found: bool = self._call("GET", "notices").json()["notices"][0]["seen"]
        return found

    def _call(self, method: str, path: str) -> Response:
        with Client(base_url=self.portal, headers={"Authorization": f"Bearer {self.token}"}) as client:
            return client.request(method, f"/api/v1/members/{self.member}/{path}")


@contextmanager
def company_site(portal: str, token: str) -> Iterator[CompanySite]:
    """Serves it while the block lasts."""
    site = CompanySite(portal, token)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, name="company")
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(site: CompanySite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            if self.path == "/my-notices":
                passed_on = site.notices()
                self._answer(passed_on.status_code, passed_on.content)
            elif self.path == "/":
                self._answer(200, PAGE.format(portal=site.portal).encode())
            else:
                self._answer(404, b"")

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            site.sent.append(self.path)
            if site.broken:
                self._answer(503, b"")
            else:
                self._answer(site.seen(form["notice"][0]).status_code, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Security-Policy", POLICY.format(portal=site.portal))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the tests tell."""

    return Handler

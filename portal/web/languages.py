"""In which language a request is answered, and the choice of it at the foot of each page.

What the reader chose (`?lang=`, then the cookie of that choice) goes before a member's own language, and that before
what the browser prefers. `?lang=` is for one page; the links at the foot say `&stay=1`, too, and the browser keeps the
choice until it is closed. Nothing of it is stored here.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.web.cookies import read_cookie, set_cookie
from portal.web.text import begin, choose, direction, language, language_name, languages

CHOSEN, STAY = "language", "stay"
# Systems say in each call what they want; and files of the style have no language.
WITHOUT_COOKIE = ("/api/", "/static/")


class Language:
    """Settles the language of a request before anything else looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begin(Headers(scope=scope).get("accept-language", ""))
        by_cookie = not scope["path"].startswith(WITHOUT_COOKIE)
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        wanted = asked.get("lang", [""])[0]
        chosen = choose(wanted)
        if not chosen and by_cookie:
            choose(read_cookie(Request(scope), CHOSEN))

        async def keeping(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", _kept(Request(scope), wanted))
            await send(message)

        keeps = chosen and by_cookie and STAY in asked and scope["method"] == "GET"
        await self.app(scope, receive, keeping if keeps else send)


@dataclass(frozen=True, slots=True)
class Offered:
    """A language at the foot of a page. `name`: its own name for itself; `href`: this page in it."""

    tag: str
    name: str
    direction: str
    href: str
    here: bool


def offered(request: Request) -> list[Offered]:
    """The languages that this page can be read in; none where there is but one."""
    tags = languages()
    if len(tags) < 2:
        return []
    read = request.method in ("GET", "HEAD")
    path = "" if read else quote(_readable(request))
    rest = [pair for pair in request.query_params.multi_items() if pair[0] not in ("lang", STAY)] if read else []
    return [
        Offered(
            tag,
            language_name(tag),
            direction(tag),
            href=f"{path}?{urlencode([*rest, ('lang', tag), (STAY, '1')])}",
            here=tag == language(),
        )
        for tag in tags
    ]


def told_in_language(response: Response) -> None:
    """Says in which language the answer is, and what that came from (RFC 9110, sections 8.5 and 12.5.5)."""
    response.headers["Content-Language"] = language()
    for name in ("Accept-Language", "Cookie"):
        response.headers.add_vary_header(name)


def _readable(request: Request) -> str:
    """The nearest address above the one of a form that a link can lead to: what was typed is not there any more."""
    path: str = request.url.path
    while path:
        scope = {**request.scope, "method": "GET", "path": path}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            return path
        path = path.rpartition("/")[0]
    return "/"


def _kept(request: Request, tag: str) -> str:
    answer = Response()
    set_cookie(request, answer, CHOSEN, tag, None)
    return answer.headers["Set-Cookie"]

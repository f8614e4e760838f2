"""The demo's mailbox: what its catcher caught, as a list and mail by mail. There is none where mail is really sent."""

import email
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import DateHeader
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache, wraps
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portal.mail.catcher import caught
from portal.web.paging import paging
from portal.web.render import page

HEADERS_FIRST = ("From", "To", "Subject", "Date", "Message-ID", "Return-Path")
# The frame may show styles of its own and open links in a new window; it runs nothing and fetches nothing.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

View = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Caught:
    """A line of the list. `sent_at` as the mail says."""

    number: int
    to: str
    subject: str
    sent_at: datetime | None


def in_demo(view: View) -> View:
    """Only where the settings say that mail is caught; elsewhere there is no such page."""

    @wraps(view)
    async def shown(request: Request) -> Response:
        if not request.app.state.settings.mailbox:
            raise HTTPException(404)
        return await view(request)

    return shown


@in_demo
async def index(request: Request) -> Response:
    """The caught mails, newest first; `q` finds words in recipients and subjects."""
    words = request.query_params.get("q", "")[:200].strip()
    rows = [_line(number, path) for number, path in caught(request.app.state.settings.mail_folder)]
    wanted = words.casefold().split()
    matching = [row for row in rows if all(word in f"{row.to} {row.subject}".casefold() for word in wanted)]
    listed = paging(request.query_params, len(matching))
    return page(
        request,
        "mailbox/list.html",
        words=words,
        rows=matching[listed.first : listed.last],
        total=len(matching),
        page=listed.page,
        pages=listed.pages,
    )


@in_demo
async def show(request: Request) -> Response:
    """One mail: its headers, its text, and its HTML in a frame of its own."""
    number, message = _message(request)
    headers = sorted(message.items(), key=lambda item: _rank(item[0]))
    response = page(
        request,
        "mailbox/mail.html",
        number=number,
        subject=str(message["Subject"] or ""),
        headers=[(name, str(value)) for name, value in headers],
        text=_body(message, "plain"),
        language=str(message.get("Content-Language", "")),
        has_html=message.get_body(("html",)) is not None,
    )
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@in_demo
async def html(request: Request) -> Response:
    """The mail's HTML part alone, under a policy that lets it show and nothing else."""
    _, message = _message(request)
    # Links leave the frame, which could not show the pages they lead to.
    body = _body(message, "html").replace("<head>", '<head>\n<base target="_blank">', 1)
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(body, headers=headers)


@in_demo
async def raw(request: Request) -> Response:
    """The mail as it came over the wire."""
    number, path = _file(request)
    name = {"Content-Disposition": f'attachment; filename="{number}.eml"'}
    return Response(path.read_bytes(), media_type="message/rfc822", headers=name)


def _file(request: Request) -> tuple[int, Path]:
    number = int(request.path_params["number"])
    path = Path(request.app.state.settings.mail_folder) / f"{number}.eml"
    if not path.is_file():
        raise HTTPException(404)
    return number, path


def _message(request: Request) -> tuple[int, EmailMessage]:
    number, path = _file(request)
    return number, email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _rank(name: str) -> int:
    return HEADERS_FIRST.index(name) if name in HEADERS_FIRST else len(HEADERS_FIRST)


@lru_cache(maxsize=20_000)
def _line(number: int, path: Path) -> Caught:
    """A caught mail never changes, so its headers are read once."""
    top = path.read_bytes().partition(b"\r\n\r\n")[0]
    message = email.message_from_bytes(top, _class=EmailMessage, policy=default)
    date = message["Date"]
    return Caught(
        number,
        str(message["To"] or message["Delivered-To"] or ""),
        str(message["Subject"] or ""),
        date.datetime if isinstance(date, DateHeader) else None,
    )

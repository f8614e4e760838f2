"""From a template and its context to an answer."""

from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal.mail.language import write_numbers
from portal.settings import folder
from portal.web import dates, text
from portal.web.assets import static
from portal.web.change_cards import class_name, flag_name, kind_name
from portal.web.cookies import drop_cookie, read_cookie, set_cookie
from portal.web.languages import offered, told_in_language
from portal.web.markdown import rendered

NOTICE, NOTICE_SECONDS = "notice", 60
MEMBER_AREA = ("/account", "/n/", "/opt-out/", "/address/", "/unsubscribe/")


@cache
def environment() -> Environment:
    """The templates' environment: escaping on, every unknown name an error, words through gettext."""
    made = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(text.translated, text.translated_number, newstyle=True)  # type: ignore[attr-defined]
    write_numbers(made, text.translated_number, text.locale)
    made.globals |= {
        "static": static,
        "language_name": text.language_name,
        "direction": text.direction,
        "in_language": text.in_language,
        "class_name": class_name,
        "kind_name": kind_name,
        "flag_name": flag_name,
    }
    made.filters |= {
        "instant": dates.instant,
        "instant_bare": dates.instant_bare,
        "date": dates.date_alone,
        "day": dates.day,
        "iso": dates.iso,
        "number": text.number,
        "translated": text.translated,
        "said_in": text.said_in,
        "share": text.share,
        "markdown": lambda source: rendered(source).html,
    }
    return made


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """The template as an answer. Gives it what `base.html` names besides `context`."""
    said = _notice_text(request)
    frame: dict[str, Any] = {
        "company": request.app.state.settings.company,
        "lang": text.language(),
        "dir": text.direction(text.language()),
        "area": area(request),
        "who": getattr(request.state, "who", None),
        "path": request.url.path,
        "notice_text": said,
        "spoken": offered(request),
        "request": request,
    }
    response = HTMLResponse(environment().get_template(template).render(frame | context), status)
    told_in_language(response)
    if said:
        drop_cookie(request, response, NOTICE)
        response.headers["Cache-Control"] = "no-store"
    return response


def redirect(request: Request, url: str, notice: str = "") -> Response:
    """See other (303). `notice` is told once, on the next page."""
    response = RedirectResponse(url, 303)
    if notice:
        set_cookie(request, response, NOTICE, _signer(request).dumps(notice), NOTICE_SECONDS)
    return response


def area(request: Request) -> str:
    """Whose pages these are: `staff`, `member` or `public`."""
    path = request.url.path
    if path == "/staff" or path.startswith("/staff/"):
        return "staff"
    return "member" if path.startswith(MEMBER_AREA) else "public"


def who(name: str, roles: list[str] | None = None, waiting: int = 0) -> SimpleNamespace:
    """Who is signed in, as the templates ask for it. `waiting`: mails in the inbox that wait for ops."""
    return SimpleNamespace(name=name, roles=roles or [], waiting=waiting)


def _notice_text(request: Request) -> str:
    """What the last answer wanted to be told. It is signed: nobody else can put words on our pages."""
    given = read_cookie(request, NOTICE)
    if not given:
        return ""
    try:
        return str(_signer(request).loads(given))
    except BadData:
        return ""


def _signer(request: Request) -> URLSafeSerializer:
    secrets = list(request.app.state.keys.secrets)
    return URLSafeSerializer(secrets, salt="notice-text", signer_kwargs={"digest_method": sha256})

"""Members come from the company's own site with a hand-over token: by a form of that site, or by an address.

An address shows a button and changes nothing, so a mail scanner that opens it signs nobody in and does not use it up.
A form signs in at once where the company's own page sent it, by the browser's word; from anywhere else it shows the
button, too, or somebody could sign others in under a name that is not theirs.
"""

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.limit import spend
from portal.actions.sign_on import is_spent, sign_in_handed_over
from portal.hand_over import LONGEST, CompanyKeys, HandOver, NotTaken
from portal.rules.errors import RuleBroken
from portal.web.clients import client_key
from portal.web.clock import at
from portal.web.forms import read
from portal.web.render import page
from portal.web.security import comes_from, is_ours
from portal.web.sign_on.refusal import by_rule, refused
from portal.web.sign_on.session import signed_in

# Tokens of one client an hour; a whole office may share an address.
TOKENS_OF_A_CLIENT, HOUR = 300, 3600


class Handed(BaseModel):
    """`token`, and the page of ours to go on to."""

    token: str = Field(max_length=LONGEST)
    next: str = Field("", max_length=2_000)


async def show(request: Request) -> Response:
    """The button, for a token that would be taken now."""
    keys = _keys(request)
    return await _shown(request, keys, request.query_params.get("token", ""), request.query_params.get("next", ""))


async def take(request: Request) -> Response:
    """Signs the member in and uses the token up; shows the button where the form came from elsewhere."""
    keys = _keys(request)
    form = await read(request, Handed)
    if form.values is None:
        return refused(request, "wrong", "malformed", again=_again(request), onward=str(form.given.get("next", "")))
    if not is_ours(request.scope) and not comes_from(request.scope, request.app.state.settings.hand_over_url):
        return await _shown(request, keys, form.values.token, form.values.next)
    await spend(client_key("hand-over-from", request), TOKENS_OF_A_CLIENT, HOUR, at(request))
    try:
        handed = _read(request, keys, form.values.token)
        session = await sign_in_handed_over(handed, at(request))
    except NotTaken as not_taken:
        return _not_taken(request, not_taken, form.values.next)
    except RuleBroken as broken:
        return by_rule(request, broken, again=_again(request), onward=form.values.next)
    return await signed_in(request, session, form.values.next)


async def _shown(request: Request, keys: CompanyKeys, token: str, onward: str) -> Response:
    try:
        handed = _read(request, keys, token)
    except NotTaken as not_taken:
        return _not_taken(request, not_taken, onward)
    if await is_spent(handed):
        return refused(request, "spent", again=_again(request), onward=onward)
    return page(request, "account/hand_over.html", token=token, next=onward, known_as=handed.external_id)


def _read(request: Request, keys: CompanyKeys, token: str) -> HandOver:
    return keys.read(token, request.app.state.settings.base_url.rstrip("/"), at(request))


def _not_taken(request: Request, not_taken: NotTaken, onward: str) -> Response:
    told = "spent" if not_taken.reason == "expired" else "wrong"
    return refused(request, told, not_taken.reason, again=_again(request), onward=onward)


def _again(request: Request) -> str:
    """Where the company's site makes another token."""
    address: str = request.app.state.settings.hand_over_url
    return address


def _keys(request: Request) -> CompanyKeys:
    keys: CompanyKeys = request.app.state.company_keys
    if not keys.keys:
        raise HTTPException(404)
    return keys

"""The headers of the company's own mails for opting out with a single click (RFC 8058, RFC 2369)."""

from urllib.parse import quote

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.actions.consent import purposes_to_opt_out_of
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.store.members import Member
from portal.store.outcomes import Closure
from portal.store.policies import Purpose
from portal.store.staff import Scope
from portal.store.standings import opted_out
from portal.web.api import Name, company_system, question
from portal.web.company.asked import member_named, portal_address
from portal.web.member.unsubscribe import FIELD, VALUE


class PurposeQuestion(BaseModel):
    """The parameter: the key of the purpose that the mail serves."""

    model_config = ConfigDict(extra="forbid")

    purpose: Name


async def headers(request: Request) -> Response:
    """What a mail to this member carries, and whether they have opted out already, so that it is not sent.

    404 `unknown_member`, `unknown_purpose`; 409 `account_closed`, `not_stoppable`, `not_encrypted`.
    """
    await company_system(request, Scope.OPT_OUTS_LINKS)
    asked = question(request, PurposeQuestion)
    member = await member_named(request)
    purpose = await _purpose(member, asked.purpose)
    address = portal_address(request)
    if not address.startswith("https:"):  # RFC 8058, section 3.1
        raise RuleBroken("not_encrypted", "The portal has no https address, and mail programs click no other.")
    link = f"{address}/unsubscribe/{_token(request, member, purpose)}"
    told = {
        "member": member.external_id,
        "purpose": purpose.key,
        "opted_out": purpose.key in await opted_out(member.id),
        "headers": {
            "List-Unsubscribe": ", ".join([f"<{link}>", *_by_mail(request, purpose)]),
            "List-Unsubscribe-Post": f"{FIELD}={VALUE}",
        },
    }
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def _purpose(member: Member, key: str) -> Purpose:
    purpose = await Purpose.get_or_none(key=key)
    if purpose is None:
        raise RuleBroken("unknown_purpose", "There is no such purpose.", field="purpose")
    if await Closure.exists(member_id=member.id):
        raise broken(Refusal.ACCOUNT_CLOSED)
    if key not in await purposes_to_opt_out_of(member.id):
        raise RuleBroken("not_stoppable", "No policy of the member lets it be stopped by itself.", field="purpose")
    return purpose


def _token(request: Request, member: Member, purpose: Purpose) -> str:
    token: str = request.app.state.keys.unsubscribe_link(member.id, purpose.id, member.link_epoch)
    return token


def _by_mail(request: Request, purpose: Purpose) -> list[str]:
    """Beside it, for programs that know mail only: a person reads what comes there."""
    address = request.app.state.settings.unsubscribe_mail
    return [f"<mailto:{quote(address, safe='@')}?subject={quote(f'unsubscribe {purpose.key}')}>"] if address else []

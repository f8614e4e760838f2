"""The page of an answer that has to be confirmed: what was received, the confirmation, and leaving it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.declaration import (
    confirm_declaration,
    confirm_declaration_by_code,
    drop_declaration,
    send_declarations_code,
)
from portal.rules.errors import RuleBroken
from portal.store.answers import ConfirmationWay
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.case import Case
from portal.web.member.confirming import Code, code_trouble, code_wanted, confirming
from portal.web.member.declared import declared
from portal.web.member.reader import Reader
from portal.web.member.shown import notice_page, opened
from portal.web.render import redirect
from portal.web.text import gettext as _


async def show(request: Request, reader: Reader) -> Response:
    case = await opened(request, reader)
    declaration = declaration_of(case, request)
    if declaration.kind is DeclarationKind.OBJECTION and declaration.decided_as is Decision.CONFIRMED:
        return redirect(request, declaration_address(reader, declaration))
    return await _page(request, case, declaration)


async def confirmation(request: Request, reader: Reader) -> Response:
    """Confirms it: by the mailed code, or by being signed in."""
    case = await opened(request, reader)
    declaration = declaration_of(case, request)
    form = await read(request, Code)
    code = form.values.code if form.values else ""
    if not code and not reader.signed_in:
        return await _page(request, case, declaration, 422, errors=code_wanted())
    try:
        declaration = await _confirm(request, reader, declaration, code)
    except RuleBroken as broken:
        return await _refused(request, case, declaration, broken, code)
    request.app.state.jobs.wake()
    return redirect(request, declaration_address(reader, declaration), _("Your answer is confirmed."))


async def code(request: Request, reader: Reader) -> Response:
    """Mails another code; the older ones stop working."""
    case = await opened(request, reader)
    declaration = declaration_of(case, request)
    try:
        await send_declarations_code(declaration.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _refused(request, case, declaration, broken)
    request.app.state.jobs.wake()
    told_once = _("We have mailed a new code to %(address)s. Older codes no longer work.", address=case.address)
    return redirect(request, declaration_address(reader, declaration), told_once)


async def removal(request: Request, reader: Reader) -> Response:
    """The member leaves everything as it is."""
    case = await opened(request, reader)
    declaration = declaration_of(case, request)
    try:
        await drop_declaration(declaration.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _refused(request, case, declaration, broken)
    return redirect(request, declaration_address(reader, declaration))


async def _confirm(request: Request, reader: Reader, declaration: Declaration, code: str) -> Declaration:
    by, now = actor(request), at(request)
    if reader.signed_in and not code:
        return await confirm_declaration(declaration.id, way=ConfirmationWay.SIGN_IN, by=by, at=now)
    return await confirm_declaration_by_code(declaration.id, code, keys=request.app.state.keys, by=by, at=now)


async def _refused(
    request: Request, case: Case, declaration: Declaration, broken: RuleBroken, given: str = ""
) -> Response:
    if broken.code == "declaration_over":  # the page says what became of it
        return redirect(request, declaration_address(case.reader, declaration))
    status, errors = code_trouble(broken)
    return await _page(request, case, declaration, status, given=given, errors=errors)


async def _page(
    request: Request,
    case: Case,
    declaration: Declaration,
    status: int = 200,
    *,
    given: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    path = f"/answers/{declaration.number}"
    consents = declaration.kind in (DeclarationKind.CONSENT, DeclarationKind.OPT_IN)
    return notice_page(
        request,
        "objection/declaration.html",
        case,
        status,
        told=declared(case, declaration),
        confirming=await confirming(case, declaration.recorded_at, path, declaration_id=declaration.id),
        may_opt_out=consents and declaration.purpose not in case.standing.opted_out,
        given=given,
        errors=errors or {},
    )


def declaration_of(case: Case, request: Request) -> Declaration:
    """The declaration that the address names, among those of this member about this version. Else 404."""
    number = request.path_params["number"]
    found = next((one for one in case.declarations if one.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def declaration_address(reader: Reader, declaration: Declaration) -> str:
    """The page of the answer; of a confirmed objection the receipt, which has the same number."""
    if declaration.kind is DeclarationKind.OBJECTION and declaration.decided_as is Decision.CONFIRMED:
        return f"{reader.base}/objections/{declaration.number}"
    return f"{reader.base}/answers/{declaration.number}"

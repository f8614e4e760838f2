"""What the calls about a member's notices have in common: whose they are, which are meant, in which language."""

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from portal.keys import Link
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.members import Member, Membership
from portal.store.staff import Scope
from portal.web.clock import at
from portal.web.dates import tell_time_in
from portal.web.member.case import Case, cases_of
from portal.web.member.reader import Reader
from portal.web.text import speak


class Wanted(BaseModel):
    """Which notices: `open`, only those that an objection would still be in time for; `unseen`, only those not seen.

    `lang` is read before any call is (`web/languages.py`); here it is only known.
    """

    model_config = ConfigDict(extra="forbid")

    open: bool = False
    unseen: bool = False
    lang: str = ""

    def takes(self, case: Case) -> bool:
        return (case.refusal is None or not self.open) and (case.sight is None or not self.unseen)


async def member_named(request: Request) -> Member:
    """The member whom the address names, by the company's own id. RuleBroken `unknown_member`.

    Where the call asks for no language, words are the member's own from here on.
    """
    member = await Member.get_or_none(external_id=request.path_params["id"])
    if member is None:
        raise RuleBroken("unknown_member", "There is no member with this id.", field="id")
    if "lang" not in request.query_params and "accept-language" not in request.headers:
        speak(member.language)
    tell_time_in(member.zone)
    return member


async def notices_of(request: Request, member: Member) -> list[Case]:
    """Every notice that is posted, under all policies of the member, the latest first."""
    now = at(request)
    policies = await Membership.filter(member_id=member.id).values_list("policy_id", flat=True)
    found = [
        case
        for policy_id in policies
        for case in await cases_of(member, int(str(policy_id)), lambda row: _reader(request, member, row.id), now)
        if case.row.posted_at <= now
    ]
    return sorted(found, key=lambda case: (case.row.posted_at, case.row.id), reverse=True)


def link_of(request: Request, case: Case) -> str | None:
    """A link by which the member reads and answers without signing in, as a mail has one; it works for a year.

    None for a token that may not have it, and for a closed account. The same link all day, so that answers stay equal.
    """
    if not gives_links(request) or case.standing.closed_at is not None:
        return None
    member, issued_on = case.reader.member, at(request).date()
    token = request.app.state.keys.notice_link(Link(member.id, case.row.id, member.link_epoch, issued_on))
    return f"{portal_address(request)}/n/{token}"


def gives_links(request: Request) -> bool:
    may: bool = request.state.token.may(Scope.NOTICES_LINKS)
    return may


def portal_address(request: Request) -> str:
    address: str = request.app.state.settings.base_url
    return address.rstrip("/")


def _reader(request: Request, member: Member, version_id: int) -> Reader:
    """Who reads there has to sign in: nothing in the address tells that it is the member."""
    return Reader(
        member, version_id, f"{portal_address(request)}/account/notices/{version_id}", Way.ACCOUNT, signed_in=False
    )

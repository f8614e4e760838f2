"""`/account/terms`: what governs which of the member's data and why, as a picture and as tables; and the switches."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.agree import agree
from portal.rules.governing import Basis
from portal.store.answers import Confirmation, Way
from portal.store.member_record import MemberRecord, member_record
from portal.store.members import Member
from portal.store.outcomes import Closure, Settlement
from portal.store.policies import Purpose
from portal.web.clock import at
from portal.web.forms import fields_of, form_of
from portal.web.guards import actor, signed_in_member
from portal.web.member.consent import switched
from portal.web.member.reader import closed_account
from portal.web.member.switches import switches_of
from portal.web.render import page, redirect
from portal.web.terms.asked import Question, questions_of
from portal.web.terms.drawing import drawing
from portal.web.terms.happened import Followed, Happened, happened
from portal.web.terms.known import PolicyTerms, terms_of
from portal.web.terms.rows import rows_of
from portal.web.terms.shapes import DESK, PHONE, Drawing
from portal.web.terms.tables import GovernedRow, VersionRow, governed_rows, version_rows
from portal.web.terms.words import described, legend
from portal.web.text import direction, language
from portal.web.text import gettext as _

HERE = "/account/terms"


@dataclass(frozen=True, slots=True)
class Section:
    """A policy on the page: two sizes of one picture, what it says in sentences, and the same as tables."""

    terms: PolicyTerms
    desk: Drawing
    phone: Drawing
    described: str
    legend: tuple[tuple[str, str], ...]
    governed: tuple[GovernedRow, ...]
    versions: tuple[VersionRow, ...]
    story: tuple[Happened, ...]


@signed_in_member
async def show(request: Request) -> Response:
    """Everything that holds for the member now."""
    if await Closure.exists(member_id=request.state.member.id):
        return await closed_account(request)
    return await _shown(request)


@signed_in_member
async def opt_outs(request: Request) -> Response:
    """Turns a switch of the page."""
    member: Member = request.state.member
    if await Closure.exists(member_id=member.id):
        return await closed_account(request)
    return await switched(request, member.id, Way.ACCOUNT, f"{HERE}#switches")


@signed_in_member
async def consents(request: Request) -> Response:
    """The answer to one question. A yes is recorded, and lifts an opt-out; a no leaves everything as it is."""
    member: Member = request.state.member
    if await Closure.exists(member_id=member.id):
        return await closed_account(request)
    given = fields_of(await form_of(request))
    asked = next((one for one in await _questions(request) if one.name == given.get("question")), None)
    if asked is None:
        return redirect(request, f"{HERE}#questions", _("This question has been answered."))
    answer = given.get(asked.name)
    if answer not in ("yes", "no"):
        return await _shown(request, 422, {asked.name: _("Choose yes or no.")})
    if answer == "no":
        return redirect(
            request, f"{HERE}#questions", _("You said no to %(purpose)s. Nothing changes.", purpose=asked.title)
        )
    await agree(member.id, asked.version_id, asked.purpose, way=Way.ACCOUNT, by=actor(request), at=at(request))
    said = _("You said yes to %(purpose)s. You can take it back here at any time.", purpose=asked.title)
    return redirect(request, f"{HERE}#switches", said)


async def _shown(request: Request, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    member: Member = request.state.member
    record = await member_record(member)
    policies = await _policies(record, request)
    followed = await _followed(member.id)
    context: dict[str, Any] = {
        "sections": [_section(record, followed, terms) for terms in policies],
        "switches": await switches_of(member, [terms.policy.id for terms in policies]),
        "questions": questions_of(policies, await _purposes()),
        "errors": errors or {},
    }
    return page(request, "account/terms.html", status, **context)


async def _questions(request: Request) -> list[Question]:
    policies = await _policies(await member_record(request.state.member), request)
    return questions_of(policies, await _purposes())


async def _policies(record: MemberRecord, request: Request) -> list[PolicyTerms]:
    purposes = await _purposes()
    found = [terms_of(record, membership, purposes, at(request)) for membership in record.memberships]
    return sorted(found, key=lambda terms: terms.policy.title.casefold())


async def _purposes() -> dict[str, Purpose]:
    return {row.key: row for row in await Purpose.all()}


async def _followed(member_id: int) -> Followed:
    confirmed = await Confirmation.filter(member_id=member_id)
    settled = await Settlement.filter(member_id=member_id)
    return Followed({row.objection_id: row for row in confirmed}, {row.objection_id: row for row in settled})


def _section(record: MemberRecord, followed: Followed, terms: PolicyTerms) -> Section:
    story = happened(record, followed, terms)
    rows, mirrored = rows_of(terms, story), direction(language()) == "rtl"
    seen = {line.answer.basis for lane in terms.lanes for line in lane.lines}
    return Section(
        terms=terms,
        desk=drawing(terms, rows, DESK, mirrored=mirrored),
        phone=drawing(terms, rows, PHONE, mirrored=mirrored),
        described=described(terms),
        legend=tuple((str(basis), legend(basis)) for basis in Basis if basis in seen),
        governed=tuple(governed_rows(terms)),
        versions=tuple(version_rows(record, terms)),
        story=tuple(reversed(story)),
    )

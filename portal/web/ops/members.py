"""Members: found by the company's id or an address, and one member with everything known of them."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.address import STUCK
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.governing import newest_in_effect
from portal.rules.policy import Treatment
from portal.store.answers import Direction
from portal.store.events import Event
from portal.store.member_record import MemberRecord, NoticeRecord, member_record
from portal.store.member_search import found, members_like
from portal.store.members import Member, Membership
from portal.store.notices import Sight
from portal.store.publications import purpose_titles
from portal.store.requests import requests_of
from portal.store.returned import mail_about
from portal.store.staff import Role
from portal.store.submissions import submissions_of
from portal.web import dates
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.happenings import happenings
from portal.web.ops.act import Row
from portal.web.ops.inbox_words import kind_name
from portal.web.ops.objection_words import due_words, tell, way_name
from portal.web.ops.submission_words import listed as listed_submissions
from portal.web.paging import paging
from portal.web.render import page
from portal.web.request_words import staff_title
from portal.web.text import gettext as _
from portal.web.text import language_name

EVENTS = 50


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """Search; without words, everybody."""
    words = request.query_params.get("q", "")[:320].strip()
    matching = members_like(words)
    listed = paging(request.query_params, await matching.count())
    rows = await matching.offset(listed.first).limit(listed.size)
    return page(
        request,
        "staff/members.html",
        words=words,
        rows=await found(rows),
        total=await matching.count(),
        page=listed.page,
        pages=listed.pages,
    )


@staff(Role.OPS)
async def show(request: Request) -> Response:
    member, now = await member_by(request), at(request)
    record = await member_record(member)
    titles = await purpose_titles()
    events = Event.filter(member_id=member.id)
    listed = paging(request.query_params, await events.count(), EVENTS)
    latest = await events.order_by("-id").offset(listed.first).limit(listed.size)
    return page(
        request,
        "staff/member.html",
        record=record,
        profile=_profile(record),
        policies=[_under(record, membership, now) for membership in record.memberships],
        notices=[_notice(record, notice, now) for notice in record.notices],
        objections=[{"told": told, "state": told.state(now)} for told in await tell(record.objections)],
        answers=_answers(record, titles),
        requests=[(row, staff_title(row.kind), row.state(now)) for row in await requests_of(member.id)],
        submissions=await listed_submissions(await submissions_of(member.id)),
        mails=[(row, kind_name(row.kind)) for row in await mail_about(member.id)],
        story=await happenings(latest, member.id),
        page=listed.page,
        pages=listed.pages,
    )


async def member_by(request: Request) -> Member:
    """The member that the address names. HTTPException 404 where there is none."""
    member = await Member.get_or_none(id=request.path_params["id"])
    if member is None:
        raise HTTPException(404)
    return member


def _profile(record: MemberRecord) -> list[Row]:
    here = f"/staff/members/{record.member.id}"
    correct = () if record.closure else (f"{here}/addresses", _("Correct"))
    return [
        (_("Name"), record.name or _("not given")),
        (_("Mail address"), record.address.address if record.address else _("none on file"), *correct),
        (_("Language"), language_name(record.member.language)),
        (_("Time zone"), record.member.zone or _("not given")),
        (_("Known since"), dates.instant(record.member.recorded_at)),
    ]


def _under(record: MemberRecord, membership: Membership, now: datetime) -> dict[str, object]:
    facts = record.facts[membership.policy_id]
    newest = None if record.closure else newest_in_effect(facts.versions, facts.standing, now)
    return {"membership": membership, "in_effect": newest}


def _notice(record: MemberRecord, one: NoticeRecord, now: datetime) -> dict[str, object]:
    window = one.facts.standing.window(one.ruled)
    zone = one.ruled.terms.zone
    rows: list[Row] = [(_("In effect"), _when(window.effective_at, zone, _("not yet for this member")))]
    if one.ruled.terms.may_object:
        rows.append(
            (_("Time to object runs from"), _when(window.opens_at, zone, _("the moment the notice reaches them")))
        )
        ends = _when(window.closes_at, zone, _("no end yet"))
        rows.append(
            (_("Time to object ends"), f"{ends} ({due_words(window.closes_at, now)})" if window.closes_at else ends)
        )
    else:
        rows.append((_("Right to object"), _("none")))
    rows += [(_("Seen"), _sight_words(sight, zone)) for sight in one.sights]
    rows += [
        (_("Refused for good"), f"{_when(refusal.received_at, zone, '')}: {refusal.code}") for refusal in one.refusals
    ]
    return {
        "record": one,
        "title": _("%(policy)s, version %(number)s", policy=one.version.policy.title, number=one.version.number),
        "state": _state(one),
        "rows": rows,
        "zone": zone,
        "may_object": record.closure is None and _may_object(one, now),
        "may_consent": record.closure is None and any(one.ruled.treats(p, Treatment.OPT_IN) for p in one.ruled.touched),
        "may_record": record.closure is None,
        "may_send_again": record.closure is None and _may_send_again(one),
        "may_bounce": any(s.accepted_at and one.bounce_of(s) is None for s in one.sendings),
    }


def _state(one: NoticeRecord) -> str:
    accepted = [sending for sending in one.sendings if sending.accepted_at]
    if accepted and all(one.bounce_of(sending) for sending in accepted) and one.notice.state == "accepted":
        return "seen" if one.sights else "bounced"
    return str(one.notice.state)


def _may_send_again(one: NoticeRecord) -> bool:
    """Whether it was mailed, did not reach the member, and nothing is on its way."""
    known = one.facts.standing.deliveries.get(one.version.number)
    return one.version.mailed and one.notice.state in STUCK and not (known and known.reached)


def _may_object(one: NoticeRecord, now: datetime) -> bool:
    """Whether an objection can still be entered: what would be late now may have arrived in time."""
    try:
        rules.may_object(one.ruled, one.facts.standing, now)
    except RuleBroken as broken:
        return broken.code == rules.Refusal.LATE
    return True


def _sight_words(sight: Sight, zone: str) -> str:
    names = {"account": _("in the account"), "letter": _("by letter"), "in_person": _("in person")}
    words = f"{_when(sight.received_at, zone, '')}, {names[sight.way]}"
    return f"{words}: {sight.remark.text}" if sight.remark and sight.remark.text else words


def _when(instant: datetime | None, zone: str, otherwise: str) -> str:
    return dates.instant(instant, zone) if instant else otherwise


def _answers(record: MemberRecord, titles: dict[str, str]) -> list[dict[str, str]]:
    """Consents and opt-outs, the newest first."""
    said = [
        (
            row.received_at,
            row.sequence,
            _(
                "Consented to version %(number)s of %(policy)s",
                number=row.version.number,
                policy=row.version.policy.title,
            ),
            row,
        )
        for row in record.consents
    ] + [
        (row.received_at, row.sequence, _("Opted out") if row.direction is Direction.OUT else _("Opted in again"), row)
        for row in record.opt_outs
    ]
    return [
        {
            "what": what,
            "purpose": titles.get(row.purpose, row.purpose),
            "when": dates.instant(received_at),
            "iso": dates.iso(received_at),
            "way": way_name(row.way),
        }
        for received_at, _sequence, what, row in sorted(said, key=lambda one: one[:2], reverse=True)
    ]

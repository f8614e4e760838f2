"""A declaration as ops reads it: whose it is, what it says, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.store.answers import Objection
from portal.store.declaration_queue import OpenDeclaration
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.members import Member
from portal.store.outcomes import Closure
from portal.store.policies import Version
from portal.store.publications import purpose_titles
from portal.web import dates
from portal.web.ops.act import Row
from portal.web.ops.objection_words import way_name
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class ToldDeclaration:
    """A declaration with what its pages show; `what` says in words what it is."""

    row: Declaration
    ops_at: datetime
    member: Member
    version: Version
    objection: Objection | None
    what: str
    closed: bool

    @property
    def zone(self) -> str:
        return str(self.version.terms.get("zone", "UTC"))

    @property
    def open(self) -> bool:
        return self.row.decided_at is None and not self.closed

    def for_ops(self, now: datetime) -> bool:
        return self.open and now >= self.ops_at


async def tell_declarations(waiting: Sequence[OpenDeclaration]) -> list[ToldDeclaration]:
    """The declarations with all that a list of them shows, in the same order."""
    titles = await purpose_titles()
    rows = [one.row for one in waiting]
    members = {row.id: row for row in await Member.filter(id__in=[row.member_id for row in rows])}
    versions = {
        version.id: version
        for version in await Version.filter(id__in=[row.version_id for row in rows]).select_related("policy")
    }
    objections = {
        one.id: one for one in await Objection.filter(id__in=[row.objection_id for row in rows if row.objection_id])
    }
    closed = {row.member_id for row in await Closure.filter(member_id__in=list(members))}
    return [
        ToldDeclaration(
            row=one.row,
            ops_at=one.ops_at,
            member=members[one.row.member_id],
            version=versions[one.row.version_id],
            objection=objections.get(one.row.objection_id or 0),
            what=_what(one.row, titles, objections.get(one.row.objection_id or 0)),
            closed=one.row.member_id in closed,
        )
        for one in waiting
    ]


def _what(row: Declaration, titles: Mapping[str, str], objection: Objection | None) -> str:
    if row.kind is DeclarationKind.WITHDRAWAL:
        return _("Takes objection %(number)s back", number=objection.number if objection else "")
    if row.kind is DeclarationKind.OBJECTION:
        return _("Objects to all changes, by a reply")
    title = titles.get(row.purpose, row.purpose)
    if row.kind is DeclarationKind.OPT_IN:
        return _("Allows %(purpose)s again", purpose=title)
    return _("Yes to %(purpose)s", purpose=title)


def declaration_rows(told: ToldDeclaration) -> list[Row]:
    """What was received, and what became of it."""
    row = told.row
    policy = f"{told.version.policy.title}, {_('version %(number)s', number=told.version.number)}"
    rows: list[Row] = [
        (_("Member"), told.member.external_id, f"/staff/members/{told.member.id}", _("Open")),
        (_("Receipt number"), row.number),
        (_("Answer"), told.what),
        (_("To"), policy),
        (_("Received"), f"{dates.instant(row.received_at, told.zone)}, {way_name(row.way)}"),
    ]
    if told.objection is not None:
        rows.append((_("Objection"), told.objection.number, f"/staff/objections/{told.objection.id}", _("Open")))
    if row.decided_at is not None:
        rows.append((decision_name(str(row.decided_as)), dates.instant(row.decided_at, told.zone)))
    elif told.open:
        rows.append((_("For ops from"), dates.instant(told.ops_at, told.zone)))
    return rows


def decision_name(decision: str) -> str:
    """What became of a declaration."""
    names = {
        "confirmed": _("Confirmed"),
        "dropped": _("Left by the member"),
        "rejected": _("Rejected"),
        "overtaken": _("Another answer was quicker"),
    }
    return names.get(decision, decision)

"""Events in plain words, for staff: who did what."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.store.events import Event
from portal.store.members import Member
from portal.store.policies import Policy, Version
from portal.store.staff import ApiToken, Staff
from portal.store.submissions import Submission
from portal.web import dates
from portal.web.ops.objection_words import way_name
from portal.web.ops.submission_words import kind_title
from portal.web.text import gettext as _

# What happens a thousand times over for one deed of somebody's, or tells nothing: left out of the overview.
QUIET = (
    "code.sent",
    "mail.aged_out",
    "mail.accepted",
    "mail.came_in",
    "mail.deferred",
    "mail.not_sent",
    "member.signed_in",
    "member.signed_out",
    "notice.accepted",
    "notice.deferred",
    "notice.not_sent",
    "notice.seen",
    "sending.begun",
    "staff.signed_in",
    "staff.signed_out",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as the component `layout.timeline` shows it; `href` leads to what it is about."""

    title: str
    at: str
    iso: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """The names of whom and what events speak about, by row id."""

    staff: dict[int, str]
    members: dict[int, str]
    tokens: dict[int, str]
    versions: dict[int, tuple[str, str, int]]
    policies: dict[int, tuple[str, str]]
    submissions: dict[int, Submission]  # by the id of the event that tells of it


async def happenings(events: Sequence[Event], of_member: int | None = None) -> list[Happening]:
    """The events in the order given. `of_member`: the page is that member's, who need not be named again."""
    named = await _names(events)
    return [_told(event, named, of_member) for event in events]


def _told(event: Event, named: Named, of_member: int | None) -> Happening:
    title = titles().get(event.action, event.action.replace(".", " ").replace("_", " ").capitalize())
    said = (_entered(event, named), _about(event, named, of_member), _by(event, named), _when_else(event))
    parts = [part for part in said if part]
    return Happening(
        title=title,
        at=dates.instant(event.received_at),
        iso=dates.iso(event.received_at),
        text=" · ".join(parts),
        href=_href(event, named, of_member),
    )


def titles() -> dict[str, str]:
    """Every action that is recorded -> what it is called."""
    return {
        "account.closed": _("Account closed"),
        "address.agreed": _("Change of address confirmed at one address"),
        "address.asked": _("Change of address asked for"),
        "address.cancelled": _("Change of address taken back"),
        "address.confirmed": _("Change of address confirmed at both"),
        "address.disowned": _("Change of address: “it was not me”"),
        "address.given": _("Address given"),
        "address.refused": _("Change of address refused"),
        "address.replaced": _("Change of address replaced"),
        "campaign.held": _("Sending of notices paused"),
        "campaign.resumed": _("Sending of notices resumed"),
        "campaign.retried": _("Failed notices to be sent again"),
        "code.sent": _("Code or sign-in link mailed"),
        "consent.given": _("Consent given"),
        "declaration.confirmed": _("Answer confirmed"),
        "declaration.dropped": _("Answer left by the member"),
        "declaration.received": _("Answer received, to be confirmed"),
        "declaration.rejected": _("Answer rejected"),
        "draft.approved": _("Draft approved"),
        "draft.classified": _("Changes classified"),
        "draft.dropped": _("Draft dropped"),
        "draft.edited": _("Draft edited"),
        "draft.proofed": _("Proof mailed"),
        "draft.started": _("Draft started"),
        "draft.unclassified": _("Classification taken back"),
        "freeze.settled": _("Freeze confirmed"),
        "mail.accepted": _("Mail accepted by the mail server"),
        "mail.aged_out": _("What a mail in the inbox said was erased after its time"),
        "mail.came_in": _("Mail came in"),
        "mail.deferred": _("Mail to be tried again"),
        "mail.erased": _("What a mail in the inbox said was erased"),
        "mail.failed": _("Mail could not be sent"),
        "mail.handled": _("Mail in the inbox done with"),
        "mail.not_sent": _("Mail not sent"),
        "mail.refused": _("Mail refused for good"),
        "mail.unknown": _("Result of a mail unknown"),
        "member.signed_in": _("Signed in"),
        "member.signed_out": _("Signed out"),
        "members.imported": _("Members imported"),
        "notice.accepted": _("Notice accepted by the mail server"),
        "notice.failed": _("Notice could not be sent"),
        "notice.deferred": _("Notice to be tried again"),
        "notice.not_sent": _("Notice not sent: the account is closed"),
        "notice.bounced": _("Notice came back"),
        "notice.queued_again": _("Notice to be sent again"),
        "notice.refused": _("Notice refused for good"),
        "notice.seen": _("Notice seen"),
        "notice.unknown": _("Result of a sending unknown"),
        "objection.confirmed": _("Objection confirmed"),
        "objection.filed": _("Objection received"),
        "objection.withdrawn": _("Objection withdrawn"),
        "policy.changed": _("Policy’s defaults changed"),
        "policy.created": _("Policy added"),
        "profile.given": _("Name, language or zone given"),
        "purpose.defined": _("Purpose defined"),
        "purpose.opted_in": _("Opted in again"),
        "purpose.opted_out": _("Opted out"),
        "request.answered": _("Request answered"),
        "request.extended": _("Request put off"),
        "request.received": _("Request received"),
        "request.refused": _("Request refused"),
        "request.withdrawn": _("Request taken back"),
        "sending.begun": _("Sending begun"),
        "staff.added": _("Staff added"),
        "staff.disabled": _("Staff disabled"),
        "staff.enabled": _("Staff enabled"),
        "staff.password_reset": _("Password of staff reset"),
        "staff.roles_changed": _("Roles of staff changed"),
        "staff.signed_in": _("Staff signed in"),
        "staff.signed_out": _("Staff signed out"),
        "submission.entered": _("Letter or call entered"),
        "submission.file_erased": _("File of a letter erased"),
        "submission.file_read": _("File of a letter read"),
        "token.ended": _("API token ended"),
        "token.made": _("API token made"),
        "version.imported": _("Version imported"),
        "version.published": _("Version published"),
    }


def _about(event: Event, named: Named, of_member: int | None) -> str:
    words = []
    if event.member_id is not None and event.member_id != of_member:
        words.append(_("member %(id)s", id=named.members.get(event.member_id, event.member_id)))
    if event.version_id is not None and event.version_id in named.versions:
        _slug, title, number = named.versions[event.version_id]
        words.append(_("%(policy)s, version %(number)s", policy=title, number=number))
    elif event.policy_id is not None and event.policy_id in named.policies:
        words.append(named.policies[event.policy_id][1])
    return ", ".join(words)


def _entered(event: Event, named: Named) -> str:
    """`Objection, by letter, folder 12`: what was entered, and from which letter."""
    row = named.submissions.get(event.id)
    return ", ".join([kind_title(row.kind), way_name(row.way), row.reference.text]) if row else ""


def _by(event: Event, named: Named) -> str:
    kind, _colon, number = event.actor.partition(":")
    if kind == "member":
        return _("by the member")
    if kind == "staff":
        return _("by %(name)s", name=named.staff.get(int(number), _("former staff")))
    if kind == "token":
        return _("by the system %(name)s", name=named.tokens.get(int(number), number))
    return _("by the portal itself")


def _when_else(event: Event) -> str:
    """When it was written down, where that was not at once."""
    if event.recorded_at == event.received_at:
        return ""
    return _("recorded %(when)s", when=dates.instant(event.recorded_at))


def _href(event: Event, named: Named, of_member: int | None) -> str:
    submission = named.submissions[event.id].id if event.id in named.submissions else event.facts.get("submission")
    if submission:
        return f"/staff/submissions/{submission}"
    objection = event.facts.get("objection")
    if objection:
        return f"/staff/objections/{objection}"
    if event.facts.get("request"):
        return f"/staff/requests/{event.facts['request']}"
    if event.facts.get("returned"):
        return f"/staff/inbox/{event.facts['returned']}"
    if event.member_id is not None and event.member_id != of_member:
        return f"/staff/members/{event.member_id}"
    if event.version_id is not None and event.version_id in named.versions:
        slug, _title, number = named.versions[event.version_id]
        return f"/staff/policies/{slug}/versions/{number}"
    if event.facts.get("draft"):
        return f"/staff/drafts/{event.facts['draft']}"
    if event.policy_id is not None and event.policy_id in named.policies:
        return f"/staff/policies/{named.policies[event.policy_id][0]}"
    return ""


async def _names(events: Sequence[Event]) -> Named:
    def numbers(kind: str) -> list[int]:
        return sorted({int(event.actor.partition(":")[2]) for event in events if event.actor.startswith(f"{kind}:")})

    members = {event.member_id for event in events if event.member_id is not None}
    versions = {event.version_id for event in events if event.version_id is not None}
    policies = {event.policy_id for event in events if event.policy_id is not None}
    return Named(
        staff={row.id: row.name for row in await Staff.filter(id__in=numbers("staff"))},
        members={row.id: row.external_id for row in await Member.filter(id__in=members)},
        tokens={row.id: row.name for row in await ApiToken.filter(id__in=numbers("token"))},
        versions={
            row.id: (row.policy.slug, row.policy.title, row.number)
            for row in await Version.filter(id__in=versions).select_related("policy")
        },
        policies={row.id: (row.slug, row.title) for row in await Policy.filter(id__in=policies)},
        submissions=await _submissions([event for event in events if event.action == "submission.entered"]),
    )


async def _submissions(entered: Sequence[Event]) -> dict[int, Submission]:
    mine = {"member_id__in": {event.member_id for event in entered}, "sequence__in": [event.id for event in entered]}
    return {row.sequence: row for row in await Submission.filter(**mine).select_related("reference")}

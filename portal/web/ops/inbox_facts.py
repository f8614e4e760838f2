"""What is known about a message in the inbox, in rows of words."""

from datetime import datetime

from portal.store.members import Member
from portal.store.notices import Notice, Sending
from portal.store.outbox import OutgoingMail
from portal.store.replies import Reply
from portal.store.returned import ReturnedContent, ReturnedMail, ReturnedMatch
from portal.store.staff import Staff
from portal.web import dates
from portal.web.ops.act import Row
from portal.web.ops.inbox_words import handled_words, kind_name, refusal_words, size_words
from portal.web.text import gettext as _


def member_of(match: ReturnedMatch | None) -> Member | None:
    """Whose mail it is about; None where that went to staff."""
    return match.member if match is not None and match.member_id is not None else None


async def facts_of(
    row: ReturnedMail, content: ReturnedContent, match: ReturnedMatch | None, reply: Reply | None
) -> list[Row]:
    """As a summary list: what it is, what it is about, how it was done with."""
    rows: list[Row] = [
        (_("What it is"), kind_name(row.kind)),
        (_("Arrived"), dates.instant(row.received_at)),
    ]
    if row.erased_at is None:
        rows.append((_("From, by its own words"), content.sender or _("nobody")))
    if content.recipient:
        rows.append((_("Could not be delivered to"), content.recipient))
    if row.status or row.reason:
        rows.append((_("Reason"), " ".join(part for part in (row.status, row.reason) if part)))
    if match is not None:
        rows.append(await _about(match))
    if reply is not None:
        rows.append(_became(reply))
    rows.append((_("Size"), size_words(row, len(content.content))))
    rows.append((_("State"), await _state(row)))
    if content.note:
        rows.append((_("Note"), content.note))
    if row.erased_at is not None:
        rows.append((_("Erased"), await _erased(row, row.erased_at)))
    return rows


def _became(reply: Reply) -> Row:
    """What the portal made of a reply that objects."""
    if reply.objection is not None:
        words = _("Objection %(number)s, which closes the account once confirmed", number=reply.objection.number)
        return (_("Received as"), words, f"/staff/objections/{reply.objection_id}", _("Open"))
    if reply.declaration is not None:
        words = _("Objection %(number)s, in force once confirmed", number=reply.declaration.number)
        return (_("Received as"), words, f"/staff/declarations/{reply.declaration_id}", _("Open"))
    return (_("Not received as an objection"), refusal_words(reply.refusal))


async def _erased(row: ReturnedMail, erased_at: datetime) -> str:
    """`2 March 2026, 10:00 (UTC), by Ops: the sender asked for it`."""
    if row.erased_by is None:
        return _("%(when)s, after its time", when=dates.instant(erased_at))
    person = await Staff.get_or_none(id=row.erased_by)
    name = person.name if person else _("former staff")
    return _("%(when)s, by %(name)s: %(why)s", when=dates.instant(erased_at), name=name, why=row.erased_why)


async def _about(match: ReturnedMatch) -> Row:
    """Which mail of ours it speaks of; the link leads to its member."""
    if match.sending_id is not None:
        sending = await Sending.get(id=match.sending_id)
        notice = await Notice.get(id=sending.notice_id).select_related("version__policy")
        words = _(
            "Sending %(number)s of the notice of %(policy)s, version %(version)s",
            number=sending.number,
            policy=notice.version.policy.title,
            version=notice.version.number,
        )
    else:
        mail = await OutgoingMail.get(id=match.mail_id)
        words = _("Mail of the kind “%(kind)s”", kind=str(mail.kind).replace("_", " "))
    member = member_of(match)
    if member is None:
        return (_("About"), _("%(mail)s, to staff", mail=words))
    words = _("%(mail)s, to member %(id)s", mail=words, id=member.external_id)
    return (_("About"), words, f"/staff/members/{member.id}", _("Open"))


async def _state(row: ReturnedMail) -> str:
    if row.handled_at is None or row.staff_id is None:
        return handled_words(row)
    person = await Staff.get_or_none(id=row.staff_id)
    return _(
        "%(how)s, by %(name)s, %(when)s",
        how=handled_words(row),
        name=person.name if person else _("former staff"),
        when=dates.instant(row.handled_at),
    )

"""Mail that came in, in words: what it is, what to do about it, how it was done with."""

from portal.mail.returned import Says
from portal.rules.objection import Refusal
from portal.store.replies import Reply
from portal.store.returned import HandledAs, InboxPart, ReturnedKind, ReturnedMail
from portal.web.text import gettext as _


def kind_name(kind: ReturnedKind) -> str:
    names = {
        ReturnedKind.BOUNCE: _("Bounce of a notice"),
        ReturnedKind.MAIL_BOUNCE: _("Bounce of another mail"),
        ReturnedKind.UNKNOWN_BOUNCE: _("Bounce of unknown mail"),
        ReturnedKind.DELAYED: _("Delay"),
        ReturnedKind.DELIVERED: _("Delivery report"),
        ReturnedKind.COMPLAINT: _("Complaint"),
        ReturnedKind.AUTO_REPLY: _("Automatic reply"),
        ReturnedKind.LETTER: _("Letter"),
    }
    return names[kind]


def part_name(part: InboxPart) -> str:
    names = {
        InboxPart.LETTERS: _("Letters"),
        InboxPart.BOUNCES: _("Bounces"),
        InboxPart.COMPLAINTS: _("Complaints"),
        InboxPart.IGNORED: _("Ignored"),
        InboxPart.ALL: _("All"),
    }
    return names[part]


def lead(part: InboxPart) -> str:
    words = {
        InboxPart.LETTERS: _(
            "What people wrote. A reply that clearly objects is received by the portal itself; any other may be an"
            " objection, too: enter it for the member."
        ),
        InboxPart.BOUNCES: _("Mail that came back. Those that name no mail of ours wait here for somebody to find it."),
        InboxPart.COMPLAINTS: _("Somebody called a mail of ours unwanted. That moves no window."),
        InboxPart.IGNORED: _("Automatic replies, delays and delivery reports: nothing follows from them."),
        InboxPart.ALL: _("Everything that came in by mail."),
    }
    return words[part]


def advice(row: ReturnedMail, says: Says, reply: Reply | None, *, known: bool) -> str:
    """What to do about it, while it waits. `known`: it names a mail of ours."""
    if row.kind is ReturnedKind.LETTER and reply is not None:
        return _told_of_refusal(reply)
    if row.kind is ReturnedKind.LETTER and says is not Says.OTHER:
        return _suggestion(says, known=known)
    words = {
        ReturnedKind.BOUNCE: _(
            "It names a sending that no server had accepted by our record, so it is no fact by itself. Look at the"
            " member’s notices."
        ),
        ReturnedKind.MAIL_BOUNCE: _(
            "A receipt, a code or a sign-in link did not arrive. No window hangs on it; the address may need"
            " correcting."
        ),
        ReturnedKind.UNKNOWN_BOUNCE: _(
            "Nothing in it names a mail of ours that can be believed. If you know which it was, name the sending."
        ),
        ReturnedKind.COMPLAINT: _(
            "A notice that has to be sent is no advertising, so nothing follows by itself. Whoever does not want mail"
            " can be offered the opt-out."
        ),
        ReturnedKind.LETTER: _(
            "If it is an objection, enter it for the member. What counts is when it arrived, which is filled in."
        ),
    }
    return words.get(row.kind, "")


def _told_of_refusal(reply: Reply) -> str:
    words = _("It objects, and the rules do not take it: %(why)s", why=refusal_words(reply.refusal))
    if reply.mail_id is None:
        return _("%(words)s The member was told after an earlier reply, and is not told again.", words=words)
    return _("%(words)s The member was told so by mail.", words=words)


def _suggestion(says: Says, *, known: bool) -> str:
    if says is Says.UNCLEAR:
        return _(
            "It speaks of objecting, but the portal cannot tell what is meant: read it. If it is an objection, enter it"
            " for the member. What counts is when it arrived, which is filled in."
        )
    if known:
        return _("It objects, but answers another mail than a notice: find out to what, and enter it for the member.")
    return _("It objects, but names no notice of ours: find out whose it is, and enter it for the member.")


def refusal_words(refusal: str) -> str:
    """Why the rules do not take an objection, for ops."""
    words = {
        Refusal.ACCOUNT_CLOSED: _("The account is closed."),
        Refusal.NO_OBJECTION_RIGHT: _("This version gives no right to object."),
        Refusal.NOTHING_TO_OBJECT_TO: _("No change in this version can be objected to."),
        Refusal.ALREADY_OBJECTED: _("An objection to this version was in force already."),
        Refusal.LATE: _("The time to object was over."),
    }
    return words.get(Refusal(refusal), _("This version does not concern the member."))


def handled_words(row: ReturnedMail) -> str:
    if row.kind is ReturnedKind.LETTER and row.handled_as is HandledAs.RECORDED:
        return _("Received by the portal as an objection")
    words = {
        HandledAs.RECORDED: _("Recorded by the portal as a bounce of its sending"),
        HandledAs.IGNORED: _("Nothing follows from it"),
        HandledAs.NOTED: _("Done with"),
        HandledAs.BOUNCE: _("Recorded as a bounce by hand"),
    }
    return words[row.handled_as] if row.handled_as else _("Waits for somebody")


def subject_words(row: ReturnedMail, subject: str) -> str:
    return subject or (_("(erased)") if row.erased_at is not None else _("(no subject)"))


def size_words(row: ReturnedMail, kept: int) -> str:
    size = _("%(kilobytes)s kB", kilobytes=max(1, round(row.size / 1000)))
    if row.erased_at is not None:
        return _("%(size)s, erased", size=size)
    if kept >= row.size:
        return size
    return _("%(size)s, of which only the first %(kilobytes)s kB are kept", size=size, kilobytes=round(kept / 1000))

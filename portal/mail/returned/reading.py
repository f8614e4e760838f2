"""From bytes and envelope to what the message is."""

from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from hashlib import sha256

from portal.mail.compose import one_line
from portal.mail.returned.automatic import sign_of_program
from portal.mail.returned.bounce_text import DAEMONS, judged_by_words, looks_like_report
from portal.mail.returned.bounded import (
    KEPT,
    BoundedMessage,
    header,
    parsed,
    parts_of,
    text_of,
    without_envelope_line,
    words,
)
from portal.mail.returned.delivery import judged, returned_text, status_of
from portal.mail.returned.envelope import Envelope, completed, local_and_domain
from portal.mail.returned.kinds import AutoReply, Bounce, Came, Complaint, Letter, What
from portal.mail.returned.names import MESSAGE_ID, Names, Ours, names_of_letter, names_of_report
from portal.mail.returned.objecting import says

FEEDBACK = "message/feedback-report"


def read(raw: bytes, given: Envelope, ours: Ours, *, size: int | None = None) -> Came:
    """What came, whatever it is: it never raises. `size`: bytes as received, where `raw` is only the beginning."""
    whole = without_envelope_line(raw)
    kept = whole[:KEPT]
    message = parsed(kept)
    try:
        given = completed(given, message)
        what, names = _judged(kept, message, given, ours)
    except Exception:  # noqa: BLE001 - whatever a stranger sends, it is taken, and a person looks at it
        what, names = Letter(), Names()
    return Came(
        what=what,
        names=names,
        sender=_claimed(message, "From", 320) or one_line(given.sender or "", 320),
        subject=_claimed(message, "Subject", 300),
        digest="sha256:" + sha256(whole).hexdigest(),
        size=max(len(whole), size or 0),
        kept=kept,
    )


def own_message_id(kept: bytes) -> str:
    """The message's own Message-ID; "" where it has none that can be repeated."""
    found = MESSAGE_ID.fullmatch(_claimed(parsed(kept), "Message-ID", 300))
    return found[0] if found else ""


def _judged(kept: bytes, message: Message, envelope: Envelope, ours: Ours) -> tuple[What, Names]:
    what: What | None = None
    envelope_id, feedback = "", _feedback(message)
    if (status := status_of(message)) is not None:
        what, envelope_id = judged(status), status.envelope_id
    elif feedback is not None:
        what, envelope_id = Complaint(words(feedback.get("Feedback-Type") or "", 40).lower()), _envelope_id(feedback)
    elif looks_like_report(message) and _from_no_person(envelope):
        what = judged_by_words(kept, message) or (None if _says_automatic(message) else Letter(report=True))
    if what is not None:
        returned = f"{_told(what, feedback)}\n{returned_text(message)}"
        return what, names_of_report(envelope, message, ours, returned, envelope_id)
    sign = sign_of_program(envelope, message)
    return (AutoReply(sign) if sign else Letter(says=says(message))), names_of_letter(envelope, message, ours)


def _from_no_person(envelope: Envelope) -> bool:
    """Whether the return path is the null one, a mail system's, or not known."""
    return not envelope.sender or local_and_domain(envelope.sender)[0] in DAEMONS


def _says_automatic(message: Message) -> bool:
    """Whether it is an answer by its own words: a postmaster may be on holiday, too."""
    return header(message, "Auto-Submitted", 100).lower().startswith("auto-replied") and "In-Reply-To" in message


def _feedback(message: Message) -> Message | None:
    """The fields of a complaint (RFC 5965, section 3)."""
    for part in parts_of(message):
        if part.get_content_type() == FEEDBACK:
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                return inner[0]
            return HeaderParser(BoundedMessage, policy=compat32).parsestr(text_of(part, 20_000))
    return None


def _told(what: What, feedback: Message | None) -> str:
    """What the report itself says of the mail, as headers of that mail."""
    if feedback is not None:
        sender, recipient = (words(feedback.get(f"Original-{name}") or "", 400) for name in ("Mail-From", "Rcpt-To"))
        return f"Return-Path: {sender}\nTo: {recipient}"
    return f"To: {what.recipient}" if isinstance(what, Bounce) else ""


def _envelope_id(feedback: Message) -> str:
    return words(feedback.get("Original-Envelope-Id") or "", 300)


def _claimed(message: Message, name: str, longest: int) -> str:
    try:
        return header(message, name, longest)
    except Exception:  # noqa: BLE001 - see `read`
        return ""

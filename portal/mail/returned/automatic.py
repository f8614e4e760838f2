"""Answers that no person wrote: RFC 3834, and what programs wrote before it and still do."""

from email.message import Message

from portal.mail.returned.bounded import header
from portal.mail.returned.envelope import Envelope

PRECEDENCES = ("auto_reply", "bulk", "junk")
PRACTICE = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress")


def sign_of_program(envelope: Envelope, message: Message) -> str:
    """By what a program is known to have written it; "" where nothing says so."""
    submitted = header(message, "Auto-Submitted", 100).partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted}"
    for name in PRACTICE:
        if header(message, name, 100).lower() not in ("", "no", "none"):
            return name
    precedence = header(message, "Precedence", 40).lower()
    if precedence in PRECEDENCES:
        return f"Precedence: {precedence}"
    if is_receipt(message):
        return "disposition-notification"
    return "null return path" if envelope.sender == "" else ""


def is_receipt(message: Message) -> bool:
    """Whether it says that the mail was displayed, or deleted (RFC 8098)."""
    return message.get_content_type() == "multipart/report" and (
        str(message.get_param("report-type") or "").lower() == "disposition-notification"
    )

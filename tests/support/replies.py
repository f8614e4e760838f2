"""Replies to a mail of ours, with the structure that programs give them; all words and addresses are made up."""

import email
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, default
from html import escape

from portal.mail.returned import Letter, Says, read
from portal.mail.returned.envelope import Envelope
from tests.support.came_back import OURS

MARIA = "Maria Weber <maria@example.org>"


@dataclass(frozen=True)
class Answered:
    """The mail that is answered."""

    message_id: str = "<0123456789abcdef0123456789abcdef@example.com>"
    sender: str = "Example Company <privacy@example.com>"
    to: str = MARIA
    reply_to: str = "privacy@example.com"
    subject: str = "Privacy policy: what changes, and your 20 days to object"
    text: str = (
        "PRIVACY POLICY\n\nYou have 20 days to object.\nI object, you may say.\n\n--\nIts links are yours alone."
    )
    html: str = "<h1>Privacy policy</h1><p>You have 20 days to object.</p><p>I object, you may say.</p>"


def answered(wire: bytes) -> Answered:
    """The mail that went over the wire."""
    message = email.message_from_bytes(wire, _class=EmailMessage, policy=default)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    names = ("Message-ID", "From", "To", "Reply-To", "Subject")
    message_id, sender, to, reply_to, subject = (str(message[name]) for name in names)
    return Answered(message_id, sender, to, reply_to, subject, text=text.replace("\r\n", "\n"), html=html)


NOTICE = Answered()
Program = Callable[[str, Answered], bytes]
"""Makes of the words of a reply, and what it answers, the message."""


def _reply(mail: Answered, mark: str = "Re: ", **headers: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = mail.to, mail.reply_to
    message["Subject"] = mark + mail.subject
    message["Date"] = "Thu, 26 Nov 2026 11:02:03 +0100"
    message["Message-ID"] = "<CAF-reply@mail.example.org>"
    message["In-Reply-To"] = message["References"] = mail.message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _html(words: str) -> str:
    return escape(words).replace("\n", "<br>\n")


def gmail(words: str, mail: Answered = NOTICE) -> bytes:
    """On top, the line before the quoted part broken, the quoted part in an element of its own."""
    on = f"On Thu, 26 Nov 2026 at 10:00, {mail.sender}\nwrote:"
    message = _reply(mail)
    message.set_content(f"{words}\n\n{on}\n\n{_quoted(mail.text)}\n")
    message.add_alternative(
        f'<div dir="ltr">{_html(words)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr"'
        f' class="gmail_attr">{escape(on)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{mail.html}</blockquote></div>',
        subtype="html",
    )
    return message.as_bytes()


def gmail_in_german(words: str, mail: Answered = NOTICE) -> bytes:
    message = _reply(mail)
    message.set_content(
        f"{words}\n\nAm Do., 26. Nov. 2026 um 10:00 Uhr schrieb {mail.sender}:\n\n{_quoted(mail.text)}\n"
    )
    return message.as_bytes()


def gmail_in_spanish(words: str, mail: Answered = NOTICE) -> bytes:
    name, _, address = mail.sender.partition(" <")
    message = _reply(mail)
    message.set_content(
        f"{words}\n\nEl jue, 26 nov 2026 a las 10:00, {name} (<{address})\nescribió:\n\n{_quoted(mail.text)}\n"
    )
    return message.as_bytes()


def outlook(words: str, mail: Answered = NOTICE) -> bytes:
    """On top, below it the headers of the quoted mail, which has no mark."""
    message = _reply(mail, "RE: ", Thread_Topic=mail.subject, Thread_Index="AQHb", X_MS_Has_Attach="")
    message.set_content(
        f"{words}\n\n________________________________\nFrom: {mail.sender}\n"
        f"Sent: Thursday, November 26, 2026 10:00 AM\nTo: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}\n"
    )
    message.add_alternative(_outlook_html(words, mail), subtype="html")
    return message.as_bytes()


def _outlook_html(words: str, mail: Answered) -> str:
    return (
        '<html><head><style>P {margin-top:0}</style></head><body dir="ltr">'
        f'<div class="elementToProof">{_html(words)}</div>'
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div'
        f' id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> {escape(mail.sender)}<br>\n<b>Sent:</b>'
        f" Thursday, November 26, 2026 10:00 AM<br>\n<b>To:</b> {escape(mail.to)}<br>\n<b>Subject:</b>"
        f" {escape(mail.subject)}</font><div>&nbsp;</div></div><div>{mail.html}</div></body></html>"
    )


def outlook_html_alone(words: str, mail: Answered = NOTICE) -> bytes:
    message = _reply(mail, "RE: ")
    message.set_content(_outlook_html(words, mail), subtype="html")
    return message.as_bytes()


def outlook_in_german(words: str, mail: Answered = NOTICE) -> bytes:
    """As the program for the desktop writes it, in plain text."""
    message = _reply(mail, "AW: ")
    message.set_content(
        f"{words}\n\n-----Ursprüngliche Nachricht-----\nVon: {mail.sender}\nGesendet: Donnerstag, 26. November 2026"
        f" 10:00\nAn: {mail.to}\nBetreff: {mail.subject}\n\n{mail.text}\n"
    )
    return message.as_bytes()


def apple_mail(words: str, mail: Answered = NOTICE) -> bytes:
    """The line before the quoted part is quoted as well."""
    message = _reply(mail, X_Mailer="Apple Mail (2.3774)")
    message.set_content(f"{words}\n\n> On 26. Nov 2026, at 10:00, {mail.sender} wrote:\n> \n{_quoted(mail.text)}\n\n")
    message.add_alternative(
        f'<html><body style="overflow-wrap: break-word;">{_html(words)}<br><div><br><blockquote type="cite"><div>On 26.'
        f" Nov 2026, at 10:00, {escape(mail.sender)} wrote:</div><br><div>{mail.html}</div></blockquote></div></body>"
        "</html>",
        subtype="html",
    )
    return message.as_bytes()


def iphone(words: str, mail: Answered = NOTICE) -> bytes:
    message = _reply(mail, X_Mailer="iPhone Mail (21A329)")
    message.set_content(
        f"{words}\n\nSent from my iPhone\n\n"
        f"> On 26. Nov 2026, at 10:00, {mail.sender} wrote:\n> \n{_quoted(mail.text)}\n"
    )
    return message.as_bytes()


def thunderbird(words: str, mail: Answered = NOTICE) -> bytes:
    """Below the quoted part, with a signature as RFC 3676 has it."""
    name = mail.sender.partition(" <")[0]
    message = _reply(mail, User_Agent="Mozilla Thunderbird")
    message.set_content(
        f"On 11/26/26 10:00, {name} wrote:\n{_quoted(mail.text)}\n\n{words}\n\n-- \nMaria Weber\nDo not print this.\n",
        params={"format": "flowed"},
    )
    return message.as_bytes()


def thunderbird_html_alone(words: str, mail: Answered = NOTICE) -> bytes:
    name = mail.sender.partition(" <")[0]
    message = _reply(mail, User_Agent="Mozilla Thunderbird")
    message.set_content(
        f"<html><body><p>{_html(words)}</p>"
        f'<div class="moz-cite-prefix">On 11/26/26 10:00, {escape(name)} wrote:<br></div>'
        f'<blockquote type="cite" cite="mid:{escape(mail.message_id[1:-1])}">{mail.html}</blockquote></body></html>',
        subtype="html",
    )
    return message.as_bytes()


def bare(words: str, mail: Answered = NOTICE) -> bytes:
    """Nothing is quoted."""
    message = _reply(mail)
    message.set_content(words)
    return message.as_bytes()


PROGRAMS: dict[str, Program] = {
    made.__name__: made
    for made in (
        gmail,
        gmail_in_german,
        gmail_in_spanish,
        outlook,
        outlook_html_alone,
        outlook_in_german,
        apple_mail,
        iphone,
        thunderbird,
        thunderbird_html_alone,
        bare,
    )
}


def said(raw: bytes) -> Says | None:
    """What the portal reads in a message; None where it takes it for no letter."""
    what = read(raw, Envelope("maria@example.org", ("privacy@example.com",)), OURS).what
    return what.says if isinstance(what, Letter) else None

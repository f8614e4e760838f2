"""Messages as mail servers send them back, in the formats of real ones; all words and addresses are made up."""

from textwrap import dedent

from portal.mail.returned import Ours

OURS = Ours(sender="privacy@example.com", return_path="bounces@example.com")
TOKEN = "0123456789abcdef0123456789abcdef"
MESSAGE_ID = f"<{TOKEN}@example.com>"
PATH = f"bounces+s12-{TOKEN[:12]}@example.com"
ADDRESS = "maria@example.org"
HEADERS = f"""\
Return-Path: <{PATH}>
From: Example Company <privacy@example.com>
To: Maria <{ADDRESS}>
Subject: Our privacy policy changes
Message-ID: {MESSAGE_ID}
X-Notice-Id: {TOKEN}
Auto-Submitted: auto-generated
"""


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def dsn(
    *fields: str,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = f"smtp; 550 5.1.1 <{ADDRESS}>: Recipient address rejected: no such user",
    envelope_id: str = "",
    words: str = "The mail could not be delivered.",
    headers: str = HEADERS,
    returned: str = "text/rfc822-headers",
    to: str = PATH,
    recipient: str = ADDRESS,
) -> bytes:
    """A report as RFC 3464 wants it. `fields` stand in the group of the recipient, after the usual ones."""
    more = "".join(f"{field}\n" for field in fields)
    told = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return crlf(
        f"""\
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

{words}

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
{told}Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
{said}{more}
--=_b
Content-Type: {returned}

{headers}
--=_b--
"""
    )


def plain(text: str, *, sender: str, subject: str, headers: str = "", to: str = PATH) -> bytes:
    """A message in plain text."""
    top = f"From: {sender}\nTo: {to}\nSubject: {subject}\n{headers}MIME-Version: 1.0\nContent-Type: text/plain\n\n"
    return crlf(top + dedent(text).lstrip("\n"))


QMAIL = plain(
    f"""
    Hi. This is the qmail-send program at mx.example.net.
    I'm afraid I wasn't able to deliver your message to the following addresses.
    This is a permanent error; I've given up. Sorry it didn't work out.

    <{ADDRESS}>:
    192.0.2.7 does not like recipient.
    Remote host said: 550 5.1.1 There is nobody of this name
    Giving up on 192.0.2.7.

    --- Below this line is a copy of the message.

    Return-Path: <{PATH}>
    Message-ID: {MESSAGE_ID}
    """,
    sender="MAILER-DAEMON@mx.example.net",
    subject="failure notice",
)
EXIM = plain(
    f"""
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its
    recipients. This is a permanent error. The following address(es) failed:

      {ADDRESS}
        host mx.example.org [192.0.2.9]
        SMTP error from remote mail server after RCPT TO:<{ADDRESS}>:
        550 no mailbox here by that name

    ------ This is a copy of the message, including all the headers. ------

    Return-path: <{PATH}>
    Message-ID: {MESSAGE_ID}
    """,
    sender="Mail Delivery System <Mailer-Daemon@mx.example.net>",
    subject="Mail delivery failed: returning message to sender",
    headers=f"X-Failed-Recipients: {ADDRESS}\nAuto-Submitted: auto-replied\n",
)
EXIM_WARNING = plain(
    f"""
    This message was created automatically by mail delivery software.
    A message that you sent has not yet been delivered to one or more of its
    recipients after more than 24 hours on the queue on mx.example.net.

    The address to which the message has not yet been delivered is:

      {ADDRESS}

    No action is required on your part. Delivery attempts will continue.
    """,
    sender="Mail Delivery System <Mailer-Daemon@mx.example.net>",
    subject="Warning: message 1abcde-000001-AB delayed 24 hours",
)
SENDMAIL = dsn(
    "Remote-MTA: DNS; mx.example.org",
    "Last-Attempt-Date: Mon, 2 Mar 2026 09:00:05 GMT",
    diagnostic=f"SMTP; 550 5.1.1 <{ADDRESS}>... User unknown",
    words=f"   ----- The following addresses had permanent fatal errors -----\n<{ADDRESS}>\n    (reason: 550 5.1.1)\n",
)
OFFICE = dsn(
    "Remote-MTA: dns;mx.example.org",
    "X-Display-Name: Maria",
    status="5.1.10",
    diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient maria@example.org not found by SMTP lookup",
    returned="message/rfc822",
)
GMAIL = dsn(
    "Last-Attempt-Date: Mon, 02 Mar 2026 01:00:05 -0800 (PST)",
    diagnostic="smtp; 550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 see the manual",
    words="** Address not found **\n\nYour message wasn't delivered to maria@example.org.",
    returned="message/rfc822",
)
ARF = crlf(
    f"""\
From: Abuse desk <abuse@example.net>
To: {PATH}
Subject: FW: Our privacy policy changes
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_c"

--=_c
Content-Type: text/plain

This is a report of a mail that our customer called unwanted.

--=_c
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Reporter/1.0
Version: 1
Original-Mail-From: <{PATH}>
Original-Rcpt-To: <{ADDRESS}>

--=_c
Content-Type: message/rfc822

{HEADERS}
The policy changes.

--=_c--
"""
)
HOLIDAY = plain(
    "I am away until Monday.\n",
    sender=f"Maria <{ADDRESS}>",
    subject="Out of office",
    headers=f"Auto-Submitted: auto-replied\nIn-Reply-To: {MESSAGE_ID}\n",
)
OBJECTION = plain(
    "I object to the new version.\n\nMaria\n",
    sender=f"Maria <{ADDRESS}>",
    subject="Re: Our privacy policy changes",
    headers=f"In-Reply-To: {MESSAGE_ID}\nReturn-Path: <{ADDRESS}>\n",
    to="privacy@example.com",
)

"""What mail servers send back is read for what it is; each format in words and addresses of our own."""

import base64

import pytest

from portal.mail.returned import (
    AutoReply,
    Bounce,
    Complaint,
    Delayed,
    Delivered,
    Envelope,
    Letter,
    Ours,
    Says,
    Verp,
    read,
)
from tests.support import came_back as texts
from tests.support.came_back import ADDRESS, OURS, PATH, TOKEN, crlf, dsn, plain

NULL = Envelope("", (PATH,))
VERP = Verp("s", 12, TOKEN[:12])

BOUNCES = {
    "Postfix": (dsn("Remote-MTA: dns; mx.example.org", "X-Postfix-Queue: 4711"), True, "5.1.1", "no such user"),
    "Postfix, gave up after days": (
        dsn(
            action="failed",
            status="4.4.1",
            diagnostic="X-Postfix; connect to mx.example.org[192.0.2.9]:25: Connection timed out",
        ),
        False,
        "4.4.1",
        "Connection timed out",
    ),
    "Sendmail": (texts.SENDMAIL, True, "5.1.1", "User unknown"),
    "Exim, with a report": (
        dsn(status="5.0.0", diagnostic="smtp; 550 5.7.26 The sender is not allowed here"),
        True,
        "5.7.26",
        "not allowed here",
    ),
    "Exim, in words": (texts.EXIM, True, "", "550 no mailbox here by that name"),
    "qmail": (texts.QMAIL, True, "5.1.1", "There is nobody of this name"),
    "Office 365": (texts.OFFICE, True, "5.1.10", "RecipientNotFound"),
    "Exchange, mailbox full": (
        dsn(status="5.2.2", diagnostic="smtp;554 5.2.2 mailbox full; STOREDRV.Deliver; quota exceeded"),
        False,
        "5.2.2",
        "mailbox full",
    ),
    "Gmail": (texts.GMAIL, True, "5.1.1", "does not exist"),
    "Gmail, over quota": (
        dsn(status="4.2.2", diagnostic="smtp; 452 4.2.2 The recipient's inbox is out of storage space"),
        False,
        "4.2.2",
        "out of storage",
    ),
    "a comment behind the action": (dsn(action="failed (gave up)"), True, "5.1.1", "no such user"),
    "OpenSMTPD's word for it": (dsn(action="error"), True, "5.1.1", "no such user"),
    "no diagnostic": (dsn(diagnostic=""), True, "5.1.1", "5.1.1"),
    "an encoded subject and words in UTF-8": (dsn(words="Zustellung unmöglich"), True, "5.1.1", "no such user"),
}


@pytest.mark.parametrize("server", BOUNCES)
def test_a_bounce_is_read_with_its_code_its_reason_and_the_sending_it_names(server: str) -> None:
    raw, hard, status, reason = BOUNCES[server]
    came = read(raw, NULL, OURS)
    assert isinstance(came.what, Bounce), came.what
    assert (came.what.hard, came.what.status, came.what.recipient) == (hard, status, ADDRESS)
    assert reason in came.what.reason
    assert "@" not in came.what.reason
    assert "\n" not in came.what.reason
    assert came.names.verps == (VERP,)


@pytest.mark.parametrize("server", BOUNCES)
def test_it_is_the_same_where_the_envelope_is_only_in_the_headers(server: str) -> None:
    raw = BOUNCES[server][0]
    top = f"Return-Path: <>\r\nX-Original-To: {PATH}\r\nDelivered-To: portal@mail.example.com\r\n".encode()
    came = read(top + raw, Envelope(), OURS)
    assert came.what == read(raw, NULL, OURS).what
    assert came.names.verps[0] == VERP


def test_without_verp_the_returned_headers_and_the_envelopes_id_name_the_mail() -> None:
    bare = Envelope("", ("bounces@example.com",))
    came = read(dsn(to="bounces@example.com", envelope_id=f"s12-{TOKEN[:12]}"), bare, OURS)
    assert came.names.verps == (VERP,)
    assert came.names.message_ids == (texts.MESSAGE_ID,)
    renamed = dsn(to="bounces@example.com", headers=f"Message-ID: <1@relay.example>\nX-Notice-Id: {TOKEN}\n")
    assert read(renamed, bare, OURS).names.message_ids == ("<1@relay.example>", texts.MESSAGE_ID)
    nothing = read(dsn(to="bounces@example.com", headers="Subject: Hello\n"), bare, OURS)
    assert (nothing.names.verps, nothing.names.message_ids) == ((), ())


@pytest.mark.parametrize(
    "address",
    [
        "bounces+s12-0123456789a@example.com",
        "bounces+x12-0123456789ab@example.com",
        "bounces+s-0123456789ab@example.com",
        f"bounces+s{'9' * 19}-0123456789ab@example.com",
        "other+s12-0123456789ab@example.com",
        "bounces+s12-0123456789ab",
        "s12-0123456789ab@example.com",
    ],
)
def test_an_address_that_is_no_return_path_of_ours_names_nothing(address: str) -> None:
    came = read(dsn(headers="Subject: Hello\n", to="bounces@example.com"), Envelope("", (address,)), OURS)
    assert came.names.verps == ()


def test_letters_case_in_the_return_path_does_not_matter() -> None:
    came = read(dsn(), Envelope("", (PATH.upper(),)), OURS)
    assert came.names.verps == (VERP,)


def test_the_return_path_may_be_the_senders_own_address() -> None:
    ours = Ours("privacy@example.com", "privacy@example.com")
    came = read(dsn(), Envelope("", (f"privacy+m3-{TOKEN[:12]}@example.com",)), ours)
    assert came.names.verps == (Verp("m", 3, TOKEN[:12]),)


@pytest.mark.parametrize(
    "raw",
    [
        dsn(action="delayed", status="4.4.1", diagnostic="X-Postfix; Connection refused"),
        texts.EXIM_WARNING,
    ],
    ids=["report", "words"],
)
def test_a_delay_is_no_bounce(raw: bytes) -> None:
    assert isinstance(read(raw, NULL, OURS).what, Delayed)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_delivery_is_no_bounce(action: str) -> None:
    assert read(dsn(action=action, status="2.0.0"), NULL, OURS).what == Delivered(action)


def test_of_an_alias_with_two_behind_it_one_that_fails_is_a_bounce() -> None:
    raw = dsn("", "Final-Recipient: rfc822; other@example.org", "Action: failed", "Status: 5.1.1", action="delivered")
    what = read(raw, NULL, OURS).what
    assert isinstance(what, Bounce)
    assert what.recipient == "other@example.org"


def test_a_report_in_utf_8_and_one_that_is_encoded_are_read_too() -> None:
    world = dsn().replace(b"message/delivery-status", b"message/global-delivery-status")
    fields = (
        f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; {ADDRESS}\nAction: failed\nStatus: 5.1.1\n"
    )
    encoded = base64.encodebytes(fields.encode()).decode().rstrip("\n")
    start, _, rest = dsn().decode().partition("Content-Type: message/delivery-status\r\n\r\n")
    end = rest[rest.index("\r\n--=_b\r\nContent-Type: text/rfc822") :]
    coded = f"{start}Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}{end}"
    for raw in (world, coded.encode()):
        what = read(raw, NULL, OURS).what
        assert isinstance(what, Bounce)
        assert (what.status, what.recipient) == ("5.1.1", ADDRESS)


def test_a_complaint_names_the_mail_it_is_about() -> None:
    came = read(texts.ARF, Envelope("abuse@example.net", ("privacy@example.com",)), OURS)
    assert came.what == Complaint("abuse")
    assert came.names.verps == (VERP,)
    assert came.names.message_ids == (texts.MESSAGE_ID,)


AUTOMATIC = {
    "RFC 3834": ("Auto-Submitted: auto-replied\n", "Auto-Submitted: auto-replied"),
    "with a comment": ("Auto-Submitted: auto-replied; vacation\n", "Auto-Submitted: auto-replied"),
    "ours that came back round": ("Auto-Submitted: auto-generated\n", "Auto-Submitted: auto-generated"),
    "older": ("X-Autoreply: yes\n", "X-Autoreply"),
    "another": ("X-Autorespond: Away\n", "X-Autorespond"),
    "Exchange": ("X-Auto-Response-Suppress: All\n", "X-Auto-Response-Suppress"),
    "precedence": ("Precedence: auto_reply\n", "Precedence: auto_reply"),
    "bulk": ("Precedence: bulk\n", "Precedence: bulk"),
}


@pytest.mark.parametrize("sign", AUTOMATIC)
def test_what_a_program_wrote_is_ignored(sign: str) -> None:
    headers, why = AUTOMATIC[sign]
    raw = plain("I am away.\n", sender=f"Maria <{ADDRESS}>", subject="Away", headers=headers)
    assert read(raw, Envelope(ADDRESS, (PATH,)), OURS).what == AutoReply(why)


def test_the_null_return_path_without_a_report_is_a_program() -> None:
    raw = plain("I am away.\n", sender=f"Maria <{ADDRESS}>", subject="Re: Our privacy policy changes")
    assert read(raw, NULL, OURS).what == AutoReply("null return path")


def test_postfixs_name_for_the_null_return_path_means_it() -> None:
    pipe = Envelope("MAILER-DAEMON", (PATH,))
    raw = plain("I am away.\n", sender=f"Maria <{ADDRESS}>", subject="Re: Our privacy policy changes")
    assert read(raw, pipe, OURS).what == AutoReply("null return path")
    assert read(texts.QMAIL, pipe, OURS).what == read(texts.QMAIL, NULL, OURS).what


def test_a_receipt_of_having_read_it_is_ignored() -> None:
    raw = crlf(
        f"From: {ADDRESS}\nSubject: Read\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt was shown.\n--b--\n"
    )
    assert read(raw, Envelope(ADDRESS, (PATH,)), OURS).what == AutoReply("disposition-notification")


def test_no_such_sign_is_a_persons_letter() -> None:
    came = read(texts.OBJECTION, Envelope(), OURS)
    assert came.what == Letter(says=Says.OBJECTION)
    assert (came.sender, came.subject) == ("Maria <maria@example.org>", "Re: Our privacy policy changes")
    assert came.names.message_ids == (texts.MESSAGE_ID,)
    said_no = plain("No.\n", sender=ADDRESS, subject="No", headers="Auto-Submitted: no\n")
    assert read(said_no, Envelope(ADDRESS), OURS).what == Letter()


def test_a_letter_that_quotes_or_carries_a_bounce_is_a_letter() -> None:
    quoting = plain(
        f"Why do I get this?\n> Hi. This is the qmail-send program\n> <{ADDRESS}>:\n> 550 5.1.1 no\n",
        sender=f"Maria <{ADDRESS}>",
        subject="Fwd: failure notice",
    )
    assert read(quoting, Envelope(ADDRESS, ("privacy@example.com",)), OURS).what == Letter()
    carrying = (
        crlf(
            f"From: Maria <{ADDRESS}>\nSubject: Look\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="outer"\n\n'
            "--outer\nContent-Type: text/plain\n\nWhat is this?\n--outer\nContent-Type: message/rfc822\n\n"
        )
        + dsn()
        + b"\r\n--outer--\r\n"
    )
    assert read(carrying, Envelope(ADDRESS, ("privacy@example.com",)), OURS).what == Letter()


def test_a_mail_system_in_words_that_nobody_knows_is_left_to_a_person() -> None:
    raw = plain("It did not work.\n", sender="MAILER-DAEMON@mx.example.net", subject="Undeliverable")
    came = read(raw, NULL, OURS)
    assert came.what == Letter(report=True)
    assert came.names.verps == (VERP,)

"""Signatures above messages, as dkimpy verifies them; keys that may sign, and those that may not."""

import re
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.compose import Letter, Recipient, Sender, compose
from portal.mail.dkim import COVERED, NotSignable, Signatory, fields_left_out, relaxed_body, signature
from portal.mail.dkim_key import CannotSign, dns_record, dns_value, make_key, read_key
from tests.support.dkim import DOMAIN, SELECTOR, Published

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SENDER = Sender("Ternwick Söftware GmbH", "Ternwick Ä", f"privacy@{DOMAIN}", f"bounces@{DOMAIN}", "https://p.example")
# All that is covered where it is present, long and encoded; and lines that begin with dots or blanks, or hold tabs.
MESSAGE = (
    b"From: =?utf-8?q?Ternwick_=C3=84?= <privacy@ternwick.example>\r\n"
    b"Reply-To: bounces+r-0123@ternwick.example\r\n"
    b"To: =?utf-8?b?xb1vZmlh?=\r\n <zofia@example.org>\r\n"
    b"Subject: =?utf-8?q?=C3=84nderungen_der_Datenschutzerkl=C3=A4rung=2C_die_Sie_betreffen_und?=\r\n"
    b" =?utf-8?q?_denen_Sie_widersprechen_k=C3=B6nnen?=   and   more\r\n"
    b"Date: Sun, 01 Mar 2026 09:30:00 +0000\r\n"
    b"Message-ID: <0123@ternwick.example>\r\n"
    b"Auto-Submitted: auto-generated\r\n"
    b"Content-Language: de\r\n"
    b"List-Id: <privacy.policies.ternwick.example>\r\n"
    b"Feedback-ID: privacy-2:notice:portal\r\n"
    b"X-Notice-Id: 0123\r\n"
    b"List-Unsubscribe: <https://p.example/u/1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n"
    b"X-Other: not covered\r\n"
    b"\r\n"
    b".begins with a dot\r\n..and two\r\n  blanks,\ttabs \t and  an end  \r\nGr\xc3\xbc\xc3\x9fe\r\n\r\n.\r\n \r\n\r\n"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(tmp_path_factory.mktemp("dkim"))


def signed(published: Published, message: bytes = MESSAGE, *left_out: str) -> bytes:
    by = Signatory(DOMAIN, SELECTOR, frozenset(left_out))
    return signature(message, by, lambda data: published.private.sign(data, PKCS1v15(), SHA256())) + message


def test_a_signature_holds_and_is_written_in_short_lines(published: Published) -> None:
    whole = signed(published)
    assert published.verifies(whole)
    header = whole[: -len(MESSAGE)]
    assert header.endswith(b"\r\n")
    assert max(map(len, header.split(b"\r\n"))) <= 78
    assert b"a=rsa-sha256; c=relaxed/relaxed; d=ternwick.example;" in header
    assert signed(published) == whole


@pytest.mark.parametrize("name", COVERED)
def test_a_covered_header_that_is_changed_or_taken_away_breaks_it(published: Published, name: str) -> None:
    whole = signed(published)
    line = re.search(rb"^%b: (?:.*)(?:\r\n .*)*\r\n" % name.encode(), whole, re.MULTILINE)
    assert line is not None
    assert not published.verifies(whole.replace(line[0], line[0].replace(b"\r\n", b"x\r\n", 1)))
    assert not published.verifies(whole.replace(line[0], b""))


@pytest.mark.parametrize("name", ["From", "To", "Subject"])
def test_another_header_that_readers_see_cannot_be_added(published: Published, name: str) -> None:
    whole = signed(published)
    for place in (b"X-Other:", b"From:"):
        assert not published.verifies(whole.replace(place, name.encode() + b": Eve <eve@example.net>\r\n" + place, 1))


@pytest.mark.parametrize(
    ("old", "new"), [(b"two", b"too"), (b".begins", b"begins"), (b"tabs \t and", b"tabsand"), (b".\r\n \r\n", b"")]
)
def test_a_changed_text_breaks_it(published: Published, old: bytes, new: bytes) -> None:
    whole = signed(published)
    assert old in whole
    assert not published.verifies(whole.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"   and   more", b" and\r\n\tmore  "),
        (b"blanks,\ttabs \t and", b"blanks, tabs and"),
        (b"  \r\nGr", b"\r\nGr"),
        (b"X-Other: not covered\r\n", b"X-Another: one\r\n"),
        (b"\r\n \r\n\r\n", b"\r\n"),
        (b"\r\nList-Id: ", b"\r\nLIST-ID: "),
    ],
)
def test_what_relays_do_to_blanks_and_to_other_headers_leaves_it_whole(
    published: Published, old: bytes, new: bytes
) -> None:
    whole = signed(published)
    assert whole.count(old) == 1
    assert published.verifies(whole.replace(old, new))


def test_a_composed_mail_is_covered_in_all_that_it_has(published: Published) -> None:
    letter = Letter("sign_in", {"link": "https://p.example/abc", "minutes": 90}, {"X-Notice-Id": "abc"})
    for name in ("Maria Muster", "Žofia Ångström 李" * 8, 'O"Hara, & <Sons>'):
        mail = compose(letter, SENDER, Recipient("maria@example.org", name), f"<t@{DOMAIN}>", AT)
        whole = signed(published, mail)
        assert published.verifies(whole)
        listed = re.search(rb"h=([^;]*);", whole)
        assert listed is not None
        covered = re.sub(rb"\s", b"", listed[1]).decode().split(":")
        head = mail.partition(b"\r\n\r\n")[0].decode()
        assert set(covered) == set(re.findall(r"^([\w-]+):", head, re.MULTILINE))


def test_fields_that_a_relay_replaces_can_be_left_out(published: Published) -> None:
    whole = signed(published, MESSAGE, *fields_left_out(" Message-ID, date,"))
    for old, new in ((b"<0123@ternwick.example>", b"<0100@eu.ses.example>"), (b"09:30:00", b"09:30:07")):
        whole = whole.replace(old, new)
        assert published.verifies(whole)
    assert not published.verifies(whole.replace(b"List-Id: <", b"List-Id: <x"))


@pytest.mark.parametrize(("given", "said"), [("Date, Mesage-ID", "'Mesage-ID' is not covered"), ("FROM", "From has")])
def test_fields_that_cannot_be_left_out_are_named(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fields_left_out(given)


@pytest.mark.parametrize("message", [b"To: a@b.example\r\n\r\nHello\r\n", b"From: a@b.example\r\n"])
def test_what_is_no_message_is_not_signed(published: Published, message: bytes) -> None:
    with pytest.raises(NotSignable):
        signed(published, message)


@given(st.lists(st.text(" \tab.é", max_size=8), max_size=8))
def test_a_text_is_hashed_in_the_form_that_others_hash(lines: list[str]) -> None:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    assert relaxed_body(body) == Relaxed.canonicalize_body(body)


def test_a_key_is_made_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "dkim.pem"
    made = make_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_key(file).private_numbers() == made.private_numbers()
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        make_key(file)
    assert file.read_bytes() == before


def test_the_record_is_in_strings_that_the_dns_takes_and_says_what_receivers_read(published: Published) -> None:
    record = dns_record(DOMAIN, SELECTOR, published.private)
    assert record.startswith("portal2026._domainkey.ternwick.example. IN TXT ( ")
    strings = re.findall(r'"([^"]*)"', record)
    assert max(map(len, strings)) <= 255
    assert "".join(strings) == dns_value(published.private)
    key, bits, kind, _ = dkim.evaluate_pk("there", dns_value(published.private).encode())
    assert (key["modulus"], bits, kind) == (published.private.public_key().public_numbers().n, 2048, b"rsa")


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PKCS8 = PrivateFormat.PKCS8


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        (
            ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, NoEncryption()),
            "an Ed25519 key",
        ),
        (ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PKCS8, NoEncryption()), "no RSA key"),
        (rsa.generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PKCS8, NoEncryption()), "has 1024 bits"),
        (RSA.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x")), "locked with a password"),
        (RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "no private key in PEM"),
        (RSA.private_bytes(Encoding.DER, PKCS8, NoEncryption()), "no private key in PEM"),
        (b"", "no private key in PEM"),
    ],
    ids=["ed25519", "elliptic", "short", "locked", "public", "der", "empty"],
)
def test_a_key_that_receivers_would_not_take_is_refused_with_the_reason(tmp_path: Path, pem: bytes, said: str) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    file.chmod(0o600)
    with pytest.raises(CannotSign, match=f"key.pem .*{said}"):
        read_key(file)


def test_a_key_in_the_older_form_of_openssl_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    file.chmod(0o600)
    assert read_key(file).key_size == 2048


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(published: Published, mode: int) -> None:
    published.file.chmod(mode)
    try:
        with pytest.raises(CannotSign, match="can be read by others than its owner; run: chmod 600"):
            read_key(published.file)
    finally:
        published.file.chmod(0o600)


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    for file in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(CannotSign, match=f"{re.escape(str(file))} cannot be read"):
            read_key(file)

"""A key that signs mail in tests, and receivers who verify it with dkimpy."""

from pathlib import Path

import dkim

from portal.mail.dkim import Signatory
from portal.mail.dkim_key import der_of, dns_value, make_key
from portal.mail.signing import SigningKey

DOMAIN, SELECTOR = "ternwick.example", "portal2026"


class Published:
    """A key, in a file of the folder, whose public half stands in the DNS that `verifies` asks."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "dkim.pem"
        self.private = make_key(self.file)
        self.settings = {"dkim_domain": DOMAIN, "dkim_selector": SELECTOR, "dkim_key_file": str(self.file)}

    def key(self, *left_out: str) -> SigningKey:
        return SigningKey(Signatory(DOMAIN, SELECTOR, frozenset(left_out)), der_of(self.private))

    def verifies(self, message: bytes) -> bool:
        """Whether the topmost signature of the message holds, by the record of its domain and selector."""
        asked = f"{SELECTOR}._domainkey.{DOMAIN}.".encode()
        record = dns_value(self.private).encode()
        return bool(dkim.verify(message, dnsfunc=lambda name, timeout=5: record if name == asked else None))


def unsigned(message: bytes) -> bytes:
    """The message without the signature above it."""
    head, _, rest = message.partition(b"\r\nFrom: ")
    assert head.startswith(b"DKIM-Signature: ")
    assert all(line.startswith(b" ") for line in head.split(b"\r\n")[1:])
    return b"From: " + rest

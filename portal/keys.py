"""Signing keys: what a mailed link says, and the one-time codes. The newest key signs; all of them verify.

A link identifies a member and a notice; what may be done with it is for the rules and the pages to say.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b, sha256
from itertools import repeat
from typing import NamedTuple

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.signer import SigningAlgorithm

LINK_LIFE = timedelta(days=366)
EPOCH = date(2020, 1, 1)
CODE_DIGITS = 8
MAC_BYTES, MAC_LENGTH = 18, 24
"""144 bits, which base64 writes in so many characters, without padding."""
_LISTS = [f"[{','.join(['%d'] * length)}]".encode() for length in range(5)]
"""So many numbers in JSON."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class KeyedBlake2(SigningAlgorithm):
    """BLAKE2b with a key (RFC 7693, 2.9): a MAC as it is, in one pass, where HMAC takes two digests, one of another."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return blake2b(value, key=key, digest_size=MAC_BYTES).digest()


_SIGNER = {"digest_method": sha256, "algorithm": KeyedBlake2()}
_SIGNER_BEFORE = {"digest_method": sha256}
"""HMAC-SHA-256: links that earlier builds mailed are still out there."""


class Link(NamedTuple):
    """What a mailed link says: whose it is, of which version (row id), and in which epoch of the member's links."""

    member_id: int
    version_id: int
    epoch: int
    issued_on: date

    def expired(self, now: datetime) -> bool:
        return now.astimezone(UTC).date() > self.issued_on + LINK_LIFE


@dataclass(frozen=True, slots=True)
class Keys:
    """The portal's secret keys, oldest first."""

    secrets: tuple[str, ...]

    def notice_link(self, link: Link) -> str:
        """The token of a notice's link, about 50 characters."""
        return self.notice_links([(link.member_id, link.version_id, link.epoch)], link.issued_on)[0]

    def notice_links(self, links: Sequence[tuple[int, int, int]], issued_on: date) -> list[str]:
        """The tokens of many: member, version (row ids) and epoch of each."""
        days = issued_on.toordinal() - EPOCH.toordinal()
        return self._signed("notice", list(map(tuple.__add__, links, repeat((days,)))))

    def read_notice_link(self, token: str) -> Link | None:
        """What the token says; None where it is forged, truncated or of another kind. Expiry is the caller's to ask."""
        said = self._read("notice", token, 4)
        return Link(said[0], said[1], said[2], EPOCH + timedelta(days=said[3])) if said else None

    def sign_in_link(self, member_id: int, code_id: int) -> str:
        return self._signed("sign-in", [(member_id, code_id)])[0]

    def read_sign_in_link(self, token: str) -> tuple[int, int] | None:
        """(member id, code id), or None."""
        said = self._read("sign-in", token, 2)
        return (said[0], said[1]) if said else None

    def opt_out_link(self, member_id: int, epoch: int) -> str:
        return self.opt_out_links([(member_id, epoch)])[0]

    def opt_out_links(self, links: Sequence[tuple[int, int]]) -> list[str]:
        """The tokens of many: member id and epoch of each."""
        return self._signed("opt-out", links)

    def read_opt_out_link(self, token: str) -> tuple[int, int] | None:
        """(member id, epoch of the member's links), or None."""
        said = self._read("opt-out", token, 2)
        return (said[0], said[1]) if said else None

    def unsubscribe_link(self, member_id: int, purpose_id: int, epoch: int) -> str:
        """The token of a single click that stops one purpose, for the company's own mails."""
        return self._signed("unsubscribe", [(member_id, purpose_id, epoch)])[0]

    def read_unsubscribe_link(self, token: str) -> tuple[int, int, int] | None:
        """(member id, purpose's row id, epoch of the member's links), or None."""
        said = self._read("unsubscribe", token, 3)
        return (said[0], said[1], said[2]) if said else None

    def address_link(self, member_id: int, change_id: int, *, new: bool) -> str:
        """The token of a link by which the new address confirms a change, or the old one."""
        return self._signed("address", [(member_id, change_id, int(new))])[0]

    def read_address_link(self, token: str) -> tuple[int, int, bool] | None:
        """(member id, id of the change, whether it went to the new address), or None."""
        said = self._read("address", token, 3)
        return (said[0], said[1], said[2] == 1) if said else None

    def code(self, code_id: int, secret: str | None = None) -> str:
        """The one-time code of a row, computed, so that it is stored nowhere."""
        mac = hmac.new((secret or self.secrets[-1]).encode(), f"code:{code_id}".encode(), sha256)
        return str(int.from_bytes(mac.digest()[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def is_code(self, code_id: int, given: str) -> bool:
        """Whether the given text is that row's code, under any of the keys; spaces are ignored."""
        digits = "".join(given.split()).replace("-", "")
        return any(hmac.compare_digest(digits.encode(), self.code(code_id, key).encode()) for key in self.secrets)

    def _serializer(self, salt: str) -> URLSafeSerializer:
        secrets = list(self.secrets)
        return URLSafeSerializer(secrets, salt=salt, signer_kwargs=_SIGNER, fallback_signers=[_SIGNER_BEFORE])

    def _signed(self, salt: str, said: Sequence[tuple[int, ...]]) -> list[str]:
        """What the serializer's `dumps` gives for each, at a fraction of its cost: numbers as few as these never get
        shorter by zlib, and what is the same for all tokens is computed once. Numbers in JSON give neither of the two
        signs that differ in URL-safe base64; MACs of 18 bytes can be written in one go."""
        if not said:
            return []
        form, keyed = _LISTS[len(said[0])], _keyed(self.secrets[-1], salt)
        lines = b"".join([b2a_base64(form % one) for one in said]).replace(b"=", b"")
        digests = []
        for line in lines.splitlines():
            mac = keyed.copy()
            mac.update(line)
            digests.append(mac.digest())
        macs = b2a_base64(b"".join(digests), newline=False).translate(_URL_SAFE).decode("ascii")
        of_each = [macs[at : at + MAC_LENGTH] for at in range(0, len(macs), MAC_LENGTH)]
        return list(map(".".join, zip(lines.decode("ascii").splitlines(), of_each, strict=True)))

    def _read(self, salt: str, token: str, length: int) -> list[int] | None:
        try:
            said = self._serializer(salt).loads(token)
        except (BadData, ValueError):
            return None
        whole = isinstance(said, list) and len(said) == length and all(isinstance(part, int) for part in said)
        return said if whole else None


class KeysBefore(Keys):
    """They sign as earlier builds did, for what was mailed then and is to be made again."""

    def _signed(self, salt: str, said: Sequence[tuple[int, ...]]) -> list[str]:
        before = URLSafeSerializer(self.secrets[-1], salt=salt, signer_kwargs=_SIGNER_BEFORE)
        return [before.dumps(list(one)) for one in said]


@lru_cache(maxsize=32)  # a campaign signs two links for each member
def _keyed(secret: str, salt: str) -> blake2b:
    """What the signer begins a MAC with: to be copied."""
    key = Signer(secret, salt=salt, digest_method=sha256).derive_key()
    return blake2b(key=key, digest_size=MAC_BYTES)

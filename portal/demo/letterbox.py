"""What the catcher caught, as its addressees read it."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

LINK = re.compile(r"https?://\S+")
# Two headers of a caught mail that are looked at in every one; the rest is parsed where it is read.
DELIVERED_TO = re.compile(rb"^Delivered-To: (\S+)", re.MULTILINE)
CAMPAIGN = re.compile(rb"^Feedback-ID: ([\w-]+):notice", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One caught mail. `number` is its place in the order of arrival, `campaign` like `contact-forms-2` for notices."""

    number: int
    to: str
    campaign: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def addressee(self) -> str:
        """The name beside the address: two people may share one."""
        return str(self.message["To"].addresses[0].display_name)

    @cached_property
    def words(self) -> str:
        """The plain text."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    def link(self, path: str) -> str:
        """The first address in it with that path: `/n/`. Raises LookupError."""
        for found in LINK.findall(self.words):
            if path in found:
                return str(found).rstrip(".,)")
        raise LookupError(f"no link to {path} in {self.subject!r} to {self.to}")


@dataclass
class Letterbox:
    """The catcher's folder. Each file is read once, in the order of arrival."""

    folder: Path
    _letters: list[Letter] = field(default_factory=list)

    def letters(self) -> list[Letter]:
        """Everything caught so far, the oldest first."""
        while (path := self.folder / f"{len(self._letters) + 1}.eml").exists():
            raw = path.read_bytes()
            self._letters.append(
                Letter(len(self._letters) + 1, _first(DELIVERED_TO, raw).lower(), _first(CAMPAIGN, raw), raw)
            )
        return self._letters

    def to(self, address: str, name: str = "") -> list[Letter]:
        """What came for an address, the oldest first; of those who share it, only what is addressed to that name."""
        mine = [letter for letter in self.letters() if letter.to == address.lower()]
        return [letter for letter in mine if letter.addressee == name] if name else mine

    def newest(self, address: str, name: str = "") -> Letter:
        """Raises LookupError."""
        mine = self.to(address, name)
        if not mine:
            raise LookupError(f"no mail to {address} was caught")
        return mine[-1]


def _first(pattern: re.Pattern[bytes], raw: bytes) -> str:
    found = pattern.search(raw)
    return found[1].decode("ascii", "replace") if found else ""

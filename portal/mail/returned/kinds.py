"""What a message that came back can be."""

from dataclasses import dataclass

from portal.mail.returned.names import Names
from portal.mail.returned.objecting import Says


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours came back, for good (RFC 3464: action *failed*; or a server's own words that mean it).

    `hard`: nothing at this address will ever be taken. Not hard: a server gave up waiting (4.x.x), or the mailbox is
    full (x.2.2); it came back all the same. `status`: RFC 3463, "" where none was found. `reason`: on one line and
    without addresses. `recipient`: to whom it could not be delivered.
    """

    hard: bool
    status: str
    reason: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """A server says that it goes on trying: no fact."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A server says that it was `delivered`, `relayed` or `expanded`. Nobody asked, and nothing hangs on it."""

    action: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """Somebody called a mail of ours unwanted (RFC 5965). `feedback`: its kind, `abuse` as a rule."""

    feedback: str


@dataclass(frozen=True, slots=True)
class AutoReply:
    """A program answered, no person (RFC 3834, and what was practice before it). `why`: by which sign."""

    why: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything else. `report`: it looks like a bounce, but nobody can tell of what or why.

    `says`: whether its writer objects.
    """

    report: bool = False
    says: Says = Says.OTHER


What = Bounce | Delayed | Delivered | Complaint | AutoReply | Letter


@dataclass(frozen=True, slots=True)
class Came:
    """A message as it was read.

    `size`: bytes as received; `kept`: those that are stored, fewer where it was larger than the bound. `sender` and
    `subject` are its own claims, on one line. `names`: which mails of ours it speaks of; none of it is checked yet.
    """

    what: What
    names: Names
    sender: str
    subject: str
    digest: str
    size: int
    kept: bytes

    @property
    def cut(self) -> bool:
        return self.size > len(self.kept)

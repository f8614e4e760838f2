"""Where to look once the story is over: each address with what is to be seen there."""

from dataclasses import dataclass

from portal.demo.cast import APPROVER, AUTHOR, OPS, Cast
from portal.demo.people import REFERENCE, Person
from portal.demo.stage import Stage


@dataclass(frozen=True, slots=True)
class Place:
    """A page to open."""

    what: str
    url: str


def places(stage: Stage, cast: Cast) -> list[Place]:
    """Public pages, a member of each kind, the staff's pages, the mails."""
    site = stage.settings.base_url
    return [
        Place("Everybody: the policies", f"{site}/policies"),
        Place("What version 2 changed", f"{site}/policies/{REFERENCE}/versions/2/changes?since=1"),
        *(Place(f"{person.name}, who {did}", _link(stage, person, number)) for person, number, did in _members(cast)),
        Place("Legal: a draft that waits to be classified", f"{site}/staff/drafts"),
        Place("Operations: the queue of objections", f"{site}/staff/objections"),
        Place("Every mail that was caught", f"{site}/mailbox"),
    ]


def who_signs_in() -> list[tuple[str, str]]:
    """(what for, address) of the staff."""
    return [("drafts, publishes", AUTHOR.email), ("approves", APPROVER.email), ("answers objections", OPS.email)]


def _members(cast: Cast) -> list[tuple[Person, int, str]]:
    """Somebody of each kind, with the version whose notice shows it."""
    return [
        (cast.silent, 3, "can still object to version 3"),
        (cast.freezers[0], 2, "objected to the marketing change"),
        (cast.withdrawer, 2, "took the objection back"),
        (cast.unconfirmed, 2, "never confirmed an objection that would close the account"),
        (cast.bounced, 2, "was not reached: the time to object has no end yet"),
        (cast.late, 2, "was a second late"),
        (cast.closers[0], 2, "left: the account is closed, and the link opens nothing any more"),
    ]


def _link(stage: Stage, person: Person, number: int) -> str:
    return stage.notice_to(person, REFERENCE, number).link("/n/")

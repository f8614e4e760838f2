"""A member who owns one of everything that an address can name, two others, and words that only the owner may read."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from starlette.applications import Starlette
from starlette.datastructures import UploadFile

from portal.actions.actor import Actor
from portal.actions.address_change import ask_for_address
from portal.actions.declare import declare_consent
from portal.actions.enter_choice import enter_opt_out
from portal.actions.objection import file_objection
from portal.actions.profile import correct_profile
from portal.actions.request import ask
from portal.actions.returned import take_in
from portal.actions.submission import Arrival
from portal.actions.submitted_file import examined
from portal.keys import Keys, Link
from portal.mail.returned import Envelope, read
from portal.store.access import OneTimeCode
from portal.store.answers import Objection, Way
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.policies import Purpose
from portal.store.requests import RequestKind
from portal.store.submissions import Submission
from tests.support.came_back import OBJECTION, OURS
from tests.support.drafting import person
from tests.support.entering import PDF
from tests.support.noticed import SENT_2, Noticed
from tests.support.world import make_member, make_policy

OWNER, OTHER, OUTSIDER = "m1", "m2", "m9"
REASON = "A reason that only its writer may read"
NEW_ADDRESS = "another-of-marias@example.org"
NAME = "Maria Canaria"
FOLDER = "Folder of a bird"


@dataclass(frozen=True)
class Owned:
    """The owner's things by what an address calls them. `codes`: the right one-time codes, by what they confirm.

    `foreign`: the links as another portal's keys would sign them.
    """

    app: Starlette
    noticed: Noticed
    owner: Member
    objection: Objection
    numbers: dict[str, str]
    ids: dict[str, int]
    codes: dict[str, str]
    tokens: dict[str, str]
    foreign: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        """What stands in no answer to anybody else."""
        return ["maria@example.org", NEW_ADDRESS, NAME, REASON, FOLDER, *self.numbers.values(), *self.codes.values()]

    def address(self, path: str, *, token: str = "", version: int = 0) -> str:
        """The address of the owner's thing; with another token or version in it where one is given."""
        start = "/" + path.split("/")[1]
        made = path.replace("{token}", token or self.tokens.get(start, ""))
        made = made.replace("{version_id:int}", str(version or self.noticed.version.id))
        made = made.replace("{member_id:int}", str(self.owner.id)).replace("{number:int}", "1")
        for before, number in self.numbers.items():
            made = made.replace(f"/{before}/{{number}}", f"/{before}/{number}")
        for before, row_id in self.ids.items():
            made = made.replace(f"/{before}/{{id:int}}", f"/{before}/{row_id}")
        return made.replace("{id:path}", OWNER).replace("{notice:int}", str(self.noticed.version.id))

    def form(self, path: str) -> dict[str, str | list[str]]:
        """One that would do something, whatever the address is for."""
        return {
            "purpose": "marketing" if "opt-out" in path or "unsubscribe" in path else "ai_training",
            "turn": "out",
            "answer": "no" if path.startswith("/address/") else "yes",
            "code": self.codes["answers" if "/answers/" in path else "objections"],
            "change": [self.noticed.keys["Service"]],
            "List-Unsubscribe": "One-Click",
            "kind": "export",
            "name": "Somebody Else",
            "language": "de",
            "address": "somebody@example.com",
            "confirmed": "1",
            "reason": "Because.",
            "note": "Because.",
            "asked_by": "member",
            "step": "enter",
            "way": "letter",
            "day": self.app.state.clock().date().isoformat(),
        }


async def owned_by(noticed: Noticed, app: Starlette) -> Owned:
    at, owner, keys = app.state.clock(), noticed.member, app.state.keys
    by = Actor("member", owner.id)
    await correct_profile(owner.id, name=NAME, language="en", zone=None, by=by, at=at)
    objection = await file_objection(
        owner.id, noticed.version.id, [noticed.keys["Service"]], way=Way.LINK, by=by, at=at, reason=REASON
    )
    declared = await declare_consent(
        owner.id, noticed.version.id, "ai_training", way=Way.LINK, known_as=None, by=by, at=at
    )
    change = await ask_for_address(owner.id, NEW_ADDRESS, by=by, at=at)
    asked = await ask(owner.id, RequestKind.ACCESS, way=Way.ACCOUNT, by=by, at=at)
    assert declared is not None
    assert change is not None
    letter = await came_by_letter(owner.id, at)
    inbox = (await take_in(read(OBJECTION, Envelope(), OURS), at=at)).returned
    async with transaction():
        sign_in = await OneTimeCode.create(member_id=owner.id, created_at=at, expires_at=at.replace(hour=at.hour + 2))
    marketing = await Purpose.get(key="marketing")
    await make_member(await make_policy("elsewhere"), OUTSIDER, at, "outsider@example.net")
    confirming = {
        "objections": await OneTimeCode.get(objection_id=objection.id),
        "answers": await OneTimeCode.get(declaration_id=declared.id),
    }
    return Owned(
        app=app,
        noticed=noticed,
        owner=owner,
        objection=objection,
        numbers={"objections": objection.number, "answers": declared.number, "requests": asked.number},
        ids={
            "objections": objection.id,
            "declarations": declared.id,
            "requests": asked.id,
            "members": owner.id,
            "inbox": inbox.id,
            "submissions": letter.id,
        },
        codes={name: keys.code(row.id) for name, row in confirming.items()},
        tokens=tokens_of(keys, noticed, change.id, sign_in.id, marketing.id),
        foreign=tokens_of(Keys(("another portal's key",)), noticed, change.id, sign_in.id, marketing.id),
    )


async def came_by_letter(member_id: int, at: datetime) -> Submission:
    """Something that ops entered, with its scan."""
    by, files = await person("Olga Ops", at), await examined([("letter.pdf", UploadFile(BytesIO(PDF)))])
    return await enter_opt_out(member_id, "service", Arrival(Way.LETTER, at, FOLDER), files, by=by, at=at)


def tokens_of(keys: Keys, noticed: Noticed, change_id: int, code_id: int, purpose_id: int) -> dict[str, str]:
    """Every kind of link that the owner is mailed, by how its address begins, signed with these keys."""
    owner = noticed.member
    return {
        "/n": keys.notice_link(Link(owner.id, noticed.version.id, owner.link_epoch, SENT_2.date())),
        "/address": keys.address_link(owner.id, change_id, new=True),
        "/sign-in": keys.sign_in_link(owner.id, code_id),
        "/opt-out": keys.opt_out_link(owner.id, owner.link_epoch),
        "/unsubscribe": keys.unsubscribe_link(owner.id, purpose_id, owner.link_epoch),
    }

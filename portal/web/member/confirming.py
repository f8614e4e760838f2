"""Confirming an answer with the mailed code: how it stands with the code, and what is said where it was wrong."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from portal.actions.code import MOST_CODES, open_code
from portal.keys import CODE_DIGITS
from portal.rules.errors import RuleBroken
from portal.store.objection_queue import MEMBERS_TIME
from portal.web.member.case import Case
from portal.web.text import gettext as _
from portal.web.text import ngettext


class Code(BaseModel):
    """The form that confirms; signed-in members send none."""

    code: str = Field("", max_length=40)


@dataclass(frozen=True, slots=True)
class Confirming:
    """What the section "Confirm that it is you" tells. `until` (UTC): the code works; None: none does.

    `with_ops`: the member has had the time that is theirs, and ops looks after it, too.
    """

    address: str
    signed_in: bool
    digits: int
    until: datetime | None
    with_ops: bool
    sign_in: str


async def confirming(
    case: Case, recorded_at: datetime, path: str, *, objection_id: int | None = None, declaration_id: int | None = None
) -> Confirming:
    """`path`: below the notice's address, the page of the answer."""
    reader = case.reader
    code = await open_code(reader.member.id, objection_id=objection_id, declaration_id=declaration_id, at=case.now)
    return Confirming(
        address=case.address,
        signed_in=reader.signed_in,
        digits=CODE_DIGITS,
        until=code.expires_at if code else None,
        with_ops=not case.address or case.now >= recorded_at + MEMBERS_TIME,
        sign_in=f"/sign-in?next=/account/notices/{reader.version_id}{path}",
    )


def code_wanted() -> dict[str, str]:
    """The error where no code was entered."""
    return {"code": _("Enter the %(number)s digits of the code we mailed you.", number=CODE_DIGITS)}


def code_trouble(broken: RuleBroken) -> tuple[int, dict[str, str]]:
    """The status and the errors of a refusal that is about codes; any other is raised again."""
    match broken.code:
        case "code_wrong":
            return 422, {"code": _wrong(int(str(broken.facts.get("tries_left", 0))))}
        case "code_expired":
            return 422, {"code": _("This code no longer works. Ask for a new one below.")}
        case "too_often":
            return 429, {
                "": _(
                    "We have mailed %(number)s codes in one day and mail no more until tomorrow. Your answer keeps its "
                    "time.",
                    number=MOST_CODES,
                )
            }
        case "no_address":
            return 409, {"": _("We have no mail address of yours. Our staff will get in touch with you.")}
    raise broken


def _wrong(left: int) -> str:
    if not left:
        return _("That is not the code we mailed, and it no longer works. Ask for a new code.")
    return ngettext(
        "That is not the code we mailed. You can try %(num)s more time.",
        "That is not the code we mailed. You can try %(num)s more times.",
        left,
    )

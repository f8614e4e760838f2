"""What a publication would set going, told before the button is pressed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.actions.approve import standing_approval
from portal.actions.draft_content import change_keys, content_of_draft
from portal.actions.obstacles import obstacles
from portal.actions.version_rows import mailed
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms, Treatment
from portal.rules.window import deadline
from portal.store.concerned import Concerned, concerned
from portal.store.drafts import Draft


@dataclass(frozen=True, slots=True)
class Consequences:
    """What publishing at `at` means.

    `members`: how many it concerns, `reachable` of them with an address. `mailed`: each gets a mail. Where mail is a
    channel (`terms.by_email`) the version takes effect for each of them with it, else for all at `at`. `closes_at`:
    when the window of one who is reached at `at` closes (UTC), None without a right to object. An objection to one of
    `freezes` freezes, to one of `closes` closes the account; `asks` wait for a consent. `told_of`: why there is a mail
    although mail is no channel.
    """

    number: int
    at: datetime
    terms: NoticeTerms
    members: int
    reachable: int
    mailed: bool
    closes_at: datetime | None
    last_day: str | None
    changes: int
    editorial: int
    freezes: tuple[str, ...]
    closes: tuple[str, ...]
    asks: tuple[str, ...]
    told_of: tuple[str, ...]
    approved: bool
    obstacles: tuple[RuleBroken, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return self.approved and not self.obstacles


async def consequences(draft_id: int, at: datetime) -> Consequences:
    """What would follow from publishing the draft at that instant (UTC). Raises RuleBroken: `no_draft`."""
    draft = await Draft.get_or_none(id=draft_id)
    if draft is None:
        raise RuleBroken("no_draft", "There is no such draft.")
    content = await content_of_draft(draft)
    terms = NoticeTerms.from_json(content.terms)
    closing = deadline(at, terms) if terms.may_object else None
    met: Concerned = await concerned(draft.policy_id, at)
    return Consequences(
        number=draft.base + 1,
        at=at,
        terms=terms,
        members=met.members,
        reachable=met.reachable,
        mailed=mailed(content),
        closes_at=closing.closes_at if closing else None,
        last_day=closing.last_day.isoformat() if closing and closing.last_day else None,
        changes=len(change_keys(draft)),
        editorial=sum(not decision.purposes for decision in content.decisions.values()),
        freezes=_treated(content.touched, content.treatments, Treatment.SEPARABLE),
        closes=_treated(content.touched, content.treatments, Treatment.INSEPARABLE),
        asks=_treated(content.touched, content.treatments, Treatment.OPT_IN),
        told_of=tuple(sorted(content.touched & set(content.told_of))),
        approved=await standing_approval(draft) is not None,
        obstacles=tuple(await obstacles(draft)),
    )


def _treated(touched: Iterable[str], treatments: Mapping[str, str], how: Treatment) -> tuple[str, ...]:
    return tuple(sorted(purpose for purpose in touched if treatments.get(purpose) == how))

"""One thing that ops can enter, as the two pages of its form need it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.rules.errors import RuleBroken
from portal.store.submissions import Submission
from portal.web.ops.act import Act, Row
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Review:
    """What would follow from exactly this. `outcome`: freeze, closure or none, as a member sees it; empty: plainly."""

    rows: Sequence[Row]
    heading: str
    follows: Sequence[str]
    label: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it cannot be entered; `field` is the one to be put right, `rows` what explains it."""

    words: str
    field: str = ""
    rows: Sequence[Row] = ()


class Entry(ABC):
    """`zones`: in which its time can be given. `gone`: why it cannot be entered any more; empty where it can."""

    zones: Sequence[str]
    gone: str = ""

    @abstractmethod
    def act(self) -> Act:
        """The form."""

    def wrong(self, _given: Mapping[str, Any]) -> dict[str, str]:
        """Errors of fields that only this form has."""
        return {}

    @abstractmethod
    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        """The deed. Raises RuleBroken."""

    @abstractmethod
    async def review(self, given: Mapping[str, Any], arrival: Arrival) -> Review:
        """What would follow, where the deed would be done."""

    @abstractmethod
    async def said(self, submission: Submission) -> str:
        """What is told once afterwards."""

    def refused(self, broken: RuleBroken) -> Refused:
        """The refusal in words."""
        field = str(broken.facts.get("field", ""))
        return Refused(_(broken.message), "day" if field == "received_at" else field)


def next_page() -> list[str]:
    """What every form says of its second page."""
    return [
        _("On the next page you see what would follow, and add the letter as a file. Nothing is entered before that."),
        _("It counts from when it arrived, not from now, and the member gets the same receipt by mail as online."),
    ]

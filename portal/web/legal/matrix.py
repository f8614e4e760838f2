"""The classification of a draft's changes: which are shown, what was typed for each, what of it is to be written."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, QueryParams

from portal.rules.changes import Change, Comparison, parse
from portal.store.drafts import Draft, DraftClassification
from portal.store.policies import Version
from portal.store.publications import authoritative_text, purpose_titles
from portal.store.staff import Staff
from portal.web.change_cards import Card, Cards, Classified
from portal.web.redline import redline_of
from portal.web.text import gettext as _

EDITORIAL = "editorial"
ROWS = 25


@dataclass(frozen=True, slots=True)
class Choice:
    """Which changes are looked at; empty = any."""

    show: str = "all"
    cls: str = ""
    flag: str = ""
    purpose: str = ""

    @classmethod
    def of(cls, query: QueryParams) -> "Choice":
        show = query.get("show", "")
        return cls(
            show if show in ("unclassified", "classified") else "all",
            query.get("class", ""),
            query.get("flag", ""),
            query.get("purpose", ""),
        )

    def takes(self, change: Change, given: DraftClassification | None) -> bool:
        return (
            (self.show == "all" or (self.show == "classified") == (given is not None))
            and self.cls in ("", change.cls)
            and (not self.flag or self.flag in change.flags)
            and (not self.purpose or (given is not None and self.purpose in (given.purposes or [EDITORIAL])))
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of one change: purposes, or `editorial` among them, and a reason."""

    chosen: tuple[str, ...]
    reason: str

    @classmethod
    def of(cls, given: DraftClassification | None) -> "Typed":
        """As it is classified now."""
        return cls((), "") if given is None else cls(tuple(given.purposes) or (EDITORIAL,), given.reason)

    @classmethod
    def sent(cls, form: FormData, key: str) -> "Typed":
        reason = str(form.get(f"reason-{key}", "")).replace("\r\n", "\n").strip()
        return cls(tuple(sorted(str(one) for one in form.getlist(f"purposes-{key}"))), reason)

    @property
    def empty(self) -> bool:
        return not self.chosen and not self.reason

    @property
    def mark(self) -> str:
        """Names the state of the fields, so that somebody else's classification in between is noticed."""
        return hashlib.sha256("\0".join([*sorted(self.chosen), "", self.reason]).encode()).hexdigest()[:16]

    @property
    def purposes(self) -> tuple[str, ...]:
        return () if self.chosen == (EDITORIAL,) else self.chosen

    def problem(self) -> str:
        """Why this cannot be written; nothing, where it can."""
        if EDITORIAL in self.chosen and len(self.chosen) > 1:
            return _("Choose purposes, or editorial, not both.")
        if not self.chosen:
            return _("Choose the purposes that it touches, or editorial.")
        if not self.reason:
            return _("Say why: members and courts read it.")
        return ""


@dataclass(frozen=True)
class Matrix:
    """All that is known of a draft's changes. `given` by change key."""

    draft: Draft
    comparison: Comparison | None
    given: Mapping[str, DraftClassification]
    titles: Mapping[str, str]

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.comparison.changes if self.comparison else ()

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(change.id for change in self.changes)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The draft's purposes, by title."""
        return sorted(((key, self.titles.get(key, key)) for key in self.draft.treatments), key=lambda one: one[1])

    def matching(self, choice: Choice) -> list[Change]:
        return [change for change in self.changes if choice.takes(change, self.given.get(change.id))]

    async def cards(self) -> Cards:
        assert self.comparison is not None  # asked for only where there are changes
        base = await Version.get(policy_id=self.draft.policy_id, number=self.draft.base).only("id")
        redline = redline_of(self.comparison, parse(await authoritative_text(base.id)), parse(self.draft.text))
        return Cards(redline, self.titles, self.draft.treatments)


async def matrix_of(draft: Draft) -> Matrix:
    rows = await DraftClassification.filter(draft_id=draft.id)
    comparison = Comparison.from_json(draft.comparison) if draft.comparison else None
    return Matrix(draft, comparison, {row.change_key: row for row in rows}, await purpose_titles())


async def rows_of(
    matrix: Matrix,
    changes: Sequence[Change],
    typed: Mapping[str, Typed],
    errors: Mapping[str, str],
    ticked: Sequence[str],
) -> list[dict[str, Any]]:
    """What the page shows of each change: its card, and the fields as typed, or as they stand."""
    if not changes:
        return []
    cards = await matrix.cards()
    names = {row.id: row.name for row in await Staff.filter(id__in={one.staff_id for one in matrix.given.values()})}
    return [_row(matrix, cards, change, typed=typed, errors=errors, ticked=ticked, names=names) for change in changes]


def _row(
    matrix: Matrix,
    cards: Cards,
    change: Change,
    *,
    typed: Mapping[str, Typed],
    errors: Mapping[str, str],
    ticked: Sequence[str],
    names: Mapping[int, str],
) -> dict[str, Any]:
    given = matrix.given.get(change.id)
    fields = typed.get(change.id) or Typed.of(given)
    by, when = (names.get(given.staff_id, ""), given.classified_at) if given else ("", None)
    return {
        "key": change.id,
        "card": cards.card(change, Classified(tuple(given.purposes), given.reason) if given else None),
        "options": [*matrix.options, (EDITORIAL, _("None: editorial"))],
        "chosen": fields.chosen,
        "reason": fields.reason,
        "was": Typed.of(given).mark,
        "error": errors.get(change.id, ""),
        "ticked": change.id in ticked,
        "by": by,
        "at": when,
    }


def card_of_draft(matrix: Matrix, cards: Cards, change: Change) -> Card:
    """For reading only."""
    given = matrix.given.get(change.id)
    return cards.card(change, Classified(tuple(given.purposes), given.reason) if given else None)

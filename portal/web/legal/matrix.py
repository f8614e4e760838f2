"""The classification of a draft's changes: what is known of each, and what was typed for it."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import FormData

from portal.rules.changes import Change, Comparison, parse
from portal.rules.suggestion import Suggestion, Vocabulary, suggestion
from portal.store.drafts import Draft, DraftClassification
from portal.store.policies import Classification, Purpose, Version
from portal.store.publications import authoritative_text
from portal.web.change_cards import Card, Cards, Classified
from portal.web.legal.choice import EDITORIAL, Choice, Facets
from portal.web.redline import Redline, redline_of
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of one row: purposes, or `editorial` among them, and a reason."""

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
    """All that is known of a draft's changes. `given` by change key, `earlier` by headings: what was touched there."""

    draft: Draft
    comparison: Comparison | None
    old_text: str
    given: Mapping[str, DraftClassification]
    purposes: Mapping[str, Purpose]
    earlier: Mapping[tuple[str, ...], frozenset[str]]

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.comparison.changes if self.comparison else ()

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(change.id for change in self.changes)

    @cached_property
    def titles(self) -> dict[str, str]:
        return {key: purpose.title for key, purpose in self.purposes.items()}

    @property
    def options(self) -> list[tuple[str, str]]:
        """The draft's purposes, by title."""
        return sorted(((key, self.titles.get(key, key)) for key in self.draft.treatments), key=lambda one: one[1])

    @property
    def facets(self) -> Facets:
        return Facets.of(self.changes, {key: row for key, row in self.given.items() if key in self.keys}, self.titles)

    @cached_property
    def redline(self) -> Redline:
        assert self.comparison is not None  # asked for only where there are changes
        return redline_of(self.comparison, parse(self.old_text), parse(self.draft.text))

    @property
    def cards(self) -> Cards:
        return Cards(self.redline, self.titles, self.draft.treatments, language=self.draft.language)

    def matching(self, choice: Choice) -> list[Change]:
        return [
            change for change in self.changes if choice.takes(change, self.given.get(change.id), self.wording(change))
        ]

    def grouped(self, changes: Sequence[Change], *, apart: bool = False) -> list[tuple[Change, ...]]:
        """One row a change, or a group that is classified alike as yet; in the order of their first changes."""
        rows: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in changes:
            rows[change.id if apart else change.group, Typed.of(self.given.get(change.id)).mark].append(change)
        return [tuple(row) for row in rows.values()]

    def wording(self, change: Change) -> str:
        """Both wordings, to look for words in."""
        return "\n".join(
            text[span[0] : span[1]]
            for text, span in ((self.old_text, change.old), (self.draft.text, change.new))
            if span
        )

    def suggested(self, change: Change) -> Suggestion | None:
        """A guess for a change that is not classified."""
        return suggestion(change, self._changed_words(change), self._vocabulary, self.earlier)

    def _changed_words(self, change: Change) -> str:
        pieces = ((self.old_text, hunk.old) for hunk in change.hunks), ((self.draft.text, h.new) for h in change.hunks)
        return " ".join(text[span[0] : span[1]] for side in pieces for text, span in side if span)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        ours = {key: row for key, row in self.purposes.items() if key in self.draft.treatments}
        return Vocabulary.of({key: f"{row.title} {row.about}" for key, row in ours.items()})

    def card(self, change: Change) -> Card:
        """For reading."""
        given = self.given.get(change.id)
        return self.cards.card(change, Classified(tuple(given.purposes), given.reason) if given else None)


async def matrix_of(draft: Draft) -> Matrix:
    rows = await DraftClassification.filter(draft_id=draft.id)
    comparison = Comparison.from_json(draft.comparison) if draft.comparison else None
    base = await Version.get_or_none(policy_id=draft.policy_id, number=draft.base).only("id")
    return Matrix(
        draft,
        comparison,
        await authoritative_text(base.id) if base else "",
        {row.change_key: row for row in rows},
        {row.key: row for row in await Purpose.all()},
        await _earlier(draft),
    )


async def _earlier(draft: Draft) -> dict[tuple[str, ...], frozenset[str]]:
    """What the newest classified change under each heading touched, where it touched something."""
    rows = Classification.filter(change__version__policy_id=draft.policy_id).select_related("change")
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for row in await rows.order_by("change__version__number", "change__ordinal"):
        if row.purposes:
            found[tuple(row.change.record["section"])] = frozenset(row.purposes)
    return found

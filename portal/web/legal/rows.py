"""The rows of the matrix as its page shows them: a change or a group, its fields, and what is suggested."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.rules.changes import Change
from portal.rules.suggestion import Ground, Suggestion
from portal.store.staff import Staff
from portal.web.change_cards import Card, class_name
from portal.web.legal.choice import EDITORIAL
from portal.web.legal.matrix import Matrix, Typed
from portal.web.text import gettext as _

MOST_OTHERS = 20
"""So many more changes of a group are shown; the others are counted."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """`purposes` in words; `why` is a sentence, `typed` what taking it fills in."""

    purposes: str
    why: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is the first change's, `keys` those of all the row's changes; `was` marks how they were classified."""

    key: str
    keys: tuple[str, ...]
    card: Card
    others: tuple[Card, ...]
    more: int
    chosen: tuple[str, ...]
    reason: str
    was: str
    error: str
    ticked: bool
    taken: bool
    by: str
    at: datetime | None
    suggested: Suggested | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What the fields of a page held when it was sent, by row key. `taken`: the row that a suggestion filled."""

    typed: Mapping[str, Typed]
    errors: Mapping[str, str]
    ticked: Collection[str]
    taken: str = ""


async def rows_of(matrix: Matrix, groups: Sequence[tuple[Change, ...]], filled: Filled) -> list[Row]:
    """In the same order; the fields as typed, or as they stand."""
    if not groups:
        return []
    names = {row.id: row.name for row in await Staff.filter(id__in={one.staff_id for one in matrix.given.values()})}
    return [_row(matrix, group, filled, names) for group in groups]


def _row(matrix: Matrix, group: tuple[Change, ...], filled: Filled, names: Mapping[int, str]) -> Row:
    first, given = group[0], matrix.given.get(group[0].id)
    fields = filled.typed.get(first.id) or Typed.of(given)
    guess = matrix.suggested(first) if given is None else None
    return Row(
        key=first.id,
        keys=tuple(change.id for change in group),
        card=matrix.card(first),
        others=tuple(matrix.card(change) for change in group[1 : 1 + MOST_OTHERS]),
        more=max(0, len(group) - 1 - MOST_OTHERS),
        chosen=fields.chosen,
        reason=fields.reason,
        was=Typed.of(given).mark,
        error=filled.errors.get(first.id, ""),
        ticked=first.id in filled.ticked,
        taken=first.id == filled.taken,
        by=names.get(given.staff_id, "") if given else "",
        at=given.classified_at if given else None,
        suggested=suggested(matrix, guess) if guess else None,
    )


def suggested(matrix: Matrix, guess: Suggestion) -> Suggested:
    """The guess in words."""
    titles = [matrix.titles.get(purpose, purpose) for purpose in guess.purposes]
    named, what = ", ".join(titles) or _("Editorial"), ", ".join(guess.because)
    if guess.ground is Ground.FORM:
        form = class_name(guess.because[0])
        reason = _("Only the form changes (%(form)s), no word.", form=form)
        return Suggested(named, _("Because only this changed: %(form)s", form=form), Typed((EDITORIAL,), reason))
    if guess.ground is Ground.SECTION:
        why = _("Because the last change of this section touched it: %(section)s", section=what)
    else:
        why = _("Because of: %(words)s", words=what)
    return Suggested(named, why, Typed(guess.purposes, ""))

"""What a version changes, as its notice tells it: what touches a purpose, and what is wording only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from portal.rules.changes import Change, Comparison
from portal.store.policies import Version
from portal.store.publications import authoritative_text, decisions_of, purpose_titles
from portal.web.change_cards import Card, Cards, Classified, cards_of
from portal.web.member.case import Case
from portal.web.plain_words import below_title
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Told:
    """The cards in the text's order: `changes` touch a purpose, `wording` does not. `names` (by id) tell them apart."""

    changes: tuple[Card, ...]
    wording: tuple[Card, ...]
    names: Mapping[str, str]

    def covered_by(self, keys: frozenset[str]) -> list[Card]:
        """The cards of these changes."""
        return [card for card in self.changes if card.id in keys]


async def told(case: Case) -> Told:
    """The changes of the case's version, each with legal's reason."""
    cards, decisions = await _cards_of(case), await decisions_of(case.row.id)
    changes: list[Card] = []
    wording: list[Card] = []
    names: dict[str, str] = {}
    for key, change in (await _found(case)).items():
        said = Classified(decisions[key].purposes, decisions[key].reason)
        card = _without_marks(cards.card(change, said), change, cards)
        names[key] = _name(card, change.label or "")
        (changes if said.purposes else wording).append(card)
    return Told(tuple(changes), tuple(wording), names)


def _name(card: Card, clause: str) -> str:
    """The heading a change stands under, and its clause."""
    title = card.section[-1] if card.section else _("Opening of the text")
    return f"{title}, {clause}" if clause and not title.startswith(clause) else title


async def _cards_of(case: Case) -> Cards:
    treatments = {purpose: str(treatment) for purpose, treatment in case.ruled.treatments.items()}
    return cards_of(*await _texts(case), await purpose_titles(), treatments)


async def _texts(case: Case) -> tuple[str, str]:
    """The texts before and after; before the first version there was none."""
    before_id = case.facts.version_ids.get(case.before)
    return await authoritative_text(before_id) if before_id else "", await authoritative_text(case.row.id)


async def _found(case: Case) -> dict[str, Change]:
    """Key -> change, as the comparison found them when the version was published."""
    row = await Version.get(id=case.row.id).only("id", "comparison")
    return {change.id: change for change in Comparison.from_json(row.comparison).changes} if row.comparison else {}


def _without_marks(card: Card, change: Change, cards: Cards) -> Card:
    """The card for somebody on a phone: no flags, both wordings in full only where the marks are many."""
    several = len(change.hunks) > 1
    return replace(
        card,
        section=below_title(card.section, cards.new.text),
        moved_from=below_title(card.moved_from, cards.old.text),
        flags=(),
        label=None,  # the words begin with it
        before=card.before if several else Markup(""),
        after=card.after if several else Markup(""),
    )

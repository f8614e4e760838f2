"""What a version changes, as its notice tells it: what touches a purpose, and what is wording only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from portal.rules.changes import Change
from portal.store.policies import Version
from portal.store.publications import Decision, decisions_of, purpose_titles
from portal.web.change_cards import Card, Cards, Classified
from portal.web.compared import compared, in_thread
from portal.web.member.case import Case
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
    before = await Version.get_or_none(policy_id=case.row.policy_id, number=case.before).only("id", "number")
    if before is None:  # the first version has no changes to tell
        return Told((), (), {})
    decisions = await decisions_of(case.row.id)
    treatments = {purpose: str(treatment) for purpose, treatment in case.ruled.treatments.items()}
    redline = (await compared(before, case.row)).redline
    cards = Cards(redline, await purpose_titles(), treatments, wording=_("Wording only"), language=case.row.language)
    return await in_thread(lambda: _told(cards, decisions))


def _told(cards: Cards, decisions: Mapping[str, Decision]) -> Told:
    changes: list[Card] = []
    wording: list[Card] = []
    names: dict[str, str] = {}
    for change in cards.redline.comparison.changes:
        said = Classified(decisions[change.id].purposes, decisions[change.id].reason)
        card = _without_marks(cards.card(change, said), change)
        names[change.id] = _name(card, change.label or "")
        (changes if said.purposes else wording).append(card)
    return Told(tuple(changes), tuple(wording), names)


def _name(card: Card, clause: str) -> str:
    """The heading a change stands under, and its clause."""
    title = card.section[-1] if card.section else _("Opening of the text")
    return f"{title}, {clause}" if clause and not title.startswith(clause) else title


def _without_marks(card: Card, change: Change) -> Card:
    """The card for somebody on a phone: no flags, both wordings in full only where the marks are many."""
    several = len(change.hunks) > 1
    return replace(
        card,
        flags=(),
        label=None,  # the words begin with it
        before=card.before if several else Markup(""),
        after=card.after if several else Markup(""),
    )

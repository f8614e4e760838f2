"""Two versions beside each other, as a list of changes, as one text, or in two columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from portal.rules.changes import Change
from portal.store.policies import Version
from portal.store.publications import decisions_of, purpose_titles
from portal.web.change_cards import Card, Cards, Classified
from portal.web.compared import Compared, compared, in_thread
from portal.web.redline import SideRow
from portal.web.text import gettext as _

Mode = Literal["list", "inline", "side"]
MODES: tuple[Mode, ...] = ("list", "inline", "side")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What may change the meaning, what was only moved, and what is of form only, each in the order of the text."""

    main: tuple[Card, ...] = ()
    moves: tuple[Card, ...] = ()
    minor: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangesView:
    """`base` is the page's address without its query. `main`, `moves` and `minor` are counted in every mode; `cards`
    hold them in the mode `list`, `whole` the text in the mode `inline`, `rows` the columns in the mode `side`."""

    mode: Mode
    base: str
    older: Version
    newer: Version
    between: tuple[Version, ...]
    found: Compared
    main: int
    moves: int
    minor: int
    cards: Sorted
    whole: Markup
    rows: tuple[SideRow, ...]
    unfolded: bool

    @property
    def adjacent(self) -> bool:
        return self.newer.number == self.older.number + 1

    def address(self, mode: str = "", engine: str = "", *, unfolded: bool = False) -> str:
        """The same comparison in another mode, or by another engine."""
        asked = {
            "since": "" if self.adjacent else str(self.older.number),
            "view": "" if (mode or self.mode) == "list" else mode or self.mode,
            "engine": "" if (engine or self.found.engine) == self.found.engines[0] else engine or self.found.engine,
            "all": "1" if unfolded else "",
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self.base}?{query}" if query else self.base


async def changes_view(
    request: Request, base: str, older: Version, newer: Version, between: Sequence[Version]
) -> ChangesView:
    """`?view=` chooses the mode, `?engine=` a result, `?all=1` unfolds what did not change. `between`: by number."""
    asked = request.query_params.get("view", "list")
    mode: Mode = next((one for one in MODES if one == asked), "list")
    found = await compared(older, newer, request.query_params.get("engine", ""))
    redline, kinds = found.redline, [_kind(change) for change in found.comparison.changes]
    told = await _told([*between, newer]) if mode == "list" else {}
    titles = await purpose_titles()
    cards = Cards(redline, titles, newer.treatments, wording=_("Wording only"), language=newer.language)
    return ChangesView(
        mode=mode,
        base=base,
        older=older,
        newer=newer,
        between=tuple(between),
        found=found,
        main=kinds.count("main"),
        moves=kinds.count("moves"),
        minor=kinds.count("minor"),
        cards=await in_thread(lambda: _cards(cards, told)) if mode == "list" else Sorted(),
        whole=await in_thread(lambda: redline.whole) if mode == "inline" else Markup(""),
        rows=await in_thread(lambda: redline.sides) if mode == "side" else (),
        unfolded="all" in request.query_params,
    )


def _kind(change: Change) -> str:
    return "minor" if change.minor else "moves" if change.kind == "move" else "main"


async def _told(versions: Sequence[Version]) -> dict[str, tuple[int, Classified]]:
    """Change key -> the version that made this very change, and what was said of it.

    A change keeps its key where both wordings and the headings above are the same, so that of several versions each
    change is recognised that one of them made alone.
    """
    found: dict[str, tuple[int, Classified]] = {}
    for version in versions:
        for key, decision in (await decisions_of(version.id)).items():
            found[key] = (version.number, Classified(decision.purposes, decision.reason))
    return found


def _cards(cards: Cards, told: Mapping[str, tuple[int, Classified]]) -> Sorted:
    sorted_cards: dict[str, list[Card]] = {"main": [], "moves": [], "minor": []}
    for change in cards.redline.comparison.changes:
        number, said = told.get(change.id, (None, None))
        # What legal should look at first is for legal.
        card = replace(cards.card(change, said), flags=(), origin=number)
        sorted_cards[_kind(change)].append(card)
    return Sorted(tuple(sorted_cards["main"]), tuple(sorted_cards["moves"]), tuple(sorted_cards["minor"]))

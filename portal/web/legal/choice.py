"""Which changes of a draft are looked at, and how many there are of each sort."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from portal.rules.changes import Change
from portal.store.drafts import DraftClassification
from portal.web.change_cards import class_name, flag_name, kind_name
from portal.web.text import gettext as _

EDITORIAL = "editorial"
Given = Mapping[str, DraftClassification]
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; empty = any. `words` are looked for in both wordings. `apart`: groups are taken apart."""

    show: str = "all"
    cls: str = ""
    kind: str = ""
    flag: str = ""
    purpose: str = ""
    section: str = ""
    words: str = ""
    apart: bool = False

    @classmethod
    def of(cls, query: QueryParams) -> "Choice":
        show = query.get("show", "")
        return cls(
            show if show in ("unclassified", "classified") else "all",
            query.get("class", ""),
            query.get("kind", ""),
            query.get("flag", ""),
            query.get("purpose", ""),
            query.get("section", ""),
            query.get("q", "").strip(),
            query.get("by", "") == "change",
        )

    def takes(self, change: Change, given: DraftClassification | None, wording: str) -> bool:
        return (
            (self.show == "all" or (self.show == "classified") == (given is not None))
            and self.cls in ("", change.cls)
            and self.kind in ("", change.kind)
            and (not self.flag or self.flag in change.flags)
            and (not self.purpose or (given is not None and self.purpose in (given.purposes or [EDITORIAL])))
            and self.section in ("", section_of(change))
            and (not self.words or self.words.casefold() in wording.casefold())
        )


@dataclass(frozen=True, slots=True)
class Facets:
    """The choices of each filter with the number of changes behind it, without those that would show nothing."""

    shows: list[Option]
    classes: list[Option]
    kinds: list[Option]
    flags: list[Option]
    purposes: list[Option]
    sections: list[Option]

    @classmethod
    def of(cls, changes: Iterable[Change], given: Given, titles: Mapping[str, str]) -> "Facets":
        found = list(changes)
        done = sum(change.id in given for change in found)
        touched = (purpose for row in given.values() for purpose in (row.purposes or [EDITORIAL]))
        return cls(
            shows=[
                ("all", _counted(_("All changes"), len(found))),
                ("unclassified", _counted(_("To classify"), len(found) - done)),
                ("classified", _counted(_("Classified"), done)),
            ],
            classes=_options((change.cls for change in found), class_name),
            kinds=_options((change.kind for change in found), kind_name),
            flags=_options((flag for change in found for flag in change.flags), flag_name),
            purposes=_options(touched, lambda key: _("None: editorial") if key == EDITORIAL else titles.get(key, key)),
            sections=[
                (name, _counted(name, number)) for name, number in Counter(map(section_of, found)).items() if name
            ],
        )


def section_of(change: Change) -> str:
    """The section that a filter knows the change by: the heading below the text's title."""
    return change.section[min(1, len(change.section) - 1)] if change.section else ""


def _options(keys: Iterable[str], name: Callable[[str], str]) -> list[Option]:
    counted = Counter(keys)
    return sorted(((key, _counted(name(key), number)) for key, number in counted.items()), key=lambda one: one[1])


def _counted(name: str, number: int) -> str:
    return f"{name} ({number})"

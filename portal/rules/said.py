"""What the rooms below the pages say to people: in English here, and translated where it is shown."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_PLACE = re.compile(r"%\((\w+)\)s")


class Plural(NamedTuple):
    """A message about `%(num)s` things: for one of them, and for any other number."""

    one: str
    many: str


class Said(str):
    """A message with its facts. As a text it is English; `template` and `facts` let a page say it in another language.

    `%(name)s` in the template takes the fact of that name: whole numbers, instants, texts, lists of them, or another
    Said. An f-string would say the same in English, and could never be translated: it has no place in a catalogue.
    """

    __slots__ = ("facts", "template")
    template: str | Plural
    facts: Mapping[str, object]

    def __new__(cls, template: str | Plural, /, **facts: object) -> "Said":
        text = template if isinstance(template, str) else template.one if facts["num"] == 1 else template.many
        made = super().__new__(cls, filled(text, {name: _in_english(fact) for name, fact in facts.items()}))
        made.template, made.facts = template, facts
        return made


def later(message: str) -> str:
    """Marks a message for the catalogues that is translated where it is shown."""
    return message


def filled(text: str, shown: Mapping[str, str]) -> str:
    """The text with what is shown in its places. A place of another name stays as it stands."""
    return _PLACE.sub(lambda place: shown.get(place[1], place[0]), text)


def _in_english(fact: object) -> str:
    match fact:
        case bool() | str():
            return str(fact)
        case int():
            return f"{fact:,}"
        case datetime():
            return f"{fact.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case list() | tuple():
            return ", ".join(_in_english(one) for one in fact)
        case _:
            return str(fact)

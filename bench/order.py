"""What a sender is told, and how it makes a member's values: of the same length as a real member's."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bench.letter import Letter

FROM = "Example Company <privacy@example.com>"
_SLOT = re.compile(r"\[\[(\w+)\]\]")
_TAIL = 12


@dataclass(frozen=True, slots=True)
class Order:
    """`warm_up`: messages before those that are measured. `folder`: for what the sender has to keep."""

    port: int
    connections: int
    messages: int
    warm_up: int
    folder: str
    letter: Letter

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def slots_as(text: str, before: str, after: str) -> str:
    """The template in another language: `{{ name }}` for `[[name]]`."""
    return _SLOT.sub(rf"{before}\1{after}", text)


def address_of(number: int) -> str:
    return f"member{number}@example.org"


def values_of(sample: Mapping[str, str], number: int) -> dict[str, str]:
    """Another member's values. Links differ in their last characters only; what signing them costs is left out."""
    links = {slot: f"{value[:-_TAIL]}{number:0{_TAIL}}" for slot, value in sample.items() if slot != "name"}
    return {**links, "name": f"Member {number}"}

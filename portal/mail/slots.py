"""What stands in a template for a value of one member, while the template is rendered once for all of them.

A slot can be put into the text and nothing else: a template that computes with one (asks for its length, adds to it,
compares it) raises, and is then rendered for each member. What a filter does to it without being noticed, a change of
case say, comes out when the two ways are compared (`skeleton.py`).
"""

import re
from collections.abc import Sequence

# Noncharacters (Unicode, 23.7): no text that was typed has them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
MARKED = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
SIGNS = frozenset({_OPEN, _CLOSE})


class Computed(TypeError):
    """A template computes with a slot."""


class Slot:
    """Stands for the value of that name."""

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"{_OPEN}{self.name}{_CLOSE}"

    __html__ = __str__

    def __format__(self, spec: str) -> str:
        if spec:
            raise Computed(self.name)
        return str(self)

    def _computed(self, *_: object) -> bool:
        raise Computed(self.name)

    __eq__ = __ne__ = __lt__ = __gt__ = __contains__ = __getitem__ = _computed  # type: ignore[assignment]
    __add__ = __radd__ = __mod__ = __len__ = __iter__ = __int__ = _computed

    def __bool__(self) -> bool:
        return True  # a value that may be missing is no slot: with and without it are two skeletons


def parted(text: str) -> list[tuple[str, str]]:
    """The text as stretches and the name of the slot behind each, empty behind the last."""
    pieces = MARKED.split(text)
    return list(zip(pieces[::2], [*pieces[1::2], ""], strict=True))


def has_signs(texts: Sequence[str]) -> bool:
    return any(SIGNS.intersection(text) for text in texts)

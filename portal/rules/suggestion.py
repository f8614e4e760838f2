"""What a change may touch, guessed from its words: for legal to take or leave, never applied by itself.

A suggestion tells its reason. Words are compared without their endings, which does for English, German and Spanish
alike; it does not know synonyms. What legal should look at first (a number, a date, may and must, a negation) is never
suggested to be editorial.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.rules.changes.result import Change

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SHORTEST = 4
_COMMON = 5
"""So many first letters at least must agree, and all but two of the shorter word."""
_MOST_WORDS = 3
_EVERYWHERE = frozenset(
    _WORD.findall(
        "about also and data datos daten deine deiner dein dies diese information informationen información other para "
        "personal personenbezogene personales purpose that their them this unsere unser what when with your zwecke"
    )
)


class Ground(StrEnum):
    """What a suggestion rests on."""

    WORDS = "words"
    SECTION = "section"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`purposes`, none = editorial, and why: the telling words, the section that was so before, or the class."""

    purposes: tuple[str, ...]
    ground: Ground
    because: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Purpose -> words that tell it. A word of two purposes tells neither."""

    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, described: Mapping[str, str]) -> "Vocabulary":
        """From each purpose's title and description."""
        found = {purpose: frozenset(words_of(text)) - _EVERYWHERE for purpose, text in described.items()}
        times = Counter(word for words in found.values() for word in words)
        return cls({purpose: frozenset(w for w in words if times[w] == 1) for purpose, words in found.items()})

    def told_by(self, text: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Purpose -> the words of the text that tell it, in their order."""
        found: dict[str, tuple[str, ...]] = {}
        for purpose, words in self.words.items():
            telling = tuple(dict.fromkeys(word for word in text if any(alike(word, one) for one in words)))
            if telling:
                found[purpose] = telling[:_MOST_WORDS]
        return found


def suggestion(
    change: Change,
    changed_words: str,
    vocabulary: Vocabulary,
    earlier: Mapping[tuple[str, ...], frozenset[str]],
) -> Suggestion | None:
    """The best guess, None where nothing speaks for any. `earlier`: headings -> what changes there touched last.

    The words that changed count first, then the heading above them, then what the same section was before.
    """
    if change.minor and not change.flags:
        return Suggestion((), Ground.FORM, (change.cls,))
    for text in (changed_words, " ".join(change.section[-1:])):
        told = vocabulary.told_by(words_of(text))
        if told:
            because = tuple(dict.fromkeys(word for words in told.values() for word in words))
            return Suggestion(tuple(sorted(told)), Ground.WORDS, because[:_MOST_WORDS])
    before = earlier.get(change.section)
    if before:
        return Suggestion(tuple(sorted(before)), Ground.SECTION, change.section[-1:])
    return None


def words_of(text: str) -> list[str]:
    """Its words of four letters and more, in small letters."""
    return [word for word in _WORD.findall(text.casefold()) if len(word) >= _SHORTEST]


def alike(one: str, other: str) -> bool:
    """Whether two words differ at most in their endings ("newsletter", "newsletters")."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    common = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    return common >= max(_COMMON, shorter - 2) and abs(len(one) - len(other)) <= _COMMON

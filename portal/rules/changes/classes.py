"""What kind of difference a hunk is, and what in it legal should look at first."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from portal.rules.changes.tokens import (
    ADDRESS,
    CELL,
    FORMAT,
    LINK,
    META,
    NUMBER,
    PUNCTUATION,
    SPACE,
    WORD,
    Token,
    alike,
)

WEIGHT = ("text", "punctuation", "numbering", "link", "format", "typography", "space", "meta")
"""All classes, the weightiest first: a change has the weightiest of its hunks."""
MINOR = frozenset(WEIGHT[2:])
FLAGS = ("number", "date", "modal", "negation")
ELSEWHERE = "elsewhere"
"""Beside the flags of words: the same block is, or was, still present in another place of the other text."""
_RANK = {name: rank for rank, name in enumerate(WEIGHT)}
_MARKUP = ((NUMBER, "numbering"), (ADDRESS, "link"), (LINK, "link"), (FORMAT, "format"), (CELL, "format"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English, German and Spanish; a word too many makes a lawyer look once more, a word too few hides a duty. What is
# common and means something else in another of the three is left out: "ein", "una", "once".
_MODAL = _words(
    "may must shall should will can could might would cannot ought required requires obliged obligated permitted "
    "entitled won't can't shouldn't couldn't wouldn't mustn't shan't mightn't "
    "muss müssen musst müsst müsste müssten darf dürfen dürft dürfte dürften soll sollen sollte sollten kann können "
    "könnte könnten verpflichtet berechtigt erforderlich befugt "
    "debe deben debes deberá deberán debería deberían puede pueden puedes podrá podrán podría podrían obligado "
    "obligada obligados obligadas permitido permitida permitidos permitidas facultado facultada requerido requerida"
)
_NEGATION = _words(
    "not no never none nor neither without cannot except unless nothing nobody nowhere "
    "nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder außer ausgenommen sofern "
    "ni nunca ninguno ninguna ningún nada nadie jamás tampoco sin excepto salvo"
)
_NUMBERS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion "
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn zwanzig dreißig vierzig "
    "fünfzig sechzig siebzig achtzig neunzig hundert tausend "
    "dos tres cuatro cinco seis siete ocho nueve diez doce trece catorce quince veinte treinta cuarenta cincuenta "
    "sesenta setenta ochenta noventa cien ciento mil"
)
_DATES = _words(
    "january february march april june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday "
    "januar jänner februar märz mai juni juli oktober dezember "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "lunes martes miércoles jueves viernes sábado domingo"
)
_LISTED = _NUMBERS | _DATES | _MODAL | _NEGATION
_DATE = re.compile(r"(?:19|20)\d\d\Z|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\Z")


def weightiest(classes: Iterable[str], default: str) -> str:
    return min(classes, key=_RANK.__getitem__, default=default)


def class_of(
    old_texts: Sequence[str], old_tokens: Sequence[Token], new_texts: Sequence[str], new_tokens: Sequence[Token]
) -> str:
    """The class of a hunk whose words are the same, from its tokens and their texts."""
    if _keys(old_tokens, PUNCTUATION) != _keys(new_tokens, PUNCTUATION):
        return "punctuation"
    old, new = _by_kind(old_texts, old_tokens), _by_kind(new_texts, new_tokens)
    for kind, name in _MARKUP:
        before, after = old.get(kind, []), new.get(kind, [])
        if before != after:
            return "typography" if [alike(text) for text in before] == [alike(text) for text in after] else name
    return _least(old, new)


def _least(old: dict[str, list[str]], new: dict[str, list[str]]) -> str:
    """The class of a difference in the spelling of signs and words, or in the spaces."""
    for kind in (WORD, PUNCTUATION):
        before, after = old.get(kind, []), new.get(kind, [])
        if before != after:
            return "format" if [_bare(text) for text in before] == [_bare(text) for text in after] else "typography"
    if old.get(META) != new.get(META):
        return "meta"
    spaces = "".join(old.get(SPACE, [])), "".join(new.get(SPACE, []))
    return "typography" if spaces[0].count("\u00a0") != spaces[1].count("\u00a0") else "space"


def _keys(tokens: Sequence[Token], kind: str) -> list[str]:
    return [token.key for token in tokens if token.kind == kind]


def _by_kind(texts: Sequence[str], tokens: Sequence[Token]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text, token in zip(texts, tokens, strict=True):
        found.setdefault(token.kind, []).append(text)
    return found


def _bare(text: str) -> str:
    return text.replace("\\", "").strip("_")


def words_of(tokens: Sequence[Token]) -> list[str]:
    """The words among tokens, by key: where these differ between two sides, the class is "text"."""
    return [token.key for token in tokens if token.kind == WORD]


def flags_of(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Flags of the words that one side has and the other has not, or not as often."""
    before, after = list(filter(_flags, old)), list(filter(_flags, new))
    if before == after:
        return set()
    if not before or not after:
        return set().union(*map(_flags, before or after))
    once, then = Counter(before), Counter(after)
    return {flag for word in (once - then) + (then - once) for flag in _flags(word)}


@lru_cache(maxsize=1 << 15)
def _flags(word: str) -> tuple[str, ...]:
    low = word.lower()
    if word.isalpha() and low not in _LISTED:
        return ()
    tests = (
        low in _NUMBERS or any(c.isdigit() for c in word),
        low in _DATES or word == "May" or bool(_DATE.match(word)),
        low in _MODAL and word != "May",
        low in _NEGATION or low.endswith("n't"),
    )
    return tuple(flag for flag, test in zip(FLAGS, tests, strict=True) if test)

"""Whether a reply says an objection in so many words, in English, German or Spanish.

It is one where every clause of the writer's own words is understood, at least one objects and none takes that back,
narrows it or asks. Anything else is a person's to read: a wrong yes costs a member more than a letter that waits.
"""

import re
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum
from unicodedata import combining, normalize

from portal.mail.returned.bounded import header
from portal.mail.returned.letter_words import ASKS, CLOSING, GREETING, MENTIONS, TAKES_MORE, TOGETHER
from portal.mail.returned.objecting_words import LANGUAGES, Language
from portal.mail.returned.own_words import own_words

LONGEST = 600
"""Characters of a text that may be an objection by itself."""

MOST_BELOW = 8
# A line of that length was broken by a program, and goes on in the next one.
BROKEN_AT = 45
CLAUSES = re.compile(r"[.,;:!()\[\]\"“”„«»…–—\n]+|(?: |^)-(?: |$)|\b(?:and|und|y)\b")
# A question, a wink, an address: whatever is no usual sign of a sentence. Programs write `*bold*` and `_underlined_`.
OTHER_SIGNS = re.compile(r"[^\w\s.,;:!()\[\]\"“”„«»…–—'*/&-]")
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
APOSTROPHES = str.maketrans("’‘ʼ´`", "'''''")


class Says(StrEnum):
    """What a letter says about objecting."""

    OBJECTION = "objection"
    UNCLEAR = "unclear"  # it speaks of it
    OTHER = "other"


def says(message: Message) -> Says:
    """What the message says, by the words that its writer added."""
    own = own_words(message)
    text, subject = _plain("\n".join(own.lines)).strip(), _plain(own.subject)
    meant = subject if _means(subject) else ""
    if own.all_there and len(text) <= LONGEST and not OTHER_SIGNS.search(text + meant):
        known = _names(header(message, "From", 320), _plain(own.answered))
        if any(_objects(f"{meant}\n\n{text}".strip(), language, known) for language in LANGUAGES):
            return Says.OBJECTION
    return Says.UNCLEAR if MENTIONS.search(f"{subject}\n{_flat(text)}") else Says.OTHER


def _plain(text: str) -> str:
    """In lower case and without accents, so that words are found however they are typed."""
    kept = "".join(c for c in normalize("NFKD", text.translate(APOSTROPHES)) if not combining(c)).casefold()
    for together, word in TOGETHER:
        kept = together.sub(word, kept)
    return kept


def _flat(text: str) -> str:
    return " ".join(text.split())


def _means(subject: str) -> bool:
    """Whether a subject says something about it, yes or no: `Objection`, but not `Your mail of Monday`."""
    said = set(WORD.findall(subject))
    return bool(MENTIONS.search(subject) or said & ASKS or any(said & language.negations for language in LANGUAGES))


def _names(sender: str, answered: str) -> frozenset[str]:
    """Words that may stand anywhere, because they are names: the writer's, and the title that the notice begins with.

    Not those that mean something, whoever is called so.
    """
    name, address = parseaddr(sender)
    title, colon, _ = answered.partition(":")
    title = title if colon else ""
    found = {word for text in (_plain(name), _plain(address.partition("@")[0]), title) for word in WORD.findall(text)}
    return frozenset(word for word in found if not _has_meaning(word))


def _has_meaning(word: str) -> bool:
    if word in ASKS or MENTIONS.search(word) or TAKES_MORE.search(word):
        return True
    return any(word in one.negations or one.speaks.search(word) or one.agreeing.search(word) for one in LANGUAGES)


def _objects(text: str, language: Language, names: frozenset[str]) -> bool:
    body, below = _parted(_without_greeting(text))
    if below is None:
        return False
    understood = [_clause(clause, language, names) for clause in _clauses(body)]
    return None not in understood and True in understood


def _without_greeting(text: str) -> str:
    """`Dear Ternwick team, I object` without its first three words; with them, where they may mean something."""
    found = GREETING.match(text.partition("\n")[0])
    if found is None or any(_has_meaning(word) for word in WORD.findall(found[0])):
        return text
    return text[found.end() :].lstrip()


def _parted(text: str) -> tuple[str, str | None]:
    """(the text above the closing words, what stands below them); None where that is more than names."""
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if i and CLOSING.fullmatch(line.strip())), len(lines))
    below = [line for line in lines[end:] if line.strip()]
    if len(below) > MOST_BELOW or any(_means(line) or TAKES_MORE.search(line) for line in below):
        return text, None
    return "\n".join(lines[:end]), "\n".join(below)


def _clauses(text: str) -> list[str]:
    lines = re.sub(rf"(?<=[^\n]{{{BROKEN_AT}}})\n(?=\S)", " ", text)
    return [flat for clause in CLAUSES.split(lines) if (flat := _flat(clause))]


def _clause(clause: str, language: Language, names: frozenset[str]) -> bool | None:
    """True: it objects. False: it says nothing about it. None: other matter, or somebody has to read it."""
    said = WORD.findall(clause)
    if any(word not in language.words and word not in language.negations and word not in names for word in said):
        return None
    negations = sum(word in language.negations for word in said)
    if said in (["no"], ["nein"]):
        return False  # "No, …"
    flat = " ".join(said)
    if spoken := language.speaks.findall(flat):
        return True if len(spoken) == 1 and not negations and language.objects.search(flat) else None
    if language.agreeing.search(flat):
        wholly = not language.totals.intersection(said)
        return True if negations == 1 and wholly and language.refuses.search(flat) else None
    return None if negations else False

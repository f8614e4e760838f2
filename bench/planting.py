"""Known edits planted in a text, to see whether a comparison finds each of them as what it is."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from portal.rules.changes import Comparison

NEW_WORDS = ("affiliates", "archive", "biometric", "lawful", "regional", "telemetry", "thirty", "voluntary")
ADDED = (
    "The supervisory authority receives a separate account of every {0} measure and of each {1} exception.",
    "Where a court orders it, {0} records leave our custody only under seal and after {1} review.",
    "Every spring an outside auditor draws samples from {0} systems and reports what {1} gaps remain.",
    "Children may take part once a parent has signed the {0} form that hangs in our {1} office.",
    "Devices lent to visitors are wiped overnight, {0} caches included, before {1} staff hand them out.",
    "Disputes about {0} invoices go to a mediator whom both sides choose from the {1} register.",
    "Paper that names anybody is shredded on {0} premises, under the eyes of a {1} guard.",
)
"""Sentences that no policy here holds, and unlike each other, so that none is taken for another, reworded."""
_SENTENCE = re.compile(r"(?<=[a-z][.!?]) (?=[A-Z])")
_WORD = re.compile(r"(?<= )[a-z]{4,}(?=[ ,])")
FEWEST_BLOCKS = 6


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done: the kind a comparison should name it by, its class, and the block before and after ("" = none)."""

    kind: str
    cls: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Planted:
    text: str
    edits: tuple[Edit, ...]


def plant(text: str, chance: random.Random) -> Planted:
    """Edits in paragraphs of prose that stand once, an untouched one between any two; none in a short text."""
    blocks = text.split("\n\n")
    prose = [at for at, block in enumerate(blocks) if _is_prose(block) and blocks.count(block) == 1]
    places = _apart(prose, chance)
    if len(prose) < FEWEST_BLOCKS:
        return Planted(text, ())
    edits: list[Edit] = []
    written = list(blocks)
    for at, make in zip(places, chance.sample(_MAKERS, len(_MAKERS)), strict=False):
        edit = make(blocks[at], chance, text)
        if edit:
            edits.append(edit)
            written[at] = (
                "\n\n".join(part for part in (blocks[at], edit.new) if part) if edit.kind == "insert" else edit.new
            )
    return Planted("\n\n".join(block for block in written if block).rstrip("\n") + "\n", tuple(edits))


def found_of(planted: Planted, comparison: Comparison, old: str, new: str) -> tuple[int, int]:
    """How many of the edits the comparison names with the right kind and class, and how many text changes it names
    that nobody made."""
    named = {
        (_words(old, change.old), _words(new, change.new)): (change.kind, change.cls) for change in comparison.changes
    }
    right = sum(named.get((edit.old.strip(), edit.new.strip())) == (edit.kind, edit.cls) for edit in planted.edits)
    wanted = {(edit.old.strip(), edit.new.strip()) for edit in planted.edits}
    false = sum(kind[1] == "text" and texts not in wanted for texts, kind in named.items())
    return right, false


def _words(text: str, span: tuple[int, int] | None) -> str:
    return text[span[0] : span[1]].strip() if span else ""


def _apart(prose: list[int], chance: random.Random) -> list[int]:
    chosen: list[int] = []
    for at in chance.sample(prose, len(prose)):
        if all(abs(at - other) > 1 for other in chosen):
            chosen.append(at)
    return chosen


def _is_prose(block: str) -> bool:
    return 12 <= len(block.split()) <= 250 and not set("|`[*_\n") & set(block) and re.match(r"[A-Z]", block) is not None


def _reworded(block: str, chance: random.Random, _text: str) -> Edit | None:
    words = list(_WORD.finditer(block))
    if len(words) < 4:
        return None
    match = chance.choice(words)
    new = chance.choice([word for word in NEW_WORDS if word != match[0]])
    return Edit("modify", "text", block, block[: match.start()] + new + block[match.end() :])


def _inserted(_block: str, chance: random.Random, text: str) -> Edit | None:
    fresh = [sentence for sentence in ADDED if sentence.partition("{")[0] not in text]
    if not fresh:
        return None
    return Edit("insert", "text", "", chance.choice(fresh).format(*chance.sample(NEW_WORDS, 2)))


def _deleted(block: str, _chance: random.Random, _text: str) -> Edit:
    return Edit("delete", "text", block, "")


def _split(block: str, _chance: random.Random, _text: str) -> Edit | None:
    sentences = _SENTENCE.split(block)
    if len(sentences) < 2 or min(map(len, sentences)) < 40:
        return None
    return Edit("split", "space", block, sentences[0] + "\n\n" + " ".join(sentences[1:]))


def _linked(block: str, chance: random.Random, _text: str) -> Edit | None:
    words = list(_WORD.finditer(block))
    if not words:
        return None
    match = chance.choice(words)
    return Edit("modify", "link", block, f"{block[: match.start()]}[{match[0]}](/terms){block[match.end() :]}")


def _emphasised(block: str, chance: random.Random, _text: str) -> Edit | None:
    words = list(_WORD.finditer(block))
    if not words:
        return None
    match = chance.choice(words)
    return Edit("modify", "format", block, f"{block[: match.start()]}**{match[0]}**{block[match.end() :]}")


_MAKERS: tuple[Callable[[str, random.Random, str], Edit | None], ...] = (
    _reworded, _reworded, _inserted, _deleted, _split, _linked, _emphasised,
)  # fmt: skip

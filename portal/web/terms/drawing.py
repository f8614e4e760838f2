"""The picture of a member's terms in numbers: where each line, bar and word stands. Its words are the tables' own.

Time runs down the left side, from today to the day of joining; beside it stands a bar for each purpose, parted where
the answer changes. There are two sizes of it: for a desk, and for a phone, where the bars are named by letters.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import ascii_uppercase
from textwrap import wrap
from zoneinfo import ZoneInfo

from portal.mail.language import told_clock
from portal.web.terms.happened import Happened
from portal.web.terms.known import Lane, Line, PolicyTerms
from portal.web.terms.lettering import folded
from portal.web.terms.rows import Row
from portal.web.terms.shapes import Bar, Drawing, Mark, Size, Word
from portal.web.terms.words import basis_in_bar, version_name
from portal.web.text import locale

NEXT = timedelta(microseconds=1)
TODAY = datetime.max.replace(tzinfo=UTC)
LEADING = 18
CHARACTER = 6.9
"""How wide letters are on average, at most, in the sheet's sizes: usual, bold, today's, and a basis in its bar."""
BOLD, BIG, SMALL = 7.9, 8.8, 6.2
LEAST_ROW, ROOM_FOR_WORDS = 46, 50
SPINE, TEXT = 8, 24


def drawing(terms: PolicyTerms, rows: Sequence[Row], size: Size, *, mirrored: bool) -> Drawing:
    """The picture at that size; `mirrored` for languages that are written from right to left."""
    pitch = _pitch(len(terms.lanes), size)
    needed = size.words + len(terms.lanes) * pitch
    made = Drawing(width=max(size.width, needed), wide=needed > size.width)
    made.lanes_from = min(made.width - len(terms.lanes) * pitch, size.most) + size.gap
    top = _heads(made, terms.lanes, size, pitch)
    ys = _rows(made, rows, size, top, terms)
    for i, lane in enumerate(terms.lanes):
        x = made.lanes_from + i * pitch
        made.bars += [_bar(line, ys, x, pitch - size.gap) for line in reversed(lane.lines)]
    return _mirrored(made) if mirrored else made


def _pitch(lanes: int, size: Size) -> float:
    """From one bar to the next."""
    room = (size.width - size.words) / max(lanes, 1)
    return min(max(room, size.bar + size.gap), size.widest + size.gap)


def _heads(made: Drawing, lanes: Sequence[Lane], size: Size, pitch: float) -> float:
    """The names of the lanes, above them or as a key; where the rows begin."""
    top = 14.0
    if size.named:
        names = [cut(wrap(lane.title, max(8, int((pitch - size.gap) / 7.2)))) for lane in lanes]
    else:
        names = [[letter_of(i)] for i in range(len(lanes))]
        for letter, lane in zip(ascii_uppercase, lanes, strict=False):
            for i, piece in enumerate(cut(wrap(lane.title, int((made.width - TEXT) / CHARACTER)))):
                made.words += [Word(0, top, "name", letter)] if i == 0 else []
                made.words.append(Word(TEXT, top, "entry-past", piece))
                top += LEADING
        top += 14
    deepest = max((len(name) for name in names), default=0)
    for i, name in enumerate(names):
        x = made.lanes_from + i * pitch + (pitch - size.gap) / 2
        for j, piece in enumerate(name):
            made.words.append(Word(x, top + (deepest - len(name) + j) * LEADING, "head", piece))
    return top + deepest * LEADING + 4


def cut(pieces: list[str]) -> list[str]:
    """Five lines at most; the tables have the rest."""
    return [*pieces[:4], f"{pieces[4]} …"] if len(pieces) > 5 else pieces


def _rows(made: Drawing, rows: Sequence[Row], size: Size, top: float, terms: PolicyTerms) -> dict[datetime, float]:
    """Writes the rows down one below the other; the instant of a row -> where it stands."""
    room = made.lanes_from - size.gap - TEXT
    ys: dict[datetime, float] = {}
    y = top
    for row in rows:
        ys[TODAY if row.kind == "today" else row.at] = y
        made.marks.append(Mark(SPINE, y, row.kind if row.kind == "today" else _sign(row)))
        below = y + 5
        for piece in wrap(row.title, int(room / (BIG if row.kind == "today" else BOLD))):
            made.words.append(Word(TEXT, below, f"day-{row.kind}", piece))
            below += LEADING
        for entry in row.entries:
            for piece in wrap(_entry(entry, terms), int(room / CHARACTER)):
                made.words.append(Word(TEXT, below, f"entry-{row.kind}", piece))
                below += LEADING
        if row.parts:
            made.edges.append((TEXT + (len(row.title) + 1) * BOLD, y))
        y = max(y + LEAST_ROW, below + 10)
    made.height = y
    made.spine = (SPINE, top, made.marks[-1].y)
    return ys


def _entry(entry: Happened, terms: PolicyTerms) -> str:
    local = entry.at.astimezone(ZoneInfo(terms.zone))
    return f"{told_clock(local.replace(second=0), locale())} {entry.text}"


def _sign(row: Row) -> str:
    """The sign of what weighs most."""
    order = ("answer", "closed", "effect", "posted", "back", "sent", "seen", "deadline", "joined")
    signs = [entry.sign for entry in row.entries]
    return next((sign for sign in order if sign in signs), "none")


def _bar(line: Line, ys: dict[datetime, float], x: float, width: float) -> Bar:
    """From the row up to which the answer before holds, to the row up to which this one does."""
    top, bottom = ys[line.until or TODAY] + 1.5, ys[line.since if line.since in ys else line.since - NEXT] - 1.5
    height = max(bottom - top, 0)
    version, letters = version_name(line.answer.version), max(7, int(width / BOLD))
    if width < ROOM_FOR_WORDS:
        pieces = [("version", str(line.answer.version or "–"))]
    else:
        pieces = [("version", piece) for piece in wrap(version, letters)]
        pieces += [("basis", piece) for piece in folded(basis_in_bar(line.answer.basis), int(width / SMALL))]
    pieces = pieces[: max(1, int(height // 16))]
    first = top + height / 2 - (len(pieces) - 1) * 8 + 5
    words = [Word(x + width / 2, first + i * 16, kind, piece) for i, (kind, piece) in enumerate(pieces)]
    return Bar(x, top, width, height, str(line.answer.basis), line.answer.allowed, tuple(words))


def letter_of(lane: int) -> str:
    """A, B, C; after Z there is nothing left that is short."""
    return ascii_uppercase[lane] if lane < len(ascii_uppercase) else "…"


def _mirrored(made: Drawing) -> Drawing:
    """Everything on the other side. Words that begin at x still begin there: their line runs the other way."""
    width = made.width
    made.words = [replace(word, x=width - word.x) for word in made.words]
    made.marks = [replace(mark, x=width - mark.x) for mark in made.marks]
    made.bars = [
        replace(bar, x=width - bar.x - bar.width, words=tuple(replace(word, x=width - word.x) for word in bar.words))
        for bar in made.bars
    ]
    made.spine = (width - made.spine[0], *made.spine[1:])
    made.edges = [(width - x, y) for x, y in made.edges]
    made.lanes_from = width - made.lanes_from
    return made

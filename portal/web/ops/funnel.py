"""The funnel of a campaign: owed, accepted, seen. Each bar begins where the one above goes on; the rest dropped out."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.store.notice_progress import NoticeList, Progress
from portal.store.notices import NoticeState
from portal.web.text import gettext as _

WIDTH, BAR, STEP = 400, 30, 84
THINNEST = 3.0  # a part that there is can be seen, however small its share


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a stage: where it begins and how long it is, in the drawing's units."""

    tone: str
    x: float
    length: float


@dataclass(frozen=True, slots=True)
class Stage:
    """`from_above`: how far the part of the stage above reaches that leads here; 0 at the top. `gap`: to that stage."""

    name: str
    number: int
    y: int
    bars: Sequence[Bar]
    from_above: float = 0
    height: int = BAR
    gap: int = STEP - BAR

    @property
    def length(self) -> float:
        return round(sum(bar.length for bar in self.bars), 1)


@dataclass(frozen=True, slots=True)
class Funnel:
    """A drawing of `width` by `height` units."""

    stages: Sequence[Stage]
    width: int = WIDTH

    @property
    def height(self) -> int:
        return STEP * len(self.stages) - STEP + BAR + 28


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table beside it; `part` of the line above."""

    name: str
    number: int
    tone: str
    state: NoticeList
    part: bool = False


def funnel(progress: Progress) -> Funnel:
    """All that is owed by mail, what was accepted of it, and what was seen."""
    states, total = progress.states, progress.to_mail
    accepted = states[NoticeState.ACCEPTED]
    stuck = states[NoticeState.REFUSED] + states[NoticeState.FAILED]
    again = states[NoticeState.DEFERRED] + states[NoticeState.UNKNOWN]
    waiting = states[NoticeState.QUEUED] + states[NoticeState.SENDING]
    owed = _bars(total, [("positive", accepted), ("danger", stuck), ("caution", again), ("neutral", waiting)])
    kept = _bars(total, [("positive", accepted - progress.bounced), ("danger", progress.bounced)])
    seen = _bars(total, [("info", min(progress.seen, total))])
    return Funnel(
        [
            Stage(_("Owed by mail"), total, 28, owed),
            Stage(_("Accepted"), accepted, 28 + STEP, kept, _end(owed, "positive")),
            Stage(_("Seen"), progress.seen, 28 + 2 * STEP, seen, _end(kept, "positive")),
        ]
    )


def lines(progress: Progress) -> list[Line]:
    """The table: the five that are always told, and what else there is."""
    always = (
        (NoticeList.QUEUED, _("Queued"), "neutral", False),
        (NoticeList.SENDING, _("Being sent"), "neutral", False),
        (NoticeList.DEFERRED, _("Deferred"), "caution", False),
        (NoticeList.UNKNOWN, _("Result unknown"), "caution", False),
        (NoticeList.FAILED, _("Failed"), "danger", False),
        (NoticeList.REFUSED, _("Refused for good"), "danger", False),
    )
    rows = [Line(name, progress.count(state), tone, state, part) for state, name, tone, part in always]
    rare = (NoticeList.SENDING, NoticeList.UNKNOWN, NoticeList.FAILED, NoticeList.REFUSED)
    return [
        *[row for row in rows if row.number or row.state not in rare],
        Line(_("Accepted"), progress.states[NoticeState.ACCEPTED], "positive", NoticeList.ACCEPTED),
        Line(_("Bounced"), progress.bounced, "danger", NoticeList.BOUNCED, part=True),
        Line(_("Seen"), progress.seen, "info", NoticeList.SEEN),
    ]


def described(progress: Progress) -> str:
    """The drawing in a sentence."""
    return _(
        "%(owed)s owed, %(queued)s queued, %(deferred)s deferred, %(accepted)s accepted, %(bounced)s of them bounced,"
        " %(seen)s seen.",
        owed=progress.to_mail,
        queued=progress.states[NoticeState.QUEUED],
        deferred=progress.states[NoticeState.DEFERRED],
        accepted=progress.states[NoticeState.ACCEPTED],
        bounced=progress.bounced,
        seen=progress.seen,
    )


def _bars(total: int, parts: Sequence[tuple[str, int]]) -> list[Bar]:
    bars: list[Bar] = []
    for tone, number in parts:
        if number:
            x = bars[-1].x + bars[-1].length if bars else 0.0
            length = min(max(WIDTH * number / total, THINNEST), WIDTH - x)
            bars.append(Bar(tone, round(x, 1), round(max(length, 0), 1)))
    return bars


def _end(bars: Sequence[Bar], tone: str) -> float:
    return next((round(bar.x + bar.length, 1) for bar in bars if bar.tone == tone), 0)

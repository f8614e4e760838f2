"""What the picture of a member's terms is made of, in its own units."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Size:
    """In the drawing's units: `width` at least, the words get `words` to `most` of it; a bar is `bar` to `widest` wide.

    `named`: the bars have their names above them, else letters and a key.
    """

    width: int
    words: int
    most: int
    bar: int
    widest: int
    gap: int
    named: bool


DESK = Size(width=860, words=330, most=500, bar=84, widest=176, gap=12, named=True)
PHONE = Size(width=300, words=160, most=300, bar=26, widest=64, gap=6, named=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text; `x` is where it starts, or its middle where `kind` is one of a bar's."""

    x: float
    y: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a lane; `basis` gives its pattern, `allowed` whether the data may be used."""

    x: float
    y: float
    width: float
    height: float
    basis: str
    allowed: bool
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign beside the line of time."""

    x: float
    y: float
    sign: str


@dataclass(slots=True)
class Drawing:
    """`spine`: x, top and bottom of the line of time. `edges`: x and y from where lines run across to `lanes_from`.

    `wide`: it needs more room than its size has, and scrolls.
    """

    width: float
    height: float = 0
    wide: bool = False
    spine: tuple[float, float, float] = (0, 0, 0)
    lanes_from: float = 0
    marks: list[Mark] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    edges: list[tuple[float, float]] = field(default_factory=list)

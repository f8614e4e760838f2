"""Signs within a Markdown source that become <ins>, <del>, anchors and remarks once it is rendered.

They are private-use characters: no text means anything by them, and Markdown takes them for letters.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup, escape

from portal.web.text import gettext as _


class Pair(NamedTuple):
    """Around changed words: `begin` and `end` are read out, `on` and `off` part a stretch around markup in silence."""

    begin: str
    on: str
    off: str
    end: str


INS = Pair("\ue000", "\ue001", "\ue002", "\ue003")
DEL = Pair("\ue004", "\ue005", "\ue006", "\ue007")
_ANCHOR, _GONE, _STOP = "\ue008", "\ue009", "\ue00a"
_DIGITS = "\ue010\ue011\ue012\ue013\ue014\ue015\ue016\ue017\ue018\ue019"
_NEUTRAL = dict.fromkeys(range(0xE000, 0xE020), 0xFFFD)
_FOUND = re.compile(
    f'(?P<tag><(?:[^>"]|"[^"]*")*>)|(?P<sign>[{INS.begin}-{DEL.end}])'
    f"|(?P<what>[{_ANCHOR}{_GONE}])(?P<number>[{_DIGITS}]+){_STOP}"
)
_EMPTY = re.compile(r"<(ins|del)></\1>")
_NUMERAL = re.compile("<p>\\s*</p>")

Place = Callable[[int], Markup]


def neutral(text: str) -> str:
    """A text without signs of its own; no character changes its place."""
    return text.translate(_NEUTRAL)


def anchor(number: int) -> str:
    """Where the change of this number begins."""
    return _ANCHOR + _number(number)


def gone(number: int) -> str:
    """Where the moved change of this number stood before."""
    return _GONE + _number(number)


def _number(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number)) + _STOP


class Stretch(NamedTuple):
    """Some text: `op` is "ins", "del" or "", `number` the change that begins here, None for none."""

    text: str
    op: str
    number: int | None = None


def stretches(text: str, op: str = "") -> list[Stretch]:
    """A text without its signs, cut where they stood. `op`: what was open before; what is open after it is the last
    stretch's, which may be empty."""
    found: list[Stretch] = []
    at = 0
    for match in _FOUND.finditer(text):
        if match["tag"]:
            continue
        found.append(Stretch(text[at : match.start()], op))
        at = match.end()
        if sign := match["sign"]:
            op = "ins" if sign in INS[:2] else "del" if sign in DEL[:2] else ""
        else:
            found.append(Stretch("", op, _counted(match["number"])))
    return [*found, Stretch(text[at:], op)]


def with_tags(html: str, place: Place | None = None, left: Place | None = None) -> Markup:
    """Clean HTML with its signs made elements, balanced whatever tags stand between. `place` gives what an anchor
    becomes, `left` what stands where a change moved away; without them, nothing."""
    words = _words()
    open_tag = ""
    found: list[str] = []
    at = 0
    for match in _FOUND.finditer(html):
        found.append(html[at : match.start()])
        at = match.end()
        if tag := match["tag"]:
            found.append(f"</{open_tag}>{tag}<{open_tag}>" if open_tag else tag)
        elif sign := match["sign"]:
            opened, text = words[sign]
            found.append(f"</{open_tag}>" * bool(open_tag and opened) + text if opened or open_tag else "")
            open_tag = opened
        else:
            shown = place if match["what"] == _ANCHOR else left
            found.append(str(shown(_counted(match["number"]))) if shown else "")
    found.append(html[at:] + (f"</{open_tag}>" if open_tag else ""))
    return Markup(_NUMERAL.sub("", _EMPTY.sub("", _EMPTY.sub("", "".join(found)))))  # cleaned before, ours since


def _counted(digits: str) -> int:
    return int("".join(str(_DIGITS.index(digit)) for digit in digits))


def _words() -> dict[str, tuple[str, str]]:
    """Sign -> the element that is open after it, and what it becomes."""
    texts = ((INS, "ins", _("added:"), _("end added")), (DEL, "del", _("removed:"), _("end removed")))
    found: dict[str, tuple[str, str]] = {}
    for pair, tag, before, after in texts:
        found[pair.begin] = (tag, f'<{tag}><span class="hidden">{escape(before)} </span>')
        found[pair.on] = (tag, f"<{tag}>")
        found[pair.off] = ("", f"</{tag}>")
        found[pair.end] = ("", f'<span class="hidden"> {escape(after)} </span></{tag}>')
    return found

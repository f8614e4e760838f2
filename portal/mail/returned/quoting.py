"""What of a mail's text is somebody else's: quoted lines, the words above them, signatures of persons and programs."""

import re
from collections.abc import Sequence

LONGEST_ATTRIBUTION = 320
# "On Thu, 26 Nov 2026 at 10:00, Example <privacy@example.com> wrote:", which programs break after any word.
ATTRIBUTION = re.compile(
    r"(?:On|Am|El)\b(?=.{0,300}\d).{1,300}\b(?:wrote|schrieb|escribi[oó])\b.{0,200}:", re.IGNORECASE
)
BEGINS = re.compile(r"(?:On|Am|El)\b", re.IGNORECASE)
# Behind these all is quoted: Outlook, and programs that forward.
BELOW = re.compile(
    r"-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|mensaje original"
    r"|mensaje reenviado)\s*-{2,}|_{10,}",
    re.IGNORECASE,
)
FIRST_FIELD = re.compile(r"\*?(?:From|Von|De)\s*:\*?\s*\S", re.IGNORECASE)
NEXT_FIELD = re.compile(
    r"\*?(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Enviado(?: el)?|Fecha|Para|Asunto)\s*:\*?", re.IGNORECASE
)
BY_PROGRAM = re.compile(
    r"(?:sent from (?:my |outlook|yahoo|mail|the )|get outlook for|(?:von meine[mr]|mit meine[mr]) .{1,30} gesendet"
    r"|gesendet (?:von|mit|aus) |diese nachricht wurde von meinem|enviado desde |obtener outlook|holen sie sich outlook"
    r"|outlook für (?:ios|android) beziehen).{0,100}",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"--\s?")  # RFC 3676, 4.3; some programs lose the blank


def own_blocks(text: str, *, taken_out: bool = False) -> list[list[str]]:
    """The lines that are the writer's own, in blocks with quoted lines between them; blank lines stay.

    `taken_out`: what is quoted was taken out before, so what stands below "On … wrote:" is own. Else it is where
    other lines have the mark of quoted ones; where none has, all below is quoted.
    """
    lines = _above(text.splitlines())
    marked = taken_out or any(line.startswith(">") for line in lines)
    blocks: list[list[str]] = [[]]
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if lines[place].startswith(">"):
            blocks.append([])
        elif SIGNATURE.fullmatch(lines[place]):
            break
        elif number := _attribution(lines, place):
            if not marked:
                break
            place += number
            continue
        elif not BY_PROGRAM.fullmatch(line):
            blocks[-1].append(line)
        place += 1
    return [block for block in blocks if any(block)]


def _above(lines: Sequence[str]) -> list[str]:
    """The lines above the place below which all is quoted."""
    for place, line in enumerate(lines):
        stripped = line.strip()
        if BELOW.fullmatch(stripped) or (FIRST_FIELD.match(stripped) and _more_fields(lines[place + 1 : place + 5])):
            return list(lines[:place])
    return list(lines)


def _more_fields(lines: Sequence[str]) -> bool:
    return sum(bool(NEXT_FIELD.match(line.strip())) for line in lines) >= 2


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines from there on say who wrote what is quoted below; 0 where they say something else."""
    if not BEGINS.match(lines[place].strip()):
        return 0
    for number in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[place : place + number]).strip()
        if len(joined) <= LONGEST_ATTRIBUTION and ATTRIBUTION.fullmatch(joined):
            return number
    return 0

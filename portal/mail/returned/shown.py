"""A message as a person reads it on a page: headers and text as plain words, never as HTML; parts by their names."""

from dataclasses import dataclass
from email.message import Message

from portal.mail.returned.bounded import parsed, parts_of, readable, words
from portal.mail.returned.objecting import Says, says

LONGEST_TEXT = 100_000
LONGEST_VALUE = 1_000
MOST_HEADERS = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """`parts`: everything that the message carries, as (type, file's name). `cut`: whether the text goes on.

    `says`: what its writer's own words say about objecting.
    """

    headers: list[tuple[str, str]]
    text: str
    parts: list[tuple[str, str]]
    cut: bool
    says: Says


def shown(content: bytes) -> Shown:
    """It never raises; of bytes that are no message the text is empty, or all there is."""
    message = parsed(content)
    text = readable(message, LONGEST_TEXT + 1)
    return Shown(
        headers=[(words(name, 100), words(value, LONGEST_VALUE)) for name, value in message.items()[:MOST_HEADERS]],
        text=text[:LONGEST_TEXT],
        parts=[_part(part) for part in parts_of(message)],
        cut=len(text) > LONGEST_TEXT,
        says=says(message),
    )


def _part(part: Message) -> tuple[str, str]:
    return words(part.get_content_type(), 100), words(part.get_filename() or "", 200)

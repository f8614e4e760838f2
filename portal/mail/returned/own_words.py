"""What somebody wrote themself in a reply: without the mail that they answer, signatures, and the words of programs."""

import re
from dataclasses import dataclass
from email.message import Message

from portal.mail.returned.bounded import header, parts_of, text_of, words_of_html
from portal.mail.returned.quoting import own_blocks

LONGEST_READ = 20_000
QUOTED_ELEMENT = re.compile(r"<blockquote\b", re.IGNORECASE)
# Parts that say nothing: pictures of signatures, signatures of the other kind, visiting cards.
SAYS_NOTHING = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "text/vcard",
    "text/x-vcard",
)
REPLY_MARK = re.compile(r"(?:re|aw|antw|antwort|rv|sv|fwd?|wg|res|ref)\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
# Blanks of other widths, and signs that nobody sees.
BLANKS, UNSEEN = re.compile(r"[\u00a0\u2000-\u200a\u202f\u3000\t]"), re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """`lines` of the text; `subject` where it is the writer's own, else "". `answered`: the subject of the mail that
    they answer. `all_there` is false where more belongs to it than was read here: answers between quoted lines,
    attachments, a text that goes on."""

    lines: tuple[str, ...]
    subject: str
    answered: str
    all_there: bool


def own_words(message: Message) -> OwnWords:
    """The writer's own words. Where a program quotes in a way that is not known here, quoted ones are among them."""
    plain, html, others = _texts(message)
    if plain.strip():
        blocks = own_blocks(_usual(plain))
    else:
        text = words_of_html(html, "blockquote") if html else ""
        blocks = own_blocks(_usual(text), taken_out=bool(QUOTED_ELEMENT.search(html)))
    subject = header(message, "Subject", 300)
    bare = REPLY_MARK.sub("", subject)
    return OwnWords(
        lines=tuple(line for block in blocks for line in block),
        subject=subject if bare == subject else "",
        answered=bare,
        all_there=len(blocks) <= 1 and not others and max(len(plain), len(html)) < LONGEST_READ,
    )


def _texts(message: Message) -> tuple[str, str, bool]:
    """(plain text, HTML, whether it carries anything else that may say something)."""
    texts = {"text/plain": "", "text/html": ""}
    others = False
    for part in parts_of(message):
        kind = part.get_content_type()
        if kind in texts and not part.get_filename():
            text = text_of(part, LONGEST_READ)
            others = others or bool(texts[kind].strip() and text.strip())
            texts[kind] = texts[kind] or text
        elif not (kind.startswith("image/") or kind in SAYS_NOTHING):
            others = True
    return texts["text/plain"], texts["text/html"], others


def _usual(text: str) -> str:
    return UNSEEN.sub("", BLANKS.sub(" ", text))

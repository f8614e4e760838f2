"""The catalogues of words in `portal/locale`: what the source says, and what of it each language has."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "portal" / "locale"
KEYWORDS = {**DEFAULT_KEYWORDS, "later": None, "Said": None, "Plural": (1, 2), "RuleBroken": (2,)}
"""Besides gettext's own: what marks a message in the source, and which of its arguments are the message."""
_WIDTH = 120
_PLACES = re.compile(r"%\(\w+\)[a-z]|%%")
_STRAY = re.compile(r"%(?!\(\w+\)[a-z]|%)")
_TAGS = re.compile(r"</?[a-zA-Z][^>]*>")

Given = Mapping[str, str | list[str]]


class Words(Catalog):
    """A catalogue whose head says nothing that changes by itself: no dates, no versions, no names."""

    def __init__(self, language: str | None = None) -> None:
        locale = Locale.parse(language, sep="-") if language else None
        super().__init__(locale=locale, header_comment="", fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        own = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
        return [(name, value) for name, value in super()._get_mime_headers() if name in own]


def source_words(root: Path = ROOT) -> Words:
    """Every message of the source, by file and words: what moves within a file moves nothing here."""
    with (root / "portal" / "locale" / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: dict[str | tuple[str, ...], set[str]] = {}
    for name, _line, message, _comments, _context in extract_from_dir(root, methods, options, keywords=KEYWORDS):
        found.setdefault(tuple(message) if isinstance(message, list | tuple) else message, set()).add(name)
    words = Words()
    for message, files in sorted(found.items(), key=lambda item: (min(item[1]), str(item[0]))):
        words.add(message, locations=[(name, 0) for name in sorted(files)])
    return words


def languages(folder: Path = LOCALE) -> list[str]:
    """Those that there is a `portal.po` of."""
    return sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/portal.po"))


def catalogue(language: str, folder: Path = LOCALE) -> Catalog:
    with _po(language, folder).open("rb") as file:
        return read_po(file, locale=Locale.parse(language, sep="-"))


def renewed(language: str, source: Words, known: Catalog | None, given: Given) -> Words:
    """The source's messages with what is known of them in the language. `given`, by the English for one, goes first.

    Nothing is guessed from words that are alike: a message that changed is a new one.
    """
    words = Words(language)
    for message in _messages(source):
        earlier = known.get(message.id) if known is not None else None
        string = earlier.string if earlier is not None and _kind(earlier.id) == _kind(message.id) else ""
        words.add(message.id, _given(message, given) or string or "", locations=message.locations)
    return words


def write(language: str, words: Words, folder: Path = LOCALE) -> None:
    """`portal.po` for people, `portal.mo` for the portal."""
    path = _po(language, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = io.BytesIO()
    write_po(made, words, width=_WIDTH, include_lineno=False)
    path.write_bytes(made.getvalue().lstrip(b"\n"))
    path.with_suffix(".mo").write_bytes(compiled(words))


def compiled(words: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, words)
    return made.getvalue()


def missing(words: Catalog) -> list[Message]:
    """Messages of which a form is not translated."""
    return [message for message in _messages(words) if not all(_forms(message.string))]


def faults(language: str, source: Words, folder: Path = LOCALE) -> list[str]:
    """All that is wrong with a language's catalogue, a line each; none, if the pages may speak it."""
    kept = catalogue(language, folder)
    wanted = {_key(message): message for message in _messages(source)}
    known = {_key(message): message for message in _messages(kept)}
    found = [f"is not in the catalogue: {_short(key)}" for key in wanted if key not in known]
    found += [f"is nowhere in the source: {_short(key)}" for key in known if key not in wanted]
    found += [f"is not translated: {_short(_key(message))}" for message in missing(kept)]
    found += [f"{wrong}: {_short(key)}" for key, message in known.items() for wrong in _wrong(message)]
    words = renewed(language, source, kept, {})
    compiled_at = _po(language, folder).with_suffix(".mo")
    if not compiled_at.exists() or compiled_at.read_bytes() != compiled(words):
        found.append("portal.mo was not made from this portal.po: run manage.py words")
    return found


def _wrong(message: Message) -> list[str]:
    """What is wrong with one translation, each of its forms beside the English one."""
    found = ["is only guessed (fuzzy)"] if message.fuzzy else []
    originals = _forms(message.id)
    for number, form in enumerate(_forms(message.string)):
        if form:
            found += _beside(form, originals[min(number, len(originals) - 1)], counts=number > 0)
    return list(dict.fromkeys(found))


def _beside(form: str, english: str, *, counts: bool) -> list[str]:
    """`counts`: a form for many things, which has to say how many. "One" may be said without the figure, or with it."""
    checks = [
        ("has other places than the English", _places(form, counts=counts), _places(english, counts=counts)),
        ("has a % that is no place", bool(_STRAY.search(form)), False),
        ("has other tags than the English", sorted(_TAGS.findall(form)), sorted(_TAGS.findall(english))),
        # In an attribute a straight one would end it.
        ("has more straight quotation marks than the English", form.count('"') > english.count('"'), False),
        ("begins or ends otherwise than the English", _ends(form), _ends(english)),
        ("has other lines than the English", form.count("\n") if "\n" in english else 0, english.count("\n")),
    ]
    return [fault for fault, said, wanted in checks if said != wanted]


def _places(text: str, *, counts: bool) -> list[str]:
    return sorted(place for place in _PLACES.findall(text) if counts or place != "%(num)s")


def _ends(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _given(message: Message, given: Given) -> str | tuple[str, ...]:
    found = given.get(_forms(message.id)[0], "")
    return tuple(found) if isinstance(found, list) else found


def _messages(words: Catalog) -> list[Message]:
    return [message for message in words if message.id]


def _forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)


def _key(message: Message) -> tuple[str, ...]:
    return _forms(message.id)


def _kind(said: str | tuple[str, ...] | list[str]) -> bool:
    return isinstance(said, str)


def _short(key: tuple[str, ...]) -> str:
    text = " | ".join(key).replace("\n", "\\n")
    return text if len(text) <= 100 else text[:99] + "…"


def _po(language: str, folder: Path) -> Path:
    return folder / language / "LC_MESSAGES" / "portal.po"

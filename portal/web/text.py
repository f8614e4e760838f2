"""The words of pages in the reader's language: gettext catalogs, and which of them a request gets.

Catalogs lie in `portal/locale/<language>/LC_MESSAGES/portal.mo`. English needs none: the source's words are English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from markupsafe import Markup

from portal.mail.language import locale_of, told_moment
from portal.rules.said import Said, filled, later

__all__ = ["later"]  # its callers find all words about words here

FOLDER = Path(__file__).resolve().parents[1] / "locale"
SOURCE = "en"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_chosen: ContextVar[bool] = ContextVar("chosen", default=False)


@cache
def languages() -> tuple[str, ...]:
    """The languages that the pages speak, the source's first."""
    found = (path.parts[-3] for path in sorted(FOLDER.glob("*/LC_MESSAGES/portal.mo")))
    return (SOURCE, *(name for name in found if name != SOURCE))


def language() -> str:
    """The language of the present request."""
    return _language.get()


def begin(accepted: str) -> None:
    """A request begins: it is answered in what its Accept-Language header prefers, until something better is known."""
    _language.set(negotiated(accepted))
    _chosen.set(False)


def choose(wanted: str) -> bool:
    """The reader chose that language, and nothing that is known of them goes before it. False if it is not spoken."""
    if wanted not in languages():
        return False
    _language.set(wanted)
    _chosen.set(True)
    return True


def speak(wanted: str) -> None:
    """From now on in this request: that language, if the pages speak it, and the reader chose no other."""
    if not _chosen.get():
        _language.set(negotiate_locale([wanted], languages(), sep="-") or _language.get())


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """That language for the length of a block."""
    token = _language.set(negotiate_locale([wanted], languages(), sep="-") or SOURCE)
    try:
        yield
    finally:
        _language.reset(token)


def negotiated(accepted: str) -> str:
    """The best language for an Accept-Language header (RFC 9110, section 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), name.strip()))
        except ValueError:
            continue
    preferred = [name for _, name in sorted(weighed, key=lambda pair: pair[0])]
    return negotiate_locale(preferred, languages(), sep="-") or SOURCE


def gettext(message: str, /, **values: object) -> str:
    """The message in the language of the request; `%(name)s` in it takes the value of that name.

    What a rule said (`RuleBroken.message`) is said again in that language, its facts written as the language does.
    """
    if isinstance(message, Said):
        return _said(message)
    return translated(message) % values if values else translated(message)


def ngettext(one: str, many: str, things: int, /, **values: object) -> str:
    """The message for that number of things; `%(num)s` is the number, as the language writes it."""
    return translated_number(one, many, things) % {"num": number(things), **values}


def _said(message: Said) -> str:
    facts = {name: _fact(fact) for name, fact in message.facts.items()}
    if isinstance(message.template, str):
        return filled(translated(message.template), facts)
    things = message.facts["num"]
    return filled(translated_number(*message.template, things if isinstance(things, int) else 0), facts)


def _fact(fact: object) -> str:
    match fact:
        case bool() | str():
            return _said(fact) if isinstance(fact, Said) else str(fact)
        case int():
            return number(fact)
        case datetime():
            return f"{told_moment(fact.astimezone(UTC), locale())} UTC"
        case list() | tuple():
            return ", ".join(_fact(one) for one in fact)
        case _:
            return str(fact)


def translated(message: str) -> str:
    """The message as it stands in the catalog; Jinja puts the values in itself."""
    return str(_catalog(language()).ugettext(message))


def translated_number(one: str, many: str, number: int) -> str:
    return str(_catalog(language()).ungettext(one, many, number))


def locale() -> Locale:
    """How the language of the request writes dates and numbers."""
    return locale_of(language())


def number(value: float) -> str:
    """`12,345`, as the language of the request writes it."""
    return str(format_decimal(value, locale=locale()))


def share(part: float, whole: float) -> str:
    """`12.3%`, as the language of the request writes it; of nothing, nothing."""
    pattern = locale().percent_formats[None].pattern.replace("##0", "##0.0")
    return str(format_percent(part / whole if whole else 0, format=pattern, locale=locale()))


def language_name(tag: str) -> str:
    """The language's own name for itself: `de` -> Deutsch."""
    found = locale_of(tag)
    name = found.get_language_name() if tag.partition("-")[0] == found.language else None
    return f"{name[:1].upper()}{name[1:]}" if name else tag


def in_language(tag: str) -> Markup:
    """The attributes of an element whose words are in another language than the page; nothing, where they are not."""
    return Markup(' lang="{}" dir="{}"').format(tag, direction(tag)) if tag and tag != language() else Markup("")


def said_in(words: str, tag: str) -> Markup:
    """Words that the company wrote, marked as what they are within a page of another language."""
    marks = in_language(tag)
    return Markup("<span{}>{}</span>").format(marks, words) if marks and words else Markup.escape(words)


def direction(tag: str) -> str:
    """`ltr` or `rtl`."""
    return str(locale_of(tag).text_direction)


@cache
def _catalog(name: str) -> NullTranslations:
    return Translations.load(FOLDER, [name], domain="portal") if name != SOURCE else NullTranslations()

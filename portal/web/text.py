"""The words of pages in the reader's language: gettext catalogs, and which of them a request gets.

Catalogs lie in `portal/locale/<language>/LC_MESSAGES/portal.mo`. English needs none: the source's words are English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parents[1] / "locale"
SOURCE = "en"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def languages() -> tuple[str, ...]:
    """The languages that the pages speak, the source's first."""
    found = (path.parts[-3] for path in sorted(FOLDER.glob("*/LC_MESSAGES/portal.mo")))
    return (SOURCE, *(name for name in found if name != SOURCE))


def language() -> str:
    """The language of the present request."""
    return _language.get()


def speak(wanted: str) -> None:
    """From now on in this request: that language, if the pages speak it."""
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


def later(message: str) -> str:
    """Marks a message that is translated where it is shown: `pybabel extract -k later`."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """The message in the language of the request; `%(name)s` in it takes the value of that name."""
    return translated(message) % values if values else translated(message)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """The message for that number of things; `%(num)s` is the number."""
    return translated_number(one, many, number) % {"num": number, **values}


def translated(message: str) -> str:
    """The message as it stands in the catalog; Jinja puts the values in itself."""
    return str(_catalog(language()).ugettext(message))


def translated_number(one: str, many: str, number: int) -> str:
    return str(_catalog(language()).ungettext(one, many, number))


def locale() -> Locale:
    """How the language of the request writes dates and numbers."""
    return locale_of(language())


@cache
def locale_of(name: str) -> Locale:
    """Babel's locale for a tag such as `de` or `pt-BR`; English, with its British dates, where it knows none."""
    if name == SOURCE:
        return Locale("en", "GB")
    try:
        return Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


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


def direction(tag: str) -> str:
    """`ltr` or `rtl`."""
    return str(locale_of(tag).text_direction)


@cache
def _catalog(name: str) -> NullTranslations:
    return Translations.load(FOLDER, [name], domain="portal") if name != SOURCE else NullTranslations()

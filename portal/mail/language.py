"""The words of mails: a template environment for each language, with dates as that language writes them."""

import textwrap
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, format_skeleton, get_datetime_format
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from portal.settings import folder

CATALOGS = Path(__file__).resolve().parents[1] / "locale"
SOURCE = "en"
WIDTH = 72


@cache
def spoken(wanted: str) -> str:
    """The language that a mail to a reader of `wanted` is written in: one that there is a catalog for, else English."""
    found = [path.parts[-3] for path in sorted(CATALOGS.glob("*/LC_MESSAGES/portal.mo"))]
    return negotiate_locale([wanted], [*found, SOURCE], sep="-") or SOURCE


@cache
def environment(language: str) -> Environment:
    """Templates in that language: escaping in HTML only, every unknown name an error.

    Sentences that both parts of a mail share stand in a `.txt`. HTML imports them as `.html`: escaping depends on the
    name of the file in which a macro stands, and what a macro gives counts as escaped where it is called.
    """
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder("templates")), FunctionLoader(_shared)]),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalog = NullTranslations() if language == SOURCE else Translations.load(CATALOGS, [language], domain="portal")
    made.install_gettext_callables(catalog.ugettext, catalog.ungettext, newstyle=True)  # type: ignore[attr-defined]
    locale = locale_of(language)
    write_numbers(made, catalog.ungettext, lambda: locale)
    made.globals |= {"lang": language, "dir": str(locale.text_direction)}
    made.filters |= {
        "day": lambda value, zone="UTC": told_day(value, zone, locale),
        "instant": lambda value, zone="UTC": told_instant(value, zone, locale),
        "exact": lambda value, zone="UTC": told_exact(value, zone, locale),
        "clock": lambda value, zone="UTC": told_clock(value.astimezone(ZoneInfo(zone)).replace(second=0), locale),
        "wrapped": wrapped,
    }
    return made


def write_numbers(made: Environment, plural: Callable[[str, str, int], str], locale: Callable[[], Locale]) -> None:
    """`%(num)s` of `ngettext` in templates, as the language writes numbers; Jinja's own puts the bare figure in."""

    @pass_context
    def ngettext(context: Context, one: str, many: str, things: int, /, **values: object) -> str:
        said = plural(one, many, things)
        values.setdefault("num", format_decimal(things, locale=locale()))
        return (Markup(said) if context.eval_ctx.autoescape else said) % values  # the catalogue's words are ours

    made.globals["ngettext"] = ngettext


def _shared(name: str) -> str | None:
    """Of `mail/words.html` the text of `mail/words.txt`."""
    path = (folder("templates") / name).with_suffix(".txt")
    return path.read_text("utf-8") if name.endswith(".html") and path.is_file() else None


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of a tag; English with the day before the month where it knows none."""
    try:
        return Locale("en", "GB") if language == SOURCE else Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def told_day(value: date | datetime, zone: str, locale: Locale) -> str:
    """`Sunday, 22 March 2026`; an instant is told in the zone."""
    shown = value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
    return format_date(shown, "full", locale=locale)


def told_instant(value: datetime, zone: str, locale: Locale) -> str:
    """`22 March 2026, 00:00 (Europe/Berlin)`, `22. März 2026, 00:00 (Europe/Berlin)`: to the minute."""
    return told_exact(value.replace(second=0), zone, locale)


def told_exact(value: datetime, zone: str, locale: Locale) -> str:
    """The same to the second, for what was received: a second decides whether it was in time."""
    return f"{told_moment(value.astimezone(ZoneInfo(zone)), locale)} ({zone})"


def told_moment(value: datetime, locale: Locale) -> str:
    """`22 March 2026, 00:00`: date and clock as the language writes them (CLDR), by 24 hours; seconds if any."""
    day, clock = format_date(value, "long", locale=locale), told_clock(value, locale)
    return str(get_datetime_format("long", locale=locale)).replace("{1}", day).replace("{0}", clock)


def told_clock(value: datetime, locale: Locale) -> str:
    """`00:00`, in Spanish `0:00`."""
    return format_skeleton("Hms" if value.second else "Hm", value, locale=locale)


@lru_cache(maxsize=512)  # most paragraphs are the same for every member
def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """A paragraph in lines of 72 characters, for plain text; `first` stands before it. Addresses stay whole."""
    lead = " " * indent
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first.rjust(indent) if first else lead,
        subsequent_indent=lead,
        break_long_words=False,
        break_on_hyphens=False,
    )

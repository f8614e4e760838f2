"""A language that is English in brackets: what stands outside of them on a page came from no catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from portal.cli.catalogues import source_words
from portal.mail import language
from portal.web import text

BEGIN, END = "⟦", "⟧"


@contextmanager
def bracketed(tag: str, folder: Path) -> Iterator[None]:
    """Pages and mails speak English and that language, and no other, while it lasts. `folder` is empty."""
    made = folder / tag / "LC_MESSAGES" / "portal.mo"
    made.parent.mkdir(parents=True)
    with made.open("wb") as file:
        write_mo(file, _catalogue(tag))
    usual = text.FOLDER, language.CATALOGS
    text.FOLDER = language.CATALOGS = folder
    _read_again()
    try:
        yield
    finally:
        text.FOLDER, language.CATALOGS = usual
        _read_again()


def outside(shown: str) -> str:
    """What stands outside of brackets, which may stand within each other."""
    depth, found = 0, []
    for sign in shown:
        if sign == BEGIN:
            depth += 1
        elif sign == END:
            depth -= 1
        elif depth == 0:
            found.append(sign)
    return "".join(found)


@cache
def _catalogue(tag: str) -> Catalog:
    made = Catalog(locale=tag, fuzzy=False)
    for message in source_words():
        if isinstance(message.id, str) and message.id:
            made.add(message.id, _within(message.id))
        elif message.id:
            one, many = (_within(form) for form in message.id)
            made.add(message.id, (one, *[many] * (made.num_plurals - 1)))
    return made


def _within(message: str) -> str:
    """Blanks at the ends part words, and stay outside."""
    words = message.strip()
    return message.replace(words, f"{BEGIN}{words}{END}") if words else message


def _read_again() -> None:
    """Catalogues are read once."""
    text.languages.cache_clear()
    text._catalog.cache_clear()
    language.spoken.cache_clear()
    language.environment.cache_clear()

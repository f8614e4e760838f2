"""A catalogue of a language's words, made for a test and spoken by the mails while it lasts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from portal.mail import language


@contextmanager
def speaking(folder: Path, words: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Mails speak these languages: tag -> English sentence -> the sentence in that language. `folder` is empty."""
    for tag, sentences in words.items():
        catalogue = Catalog(locale=tag.replace("-", "_"))
        for english, said in sentences.items():
            catalogue.add(english, said)
        place = folder / tag / "LC_MESSAGES"
        place.mkdir(parents=True)
        with (place / "portal.mo").open("wb") as file:
            write_mo(file, catalogue)
    usual = language.CATALOGS
    language.CATALOGS = folder
    _forget()
    try:
        yield
    finally:
        language.CATALOGS = usual
        _forget()


def _forget() -> None:
    language.spoken.cache_clear()
    language.environment.cache_clear()

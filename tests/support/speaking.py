"""One more language for the pages, for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from portal.web import text


@contextmanager
def spoken_too(language: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **words: str) -> Iterator[None]:
    """Pages speak it, with a catalog that has these words."""
    catalog = Catalog(locale=language)
    for message, translation in words.items():
        catalog.add(message, translation)
    compiled = folder / language / "LC_MESSAGES" / "portal.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(text, "FOLDER", folder)
    _read_again()
    yield
    monkeypatch.undo()
    _read_again()


def _read_again() -> None:
    """Catalogs are read once."""
    text.languages.cache_clear()
    text._catalog.cache_clear()

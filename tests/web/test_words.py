"""The words, dates and languages of pages."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from portal.cli.catalogues import source_words
from portal.rules.errors import RuleBroken
from portal.web import dates, text

ROOT = Path(__file__).parents[2]
SPRING = datetime(2026, 3, 22, 4, 0, tzinfo=UTC)


def test_an_instant_is_told_with_its_zone() -> None:
    assert dates.instant(SPRING) == "22 March 2026, 04:00 UTC"
    assert dates.instant(SPRING, "America/New_York") == "22 March 2026, 00:00 (America/New_York)"
    assert dates.instant(SPRING.replace(second=7), "Europe/Berlin") == "22 March 2026, 05:00:07 (Europe/Berlin)"
    assert dates.instant(SPRING, "No/Where") == "22 March 2026, 04:00 (No/Where)"


def test_days_and_machines_forms() -> None:
    assert dates.day(date(2026, 3, 22)) == "Sunday, 22 March 2026"
    assert dates.day(SPRING, "Pacific/Honolulu") == "Saturday, 21 March 2026"
    assert dates.date_alone(SPRING, "Pacific/Honolulu") == "21 March 2026"
    assert dates.iso(SPRING) == "2026-03-22T04:00:00Z"
    assert dates.iso(date(2026, 3, 22)) == "2026-03-22"


@pytest.mark.parametrize("accepted", ["", "*", "en-US,en;q=0.9", "xx", "de;q=x", ",;q=", "q" * 10_000, ";" * 5_000])
def test_whatever_a_browser_prefers_there_is_a_language(accepted: str) -> None:
    assert text.negotiated(accepted) == "en"


def test_a_language_with_a_catalog_is_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "de" / "LC_MESSAGES" / "portal.po"
    made.parent.mkdir(parents=True)
    made.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Fill this in."\nmsgstr "Bitte ausfüllen."\n\n'
        'msgid "%(num)s change"\nmsgid_plural "%(num)s changes"\nmsgstr[0] "%(num)s Änderung"\n'
        'msgstr[1] "%(num)s Änderungen"\n'
    )
    compiled = (sys.executable, "-m", "babel.messages.frontend", "compile", "-D", "portal", "-d", str(tmp_path))
    subprocess.run(compiled, check=True, capture_output=True)
    monkeypatch.setattr(text, "FOLDER", tmp_path)
    forget()
    try:
        assert text.negotiated("fr;q=0.9, de-AT, en;q=0.8") == "de"
        with text.speaking("de"):
            assert text.gettext("Fill this in.") == "Bitte ausfüllen."
            assert text.ngettext("%(num)s change", "%(num)s changes", 3) == "3 Änderungen"
            assert dates.day(date(2026, 3, 22)) == "Sonntag, 22. März 2026"
        assert text.gettext("Fill this in.") == "Fill this in."
    finally:
        monkeypatch.undo()
        forget()


def forget() -> None:
    """Catalogs are read once."""
    text.languages.cache_clear()
    text._catalog.cache_clear()


def test_languages_are_named_in_themselves() -> None:
    assert (text.language_name("de"), text.language_name("fr"), text.language_name("xx")) == (
        "Deutsch",
        "Français",
        "xx",
    )
    assert (text.direction("ar"), text.direction("de")) == ("rtl", "ltr")


async def test_a_language_that_is_not_spoken_changes_nothing(client: AsyncClient) -> None:
    answer = await client.get("/policies?lang=tlh", headers={"accept-language": "tlh"})
    assert answer.status_code == 200
    assert '<html lang="en" dir="ltr">' in answer.text


SPOKEN = ("en", "de", "es")


@pytest.mark.parametrize(
    ("language", "instant", "day", "date_alone", "number"),
    [
        ("en", "22 March 2026, 04:00 UTC", "Sunday, 22 March 2026", "22 March 2026", "1,234,567.5"),
        ("de", "22. März 2026, 04:00 UTC", "Sonntag, 22. März 2026", "22. März 2026", "1.234.567,5"),
        ("es", "22 de marzo de 2026, 4:00 UTC", "domingo, 22 de marzo de 2026", "22 de marzo de 2026", "1.234.567,5"),
    ],
)
def test_dates_and_numbers_are_written_as_each_language_writes_them(
    language: str, instant: str, day: str, date_alone: str, number: str
) -> None:
    with text.speaking(language):
        assert dates.instant(SPRING) == instant
        assert dates.day(date(2026, 3, 22)) == day
        assert dates.date_alone(SPRING) == date_alone
        assert text.number(1234567.5) == number


@cache
def plurals() -> list[tuple[str, str]]:
    found = [message.id for message in source_words() if isinstance(message.id, tuple)]
    return [(one, many) for one, many in found]


@pytest.mark.parametrize("language", SPOKEN)
def test_every_plural_has_its_form_for_none_one_two_and_a_thousand(language: str) -> None:
    assert len(plurals()) > 50
    thousand = {"en": "1,000", "de": "1.000", "es": "1.000"}[language]
    with text.speaking(language):
        for one, many in plurals():
            facts = dict.fromkeys(re.findall(r"%\((\w+)\)s", one + many), "x")
            facts.pop("num", None)
            said = {number: text.ngettext(one, many, number, **facts) for number in (0, 1, 2, 1000)}
            if "%(num)s" in many:
                assert "0" in said[0]
                assert "2" in said[2]
                assert thousand in said[1000]
                assert said[0].replace("0", "2", 1) == said[2]
            else:
                assert said[0] == said[2] == said[1000]


def test_what_a_rule_said_is_said_in_the_readers_language() -> None:
    refused = RuleBroken("too_long", "The reason is longer than %(limit)s characters.", limit=2000)
    assert text.gettext(refused.message) == str(refused) == "The reason is longer than 2,000 characters."
    with text.speaking("de"):
        said = text.gettext(refused.message)
    assert said != str(refused)
    assert "2.000" in said

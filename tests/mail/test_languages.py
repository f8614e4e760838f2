"""Every mail in German and Spanish, in both of its parts; and nothing in one that is in no catalogue."""

import re
from pathlib import Path

import pytest

from portal.cli.catalogues import catalogue
from portal.settings import folder
from tests.mail.test_every_mail import WIDEST
from tests.support.bracketed import bracketed, outside
from tests.support.mails import each_kind, parts
from tests.support.visible import visible

KINDS = sorted(path.name for path in (folder("templates") / "mail").iterdir() if path.is_dir())
MAILS = {language: each_kind(language) for language in ("de", "es")}
# What company and member wrote, and names that are the same everywhere.
DATA = (
    "Privacy policy", "PRIVACY POLICY", "Running the service", "How we use it", "Marketing", "AI training",
    "Ternwick", "Maria", "Backups", "News", "Service", "Contact", "m…@example.net", "Europe/Berlin", "UTC",
    "The newsletter comes every week.", "We could not make sure that it is you who asks.",
)  # fmt: skip
LINK = re.compile(r"https://p\.example\S*|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
WORD = re.compile(r"[A-Za-z]{3,}")
WRITTEN = {
    "de": ("Sonntag, 1. März 2026", "1. März 2026, 10:30 (Europe/Berlin)", "21. März 2026"),
    "es": ("domingo, 1 de marzo de 2026", "1 de marzo de 2026, 10:30 (Europe/Berlin)", "21 de marzo de 2026"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_a_mail_comes_from_a_catalogue(kind: str, tmp_path: Path) -> None:
    with bracketed("fr", tmp_path):
        message, text, html = parts(each_kind("fr")[kind])
    subject = str(message["Subject"])
    assert text.count("⟦") > 2
    words = LINK.sub("", " ".join(outside(f"{subject} {text} {visible(html)}").split()))
    for data in DATA:
        words = words.replace(data, "")
    assert WORD.findall(words) == []


@pytest.mark.parametrize("language", MAILS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_whole_in_the_members_language(kind: str, language: str) -> None:
    message, text, html = parts(MAILS[language][kind])
    assert message["Content-Language"] == language
    assert f'<html lang="{language}">' in html
    assert f'<div lang="{language}" dir="ltr"' in html
    english = [
        entry.id
        for entry in catalogue(language)
        if isinstance(entry.id, str) and len(entry.id.split()) > 2 and "%(" not in entry.id and entry.id != entry.string
    ]
    shown = f"{message['Subject']}\n{' '.join(text.split())}\n{visible(html)}"
    assert [one for one in english if one in shown] == []


@pytest.mark.parametrize("language", MAILS)
@pytest.mark.parametrize("kind", KINDS)
def test_lines_stay_short_and_links_stay_whole(kind: str, language: str) -> None:
    _, text, html = parts(MAILS[language][kind])
    assert [line for line in text.splitlines() if len(line) > WIDEST and " " in line.strip()] == []
    assert [link for link in re.findall(r'href="([^"]+)"', html) if link not in text] == []


@pytest.mark.parametrize("language", MAILS)
def test_days_and_deadlines_are_written_as_the_language_writes_them(language: str) -> None:
    day, instant, last = WRITTEN[language]
    _, notice, html = parts(MAILS[language]["notice"])
    for words in (" ".join(notice.split()), visible(html)):
        assert day in words
        assert last in words
    _, receipt, html = parts(MAILS[language]["receipt"])
    assert instant in " ".join(receipt.split())
    assert instant in html

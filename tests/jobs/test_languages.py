"""A campaign speaks to each member in their own language, where there is a catalogue of it."""

from pathlib import Path

from structlog.testing import capture_logs

from portal.actions.actor import SYSTEM
from portal.actions.profile import correct_profile
from portal.actions.rendered_again import rendered_again
from portal.jobs import running
from portal.jobs.by_settings import sender_of
from portal.settings import Settings
from portal.store.members import Member
from portal.store.notices import Sending
from tests.jobs.conftest import KEYS
from tests.support.catalogues import speaking
from tests.support.clock import Clock
from tests.support.relay import Received, ScriptedRelay

WORDS = {
    "de": {
        "Hello %(name)s,": "Guten Tag %(name)s,",
        "%(title)s: what changes, and your %(days)s days to object": "%(title)s: Änderungen, %(days)s Tage Zeit",
        "Version %(number)s was posted on %(day)s.": "Fassung %(number)s steht seit %(day)s im Netz.",
        "Read the changes and answer": "Änderungen lesen und antworten",
        "WHAT CHANGES": "WAS SICH ÄNDERT",
        "What changes": "Was sich ändert",
    },
    "ar": {"Hello %(name)s,": "مرحبا %(name)s،", "What changes": "ما الذي يتغير"},
}
WANTED = {"m0": "en", "m1": "de", "m2": "ar", "m3": "de-AT", "m4": "tlh"}


def bodies(mail: Received) -> tuple[str, str]:
    text, html = (part.get_content() for part in mail.message.iter_parts())
    return text, html


async def test_each_member_is_written_to_in_their_language(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay, tmp_path: Path
) -> None:
    for member in await Member.all():
        language = WANTED[member.external_id]
        await correct_profile(member.id, name="Maria", language=language, zone=None, by=SYSTEM, at=clock())
    catalogues = tmp_path / "catalogues"
    catalogues.mkdir()
    with speaking(catalogues, WORDS), capture_logs() as said:
        async with running(settings, KEYS, clock) as jobs:
            await jobs.idle()
        # What is made once for a language says the same as what is made for each member: else it would be logged.
        assert [one for one in said if one["event"] == "no_skeleton"] == []
        mails = {one.recipient.partition("@")[0]: one for one in relay.received}
        assert {name: mail.message["Content-Language"] for name, mail in mails.items()} == {
            "m0": "en",
            "m1": "de",
            "m2": "ar",
            "m3": "de",
            "m4": "en",
        }
        for name in ("m1", "m3"):
            text, html = bodies(mails[name])
            assert mails[name].message["Subject"] == "Privacy policy: Änderungen, 20 Tage Zeit"
            assert "Guten Tag Maria," in text
            assert "Fassung 2 steht seit Sonntag, 1. März 2026 im Netz." in " ".join(text.split())
            assert "WAS SICH ÄNDERT" in text
            assert "<h2>Was sich ändert</h2>" in html
            assert "Hello" not in text + html
        text, html = bodies(mails["m2"])
        assert "مرحبا Maria،" in text
        assert '<html lang="ar">' in html
        assert '<div lang="ar" dir="rtl"' in html
        for name in ("m0", "m4"):
            text, html = bodies(mails[name])
            assert "Hello Maria," in text
            assert '<div lang="en" dir="ltr"' in html
        for sending in await Sending.all():
            assert (await rendered_again(sending, KEYS, sender_of(settings))).same


OURS = {
    "m0": ("en", "Privacy policy: what changes, and your 20 days to object", "Sunday, 1 March 2026"),
    "m1": ("de", "Privacy policy: was sich ändert", "Sonntag, 1. März 2026"),
    "m2": ("es", "Privacy policy: qué cambia", "domingo, 1 de marzo de 2026"),
    "m3": ("de-AT", "Privacy policy: was sich ändert", "Sonntag, 1. März 2026"),
    "m4": ("es-MX", "Privacy policy: qué cambia", "domingo, 1 de marzo de 2026"),
}


async def test_a_campaign_is_whole_in_english_german_and_spanish(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    for member in await Member.all():
        language = OURS[member.external_id][0]
        await correct_profile(member.id, name="Maria", language=language, zone=None, by=SYSTEM, at=clock())
    with capture_logs() as said:
        async with running(settings, KEYS, clock) as jobs:
            await jobs.idle()
    assert [one for one in said if one["event"] == "no_skeleton"] == []
    mails = {one.recipient.partition("@")[0]: one for one in relay.received}
    for name, (language, subject, day) in OURS.items():
        spoken = language.partition("-")[0]
        text, html = bodies(mails[name])
        assert mails[name].message["Content-Language"] == spoken
        assert str(mails[name].message["Subject"]).startswith(subject)
        assert day in " ".join(text.split())
        assert day in html
        assert f'<div lang="{spoken}" dir="ltr"' in html
        assert ("What changes" in html) is (spoken == "en")
    for sending in await Sending.all():
        assert (await rendered_again(sending, KEYS, sender_of(settings))).same

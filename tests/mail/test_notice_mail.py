"""What the notice mail says, in both its parts: what changes, what it means, and until when to answer."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from types import SimpleNamespace
from typing import Any

import pytest

from portal.actions.notice_letter import notice_letter, notice_links
from portal.keys import Keys
from portal.mail.compose import Recipient, Sender, compose
from portal.mail.told import Purposes, Tag, Told, ToldChange, told_changes
from portal.rules.changes import compare
from portal.rules.policy import DayCount, NoticeTerms, Treatment
from tests.support.drafting import TEXT_1, TEXT_2

POSTED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SENDER = Sender("Ternwick", "Ternwick", "privacy@ternwick.example", "bounces@ternwick.example", "https://p.example")
PURPOSES = Purposes(
    {"marketing": "Marketing", "service": "Running the service", "ai": "AI training"},
    {"marketing": Treatment.SEPARABLE, "service": Treatment.INSEPARABLE, "ai": Treatment.OPT_IN},
)
BY_SECTION = {"News": ["marketing"], "Service": ["service"]}


def told(terms: NoticeTerms, by_section: dict[str, list[str]] | None = None, **more: Any) -> Told:
    comparison = compare(TEXT_1, TEXT_2)
    classified = {change.id: (by_section or BY_SECTION).get(change.section[-1], []) for change in comparison.changes}
    changes = told_changes(comparison, TEXT_1, TEXT_2, classified, PURPOSES)
    touched = PURPOSES.tags([key for keys in classified.values() for key in keys])
    told_of = tuple(tag.title for tag in touched if tag.title in more.pop("told_of", ()))
    return Told(
        slug="privacy", title="Privacy policy", number=2, language="en", summary="The newsletter comes every week.",
        posted_at=POSTED, terms=terms, changes=tuple(changes), more=0,
        wording_only=len(comparison.changes) - len(changes), touched=touched, told_of=told_of,
        can_stop=(("marketing", "Marketing"),),
    )  # fmt: skip


def mail(said: Told, closes_at: datetime | None = None) -> tuple[EmailMessage, str, str]:
    """The message, its text on one line, and its HTML."""
    reader: Any = SimpleNamespace(member_id=3, version_id=7, link_epoch=1)
    links = notice_links(reader, keys=Keys(("k" * 40,)), at=AT)
    letter = notice_letter(said, closes_at, links, sender=SENDER, token="t0k3n", at=AT)
    wire = compose(letter, SENDER, Recipient("maria@example.org", "Maria"), "<t0k3n@ternwick.example>", AT)
    assert len(wire) < 100_000
    message = email.message_from_bytes(wire, _class=EmailMessage, policy=default)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    return message, " ".join(text.split()), html


def words(html: str) -> str:
    """What a reader sees of the HTML, on one line."""
    body = re.sub(r"<style>.*?</style>|<div hidden.*?</div>", " ", html, flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").replace("&gt;", ">")
    return " ".join(plain.split())


def test_each_change_is_told_in_a_sentence_with_its_place_and_purposes() -> None:
    _, text, html = mail(told(NoticeTerms(zone="Europe/Berlin")))
    for part in (text, words(html)):
        assert "once a month" in part
        assert "once a week" in part
        assert "Marketing" in part
        assert "for 60 days" in part
        assert "Running the service" in part
        assert "1 change concerns wording or form only" in part
        assert "recieve" not in part
    assert "* News [Marketing]" in text


def test_both_parts_say_the_same() -> None:
    _, text, html = mail(told(NoticeTerms(zone="Europe/Berlin")))
    seen = words(html)
    for sentence in re.findall(r"[A-Z][^.?:*“]{30,}\.", text.split("WHAT IT MEANS FOR YOU")[1].split("--")[0]):
        assert sentence.split(" WHAT ")[0].split("IF YOU DO NOTHING ")[-1] in seen


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (NoticeTerms(zone="Europe/Berlin"), "today, Sunday, 1 March 2026, you can object until the end of Saturday"),
        (NoticeTerms(objection_days=10, day_count=DayCount.ELAPSED), "until 11 March 2026, 09:30 (UTC)"),
        (NoticeTerms(day_count=DayCount.WORKING, zone="Europe/Berlin"), "until the end of Monday, 23 March 2026"),
    ],
)
def test_the_deadline_is_the_one_of_a_window_that_opens_today_and_is_said_with_care(
    terms: NoticeTerms, said: str
) -> None:
    _, text, html = mail(told(terms))
    assert said in text
    assert said in words(html)
    assert "They begin" in text
    assert "exact date as soon as it is certain" in text


def test_a_window_that_is_open_already_is_told_exactly() -> None:
    closes_at = datetime(2026, 3, 20, 23, 0, tzinfo=UTC)
    _, text, _ = mail(told(NoticeTerms(zone="Europe/Berlin")), closes_at)
    assert "Your time to object ends on 21 March 2026, 00:00 (Europe/Berlin)." in text
    assert "They begin" not in text


def test_it_says_what_an_answer_means_and_what_silence_means() -> None:
    said = told(NoticeTerms(), {"News": ["marketing", "ai"], "Service": ["service"]})
    _, text, html = mail(said)
    for part in (text, words(html)):
        assert "Object only to changes about Marketing, and your account stays open." in part
        assert "Object to a change about Running the service, and your account will be closed" in part
        assert "For AI training nothing happens to what we hold about you unless you say yes." in part
        assert "For Marketing the version before stays in use until your time to object is over" in part


def test_without_a_right_to_object_there_is_none_in_the_mail() -> None:
    message, text, html = mail(told(NoticeTerms(objection_days=0)))
    assert "days to object" not in message["Subject"]
    for part in (text, words(html)):
        assert "This policy gives no right to object to its changes." in part
        assert "You have" not in part


def test_a_version_that_is_told_of_says_how_to_prevent_the_use() -> None:
    terms = NoticeTerms.from_json({"channels": ["site"], "objection_days": 0})
    message, text, html = mail(told(terms, told_of=["Marketing"]))
    assert "how to prevent it" in message["Subject"]
    assert "You can prevent that use of your data by opting out" in text
    assert "Opt out of Marketing: https://p.example/opt-out/" in text
    assert "has been in force since 1 March 2026, 08:00 (UTC)" in words(html)


def test_there_is_one_link_to_answer_and_one_to_opt_out_and_nothing_is_tracked() -> None:
    message, text, html = mail(told(NoticeTerms()))
    links = set(re.findall(r'href="([^"]+)"', html))
    assert {link.split("/")[3] for link in links} == {"n", "opt-out"}
    assert len(links) == 2
    assert all(link in text for link in links)
    assert not re.findall(r"<img|<script|<table|url\(|src=", html)
    assert message["List-Unsubscribe"] is None
    assert message["List-Id"] == "<privacy.policies.ternwick.example>"
    assert message["Feedback-ID"] == "privacy-2:notice:portal"
    assert "t0k3n" not in html


@pytest.mark.parametrize("kind", ["insert", "delete", "modify"])
def test_words_of_the_policy_and_titles_are_escaped_once(kind: str) -> None:
    evil, escaped = "<b>bold</b> & more", "&lt;b&gt;bold&lt;/b&gt; &amp; more"
    tag = Tag(evil, Treatment.SEPARABLE)
    before, after = (evil if kind != "insert" else "", evil if kind != "delete" else "")
    change = ToldChange("c1", kind, (evil, evil), before, after, 2, (tag,), told_of=True)
    hostile = replace(
        told(NoticeTerms()),
        title=evil, summary=evil, changes=(change,), touched=(tag,), told_of=(evil,), can_stop=(("marketing", evil),),
    )  # fmt: skip
    _, text, html = mail(hostile)
    assert "<b>" not in html
    assert "&amp;lt;" not in html
    assert html.count(escaped) >= 9
    assert evil in text

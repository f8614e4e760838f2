"""What the notice mail says, in both its parts: what changes, what it means, and until when to answer."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from portal.mail.told import Tag, Told, ToldChange
from portal.rules.policy import DayCount, NoticeTerms, Treatment
from tests.support.mails import MANY, TOKEN, of_many, of_notice, parts, told, wire


def mail(said: Told, closes_at: datetime | None = None) -> tuple[EmailMessage, str, str]:
    """The message, its text on one line, and its HTML."""
    message, text, html = parts(wire(of_notice(said, closes_at)))
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
    assert "exact date once it is certain" in text


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
        assert "days to object" not in part


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
    assert TOKEN not in html


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
    assert "<b>bold" not in html
    assert "&amp;lt;" not in html
    assert html.count(escaped) >= 8
    assert evil in text


def test_words_in_the_policys_own_language_say_which_it_is() -> None:
    said = told(NoticeTerms())
    assert mail(said)[2].count("lang=") == 2
    html = mail(replace(said, language="ar"))[2]
    assert re.search(r'<span lang="ar" dir="auto">The newsletter comes every week\.</span>', html)
    assert html.count('<li lang="ar" dir="auto">') == 2


def test_of_very_many_changes_the_first_are_told_and_a_link_leads_to_the_rest() -> None:
    said = of_many("We keep it for {} days, and show it to nobody but you.")
    content = wire(of_notice(said))
    _, text, html = parts(content)
    assert said.more == MANY - len(said.changes) > 0
    for part in (text, html):
        assert f"{said.more} more changes of this kind are on your page." in part
    link = re.search(r"https://\S+/n/\S+", text)
    assert link is not None
    assert f'<a href="{link[0]}">See all changes</a>' in html
    assert text.count(link[0]) == 2
    assert len(content) < 100_000


def test_in_another_script_fewer_changes_are_told_so_that_no_program_cuts_the_message() -> None:
    long = "Мы храним её {0} дней. " * 12
    said = of_many(long, "Уведомления")
    assert 10 < len(said.changes) < len(of_many("Kept for {} days.").changes)
    assert len(said.changes) + said.more == MANY
    assert len(wire(of_notice(said))) < 100_000


def test_a_summary_as_long_as_may_be_leaves_room_for_the_rest() -> None:
    summary = "改" * 2_000
    said = of_many("Мы храним её {0} дней. " * 12, summary=summary)
    assert len(said.changes) > 3
    content = wire(of_notice(said))
    assert summary in parts(content)[2]
    assert len(content) < 100_000

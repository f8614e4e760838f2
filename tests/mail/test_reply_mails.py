"""What members read after a reply: that it was received and what would follow, or why it was not filed."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.mail.compose import Letter
from portal.rules.objection import Refusal
from tests.support.mails import AT, SENDER, each_kind, parts, refused_reply, wire

LINK = f"{SENDER.portal}/n/t"


def plain(letter: Letter) -> str:
    return " ".join(parts(wire(letter))[1].split())


@pytest.mark.parametrize(
    ("refusal", "more", "words"),
    [
        ("late", {}, "your time to object ended on 1 March 2026, 10:30 (Europe/Berlin)"),
        ("late", {"closes_at": None}, "your time to object was over"),
        ("late", {}, "Your page shows them. It also shows how your time was counted."),
        (
            "already_objected",
            {"objection": SimpleNamespace(number="XK4T", received_at=AT), "opt_out_instead": False},
            "Your objection XK4T, received on 1 March 2026, 10:30 (Europe/Berlin), is on record already",
        ),
        ("already_objected", {"opt_out_instead": False}, "An objection of yours was on record already"),
        ("no_objection_right", {}, "This policy gives no right to object"),
        ("nothing_to_object_to", {}, "Nothing in this version can be objected to"),
        ("account_closed", {"link": "", "opt_out_instead": False}, "Your account is closed already"),
        ("no_notice", {"opt_out_instead": False}, "This version does not concern your account"),
    ],
)
def test_a_refused_reply_says_why_and_what_is_left(refusal: str, more: dict[str, Any], words: str) -> None:
    assert refusal in list(Refusal)
    text = plain(refused_reply(refusal=refusal, **more))
    assert words in text
    assert ("stop single uses of your data" in text) == (
        refusal in ("late", "no_objection_right", "nothing_to_object_to")
    )
    assert ("Your page:" in text) == (refusal != "account_closed")
    assert "It was not you who wrote it?" in text


def test_who_has_nothing_to_stop_is_not_told_to_stop_it() -> None:
    late, no_right = [
        plain(refused_reply(refusal=why, opt_out_instead=False)) for why in ("late", "no_objection_right")
    ]
    assert "stop single uses" not in late + no_right
    assert "Your page shows how your time was counted." in late
    assert "counted" not in no_right


def test_a_reply_of_one_second_too_late_does_not_read_as_if_it_came_in_time() -> None:
    text = plain(refused_reply(refusal="late", closes_at=AT, received_at=AT + timedelta(seconds=1)))
    assert "On 1 March 2026, 10:30:01 (Europe/Berlin) we received a reply" in text
    assert "your time to object ended on 1 March 2026, 10:30 (Europe/Berlin)" in text


def test_it_says_that_a_program_answers_and_what() -> None:
    message, _, _ = parts(each_kind()["not_objected"])
    assert message.get_all("Auto-Submitted") == ["auto-replied"]
    assert message["In-Reply-To"] == "<a@example.org>"
    assert message["Subject"] == "Your reply about “Privacy policy” is not an objection"


def declared(**more: Any) -> Letter:
    told: dict[str, Any] = {
        "declaration": SimpleNamespace(number="7QKD", kind="objection", received_at=AT),
        "objection": None,
        "policy": "Privacy policy",
        "number": 2,
        "later": False,
        "zone": "Europe/Berlin",
        "purpose": "",
        "lifts": False,
        "purposes": ["Marketing", "News & more"],
        "held_until": AT,
        "frozen_earlier": None,
        "code": "1234 5678",
        "expires_at": AT,
        "link": f"{LINK}/answers/7QKD",
    }
    return Letter("confirm", told | more)


def test_the_code_for_a_reply_says_what_was_received_and_what_would_follow() -> None:
    text = plain(declared())
    for words in (
        "On 1 March 2026, 10:30 (Europe/Berlin) we received a reply to our mail, by which you object to version 2",
        "So far nothing has changed",
        "Your code: 1234 5678",
        "For Marketing and News & more, what we collected up to 1 March 2026, 10:30 (Europe/Berlin) stays under",
        "What we collect later comes under version 2.",
        "It was not you, or you have changed your mind? Then do not enter the code",
        f"{LINK}/answers/7QKD",
    ):
        assert words in text, words


def test_before_the_version_applies_it_says_until_when_instead_of_an_instant() -> None:
    text = plain(declared(held_until=None, number=1))
    assert "everything that we collect until version 1 applies to you stays under the terms before version 1." in text


def test_what_an_earlier_objection_keeps_is_not_told_away() -> None:
    text = plain(declared(number=3, frozen_earlier=2))
    assert "stays under version 2, whatever we publish later. What an earlier objection of yours froze" in text
    assert "froze stays where it is, under version 1. What we collect later comes under version 3." in text


def test_its_html_says_the_same() -> None:
    html = " ".join(parts(wire(declared()))[2].split())
    assert "For Marketing and News &amp; more, what we collected up to" in html
    assert "&amp;amp;" not in html

"""Limits of single domains: how they are written, how many messages they let go, and which answers ask for fewer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.mail.limits import BURST, Limits, granted, interval_of
from portal.mail.outcome import Stage, answered
from portal.mail.recipient import domain_of
from portal.settings import Settings
from portal.settings.values import for_domains

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_limits_are_read_and_a_star_is_for_all_others() -> None:
    found = Limits(for_domains(" Gmail.com = 600, xn--bcher-kva.example=5 ,*=100,"))
    asked = ("gmail.com", "xn--bcher-kva.example", "mail.gmail.com", "example.org", "")
    assert [found.of(domain) for domain in asked] == [600, 5, 100, 100, 0]
    assert found.any
    unlimited = Limits(for_domains("gmail.com=0, *=0"))
    assert not unlimited.any
    assert not Limits(for_domains("")).any
    assert Limits(for_domains("gmail.com=3")).of("example.org") == 0


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("gmail.com", "'gmail.com': write a number from 0"),
        ("gmail.com=many", "'gmail.com=many': write a number"),
        ("a.example=1, gmail.com=-1", "'gmail.com=-1': write a number"),
        ("gmail.com=1.5", "write a number"),
        ("gmail.com=²", "write a number"),
        ("gmail.com=1000001", "to 1000000 behind the ="),
        ("=5", "'=5': write DOMAIN=NUMBER"),
        ("*.com=5", r"'\*.com=5': write DOMAIN=NUMBER"),
        ("a@gmail.com=5", "'a@gmail.com=5': write DOMAIN=NUMBER"),
        ("bücher.example=5", "other letters of a domain as xn--"),
        ("gmail.com=5; example.org=6", "'gmail.com=5; example.org=6': write a number"),
        ("gmail.com=5, GMAIL.com=6", "'GMAIL.com=6': GMAIL.com has a number already"),
    ],
)
def test_a_limit_that_cannot_be_read_is_named_with_its_setting(given_: str, said: str) -> None:
    for name in ("mail_domain_rate", "mail_domain_at_once"):
        values: dict[str, Any] = {name: given_}
        with pytest.raises(ValidationError, match=said) as wrong:
            Settings(**values)
        assert wrong.value.errors()[0]["loc"] == (name,)


@given(
    st.integers(1, 100_000),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 1000)), min_size=1, max_size=30),
)
def test_a_domain_never_gets_more_than_its_rate_and_what_ten_seconds_hold(
    rate: int, asked: list[tuple[int, int]]
) -> None:
    spent, at, times = None, AT, []
    for seconds, wanted in asked:
        at += timedelta(seconds=seconds)
        found = granted(spent, rate, wanted, at)
        assert 0 <= found.number <= wanted
        assert found.next_at >= at
        if found.number < wanted:
            assert found.next_at > at
            assert granted(found.spent_until, rate, 1, found.next_at).number == 1
            assert granted(found.spent_until, rate, 1, found.next_at - timedelta(microseconds=1)).number == 0
        spent = found.spent_until
        times.append((at, found.number))
    for start, (since, _) in enumerate(times):
        got = 0
        for until, number in times[start:]:
            got += number
            assert got <= (until - since + max(BURST, interval_of(rate))) / interval_of(rate) + 1e-6


def test_a_domain_gets_its_rate_where_there_is_enough_to_send() -> None:
    spent, got = None, 0
    for second in range(0, 600, 5):
        found = granted(spent, 90, 1000, AT + timedelta(seconds=second))
        spent, got = found.spent_until, got + found.number
    assert got == 90 * 595 // 60 + 15


@pytest.mark.parametrize(
    ("stage", "code", "text", "too_many"),
    [
        (Stage.RCPT, 421, "4.7.28 Our system has detected an unusual rate of mail", True),
        (Stage.DATA, 421, "4.7.0 [TSS04] Messages temporarily deferred", True),
        (Stage.DATA, 421, "4.7.1 [TS01] Messages temporarily deferred", True),
        (Stage.RCPT, 451, "4.7.500 Server busy. Please try again later", True),
        (Stage.RCPT, 450, "4.2.1 The user is receiving mail at a rate that prevents delivery", True),
        (Stage.RCPT, 421, "Too many messages", True),
        (Stage.MAIL, 421, "4.7.28 from you", False),  # before it knows the recipient
        (Stage.RCPT, 450, "4.7.1 Try again later", False),
        (Stage.RCPT, 451, "4.7.0 Greylisted, come again", False),
        (Stage.RCPT, 421, "graylisting in action", False),
        (Stage.RCPT, 421, "4.3.2 The relay shuts down", False),
        (Stage.DATA, 421, "4.4.2 Timeout", False),
        (Stage.RCPT, 452, "4.2.2 Mailbox full", False),
        (Stage.RCPT, 450, "Try later", False),
        (Stage.RCPT, 550, "5.7.1 Too many", False),
        (Stage.DATA, 250, "4.7.28 taken all the same", False),
    ],
)
def test_answers_that_are_about_the_number_of_messages_are_told_from_others(
    stage: Stage,
    code: int,
    text: str,
    too_many: bool,  # noqa: FBT001
) -> None:
    assert answered(stage, code, text).too_many is too_many


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("Maria@Example.ORG", "example.org"),
        ('"a@b"@example.org', "example.org"),
        ("maria@bücher.example", "xn--bcher-kva.example"),
        ("märia@example.org", ""),
        ("", ""),
    ],
)
def test_a_domain_is_told_from_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain

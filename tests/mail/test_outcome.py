"""What many acceptances say, looked at together, is what each of them says."""

import pytest

from portal.mail.outcome import Stage, accepted, answered


@pytest.mark.parametrize(
    "odd",
    [
        "2.0.0 queued",
        "",
        " 2.0.0 a blank before and behind ",
        "2.1.5  two blanks",
        "2.0.0 for Rita@Example.org, queued",
        "2.0.0 not\tprintable\x1b[2J",
        "2.0.0 " + "long " * 200,
        "2.0.0 a bar | in it |",
    ],
)
def test_many_acceptances_say_what_each_says(odd: str) -> None:
    words = ["2.0.0 OK queued as 1A2B", odd, "OK"]
    recipients = ["otto@example.org", "rita@example.org", "ines@example.org"]
    each = [answered(Stage.DATA, 250, said, to) for said, to in zip(words, recipients, strict=True)]
    assert accepted(words, recipients) == each
    assert accepted([odd], ["rita@example.org"]) == each[1:2]


def test_no_acceptances_say_nothing() -> None:
    assert accepted([], []) == []

"""How long to wait before a message is tried again, and when to stop."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.mail.outcome import LONGEST_WAIT, Retries

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
RETRIES = Retries()


@given(st.integers(1, 30))
def test_the_wait_doubles_up_to_four_hours_and_is_spread_by_a_quarter(attempts: int) -> None:
    then = RETRIES.next_attempt(attempts, START, START)
    assert then is not None
    usual = min(timedelta(minutes=5) * 2 ** (attempts - 1), LONGEST_WAIT)
    assert usual * 0.75 - timedelta(seconds=1) <= then - START <= usual * 1.25


def test_messages_deferred_together_do_not_come_back_together() -> None:
    assert len({RETRIES.next_attempt(4, START, START) for _ in range(50)}) > 20


def test_after_five_days_nothing_is_tried_again() -> None:
    assert RETRIES.next_attempt(30, START, START + timedelta(days=4)) is not None
    assert RETRIES.next_attempt(30, START, START + timedelta(days=5)) is None

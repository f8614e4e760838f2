"""By when a request has to be answered."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.request import answer_by, extended_answer_by

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Pacific/Honolulu", "Etc/GMT+12")


def noon(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received_on", "last_day", "why"),
    [
        ("2026-03-05", "2026-04-04", "30 days end before the month does, which has 31"),
        ("2026-04-15", "2026-05-15", "a month of 30 days"),
        ("2026-02-01", "2026-03-01", "the month ends first, since February has 28 days"),
        ("2026-01-31", "2026-02-28", "February has no 31st"),
        ("2028-01-31", "2028-02-29", "nor in a leap year"),
        ("2026-01-30", "2026-02-28", "nor a 30th"),
        ("2026-12-31", "2027-01-30", "over the turn of the year"),
        ("2026-08-31", "2026-09-30", "September has no 31st"),
    ],
)
def test_thirty_days_and_a_month_are_both_kept(received_on: str, last_day: str, why: str) -> None:
    assert answer_by(noon(received_on), []).last_day == date.fromisoformat(last_day), why


def test_it_is_due_before_the_first_instant_of_the_day_after() -> None:
    due = answer_by(noon("2026-03-05"), ["Europe/Berlin"])
    assert due.closes_at == datetime(2026, 4, 4, 22, tzinfo=UTC)  # the clocks moved on 29 March


def test_the_day_of_receipt_is_the_local_one_and_does_not_count() -> None:
    late = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert answer_by(late, ["Europe/Berlin"]).last_day == date(2026, 4, 5)
    assert answer_by(late, ["UTC"]).last_day == date(2026, 4, 4)


def test_weekends_and_holidays_move_nothing() -> None:
    due = answer_by(noon("2026-03-06"), ["Europe/Berlin"])
    assert due.last_day == date(2026, 4, 5)  # Easter Sunday
    assert due.moved_past == ()


def test_of_several_zones_the_one_whose_day_ends_first_counts() -> None:
    zones = ["America/New_York", "Europe/Berlin", "Etc/GMT+12"]
    assert answer_by(noon("2026-03-05"), zones) == answer_by(noon("2026-03-05"), ["Europe/Berlin"])


@pytest.mark.parametrize(
    ("received_on", "last_day"),
    [("2026-03-05", "2026-06-05"), ("2026-11-30", "2027-02-28"), ("2026-01-31", "2026-04-30")],
)
def test_an_extension_makes_it_three_months_in_all(received_on: str, last_day: str) -> None:
    assert extended_answer_by(noon(received_on), []).last_day == date.fromisoformat(last_day)


@given(
    seconds=st.integers(0, 100 * 365 * 86_400),
    zones=st.lists(st.sampled_from(ZONES), max_size=4),
)
def test_it_is_never_later_than_a_month_or_thirty_days_in_any_of_the_zones(seconds: int, zones: list[str]) -> None:
    received_at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    due = answer_by(received_at, zones)
    assert due.closes_at > received_at + timedelta(days=26)
    assert due.closes_at <= received_at + timedelta(days=31, hours=1)
    assert all(due.closes_at <= answer_by(received_at, [zone]).closes_at for zone in zones)
    assert due.closes_at < extended_answer_by(received_at, zones).closes_at

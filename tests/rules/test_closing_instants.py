"""What holds for every closing instant, in every zone, whatever the clocks do."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from portal.rules.policy import DayCount, NoticeTerms
from portal.rules.window import deadline
from tests.rules.examples import at
from tests.rules.scenarios import instants, many, odd_zones

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
day_counts = st.sampled_from(DayCount)
objection_days = st.integers(10, 40)


@many
@given(instants, odd_zones, objection_days, st.sampled_from([DayCount.CALENDAR, DayCount.WORKING]))
def test_a_window_closes_at_the_first_second_of_a_local_day(
    opens: datetime, zone: str, days: int, count: DayCount
) -> None:
    ends = deadline(opens, NoticeTerms(objection_days=days, day_count=count, zone=zone))
    assert ends.last_day is not None
    assert local_day(ends.closes_at, zone) > ends.last_day
    second_before = local_day(ends.closes_at - timedelta(seconds=1), zone)
    assert second_before == ends.last_day or is_skipped(ends.last_day, zone)


@many
@given(instants, odd_zones, objection_days, day_counts, st.sampled_from([None, "DE", "EG"]))
def test_no_window_is_shorter_than_its_days(
    opens: datetime, zone: str, days: int, count: DayCount, holidays: str | None
) -> None:
    ends = deadline(opens, NoticeTerms(objection_days=days, day_count=count, zone=zone, holidays=holidays))
    clocks = offset(opens, zone) - offset(ends.closes_at, zone)
    length = ends.closes_at - opens
    if count is DayCount.ELAPSED:
        assert length == timedelta(hours=24 * days)
    else:
        # A day that the clocks skip may be the first after the last one; it makes the window longer, never shorter.
        assert length >= days * DAY + clocks - DAY * (abs(clocks) >= 20 * HOUR)
        assert length <= (days + 1 + len(ends.moved_past)) * DAY + max(clocks, timedelta()) + 2 * HOUR


@many
@given(instants, odd_zones, objection_days, day_counts)
def test_a_later_opening_never_closes_earlier(opens: datetime, zone: str, days: int, count: DayCount) -> None:
    terms = NoticeTerms(objection_days=days, day_count=count, zone=zone)
    assume(not is_repeated(opens, zone))
    assert deadline(opens, terms).closes_at <= deadline(opens + 5 * HOUR, terms).closes_at


def local_day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def offset(instant: datetime, zone: str) -> timedelta:
    return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def is_skipped(day: date, zone: str) -> bool:
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return local_day(at("1970-01-01") + timedelta(seconds=noon.timestamp()), zone) != day


def is_repeated(opens: datetime, zone: str) -> bool:
    """Whether the local day goes backwards within the next hours (Alaska, October 1867; Newfoundland at 00:01)."""
    return any(local_day(opens, zone) > local_day(opens + hours * HOUR, zone) for hours in range(6))

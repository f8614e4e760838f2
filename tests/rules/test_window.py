"""When a version takes effect for a member, when the window opens, when it closes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.rules.policy import DayCount, NoticeTerms
from portal.rules.window import Delivery, Window, deadline, first_instant, window
from tests.rules.examples import POSTED_AT, SENT_AT, SITE_ONLY, at, sent, version

SEEN_AT = at("2026-03-08 17:00")
RESENT_AT = at("2026-03-20 12:00")
A_SECOND = timedelta(seconds=1)
EARLY = at("2026-03-01 12:00")
FIRST, SECOND = frozenset({0}), frozenset({1})


@pytest.mark.parametrize(
    ("delivery", "effective_at", "opens_at"),
    [
        pytest.param(Delivery(), None, None, id="neither sent nor seen"),
        pytest.param(sent(), SENT_AT, SENT_AT, id="sent"),
        pytest.param(sent(POSTED_AT), POSTED_AT, POSTED_AT, id="sent in the instant of posting"),
        pytest.param(sent(POSTED_AT - A_SECOND), POSTED_AT, POSTED_AT, id="never before the posting"),
        pytest.param(sent(SENT_AT, RESENT_AT), SENT_AT, SENT_AT, id="sent twice: the first counts"),
        pytest.param(sent(bounced=FIRST), SENT_AT, None, id="bounced: in effect, but nobody was reached"),
        pytest.param(sent(SENT_AT, RESENT_AT, bounced=FIRST), SENT_AT, RESENT_AT, id="bounced, then sent again"),
        pytest.param(sent(SENT_AT, RESENT_AT, bounced=SECOND), SENT_AT, SENT_AT, id="the second sending bounced"),
        pytest.param(sent(SENT_AT, RESENT_AT, bounced=FIRST | SECOND), SENT_AT, None, id="both bounced"),
        pytest.param(Delivery(seen_at=SEEN_AT), None, None, id="seen, but neither sent nor refused"),
        pytest.param(Delivery(refused=True), None, None, id="refused, never seen"),
        pytest.param(Delivery(refused=True, seen_at=SEEN_AT), SEEN_AT, SEEN_AT, id="refused: the sight stands in"),
        pytest.param(Delivery((SENT_AT,), FIRST, seen_at=SEEN_AT), SENT_AT, SEEN_AT, id="bounced, then seen"),
        pytest.param(Delivery((SENT_AT,), FIRST, seen_at=EARLY), SENT_AT, SENT_AT, id="seen before sent, then bounced"),
        pytest.param(Delivery((SENT_AT,), seen_at=EARLY), SENT_AT, SENT_AT, id="seen before sent"),
        pytest.param(
            Delivery((SENT_AT,), refused=True, seen_at=EARLY), EARLY, EARLY, id="seen before sent, and refused once"
        ),
        pytest.param(
            Delivery((SENT_AT,), FIRST, refused=True, seen_at=SEEN_AT),
            SENT_AT,
            SEEN_AT,
            id="sent, bounced, refused, seen",
        ),
    ],
)
def test_what_is_known_of_a_mailed_notice_gives_the_instants(
    delivery: Delivery, effective_at: datetime | None, opens_at: datetime | None
) -> None:
    found = window(version(), delivery)
    assert (found.effective_at, found.opens_at) == (effective_at, opens_at)
    assert (found.closes_at is None) == (opens_at is None)


@pytest.mark.parametrize(
    "delivery", [Delivery(), sent(), sent(bounced=FIRST), Delivery(refused=True), Delivery(seen_at=SEEN_AT)]
)
def test_without_mail_posting_alone_counts(delivery: Delivery) -> None:
    terms = NoticeTerms(channels=SITE_ONLY)
    closes_at = at("2026-03-22 00:00")
    assert window(version(terms=terms), delivery) == Window(POSTED_AT, POSTED_AT, closes_at)


def test_without_a_right_to_object_a_window_opens_and_has_no_end() -> None:
    assert window(version(terms=NoticeTerms(objection_days=0)), sent()) == Window(SENT_AT, SENT_AT, None)


def test_a_closing_recorded_when_the_window_opened_is_kept() -> None:
    recorded = at("2026-03-25 00:00")
    assert window(version(), Delivery((SENT_AT,), closings={SENT_AT: recorded})).closes_at == recorded


def test_a_closing_recorded_for_a_bounced_sending_does_not_end_the_next_window() -> None:
    known = Delivery((SENT_AT, RESENT_AT), FIRST, closings={SENT_AT: at("2026-03-25 00:00")})
    assert window(version(), known).closes_at == at("2026-04-10 00:00")


@pytest.mark.parametrize(
    ("bounced", "named", "marked"),
    [
        (frozenset(), None, 1),
        (SECOND, None, 0),
        (FIRST, None, 1),
        (FIRST | SECOND, None, None),
        (frozenset(), 1, 0),
        (frozenset(), 2, 1),
        (frozenset(), 3, None),
        (frozenset(), 0, None),
        (frozenset(), -1, None),
        (FIRST, 1, None),
    ],
)
def test_a_bounce_marks_the_sending_it_names_else_the_latest_unbounced(
    bounced: frozenset[int], named: int | None, marked: int | None
) -> None:
    assert sent(SENT_AT, RESENT_AT, bounced=bounced).bounce_of(named) == marked


def test_a_bounce_without_any_sending_marks_none() -> None:
    assert Delivery().bounce_of(None) is None


@pytest.mark.parametrize(
    ("terms", "opens", "closes"),
    [
        pytest.param(
            NoticeTerms(zone="America/New_York"), "2026-03-02 04:30", "2026-03-22 04:00", id="across a change to summer"
        ),
        pytest.param(
            NoticeTerms(zone="America/New_York"), "2026-10-20 12:00", "2026-11-10 05:00", id="across a change to winter"
        ),
        pytest.param(NoticeTerms(zone="UTC"), "2026-03-01 00:00", "2026-03-22 00:00", id="opened at midnight"),
        pytest.param(NoticeTerms(zone="UTC"), "2026-03-01 23:59:59", "2026-03-22 00:00", id="opened a second before"),
        pytest.param(
            NoticeTerms(zone="Etc/GMT+12"), "2026-03-02 11:59:59", "2026-03-22 12:00", id="everywhere on Earth"
        ),
        pytest.param(
            NoticeTerms(zone="Pacific/Kiritimati"), "2026-03-01 10:00", "2026-03-22 10:00", id="first on Earth"
        ),
        pytest.param(
            NoticeTerms(zone="Africa/Cairo"), "2026-04-03 09:00", "2026-04-23 22:00", id="midnight is skipped"
        ),
        pytest.param(NoticeTerms(zone="America/Toronto"), "1919-03-10 12:00", "1919-03-31 04:30", id="inside the gap"),
        pytest.param(NoticeTerms(zone="Asia/Beirut"), "2026-03-08 09:00", "2026-03-28 22:00", id="Beirut in spring"),
        pytest.param(NoticeTerms(zone="Asia/Beirut"), "2025-10-05 09:00", "2025-10-25 22:00", id="back from midnight"),
        pytest.param(NoticeTerms(zone="America/Havana"), "2025-10-12 12:00", "2025-11-02 04:00", id="midnight twice"),
        pytest.param(
            NoticeTerms(zone="Australia/Lord_Howe"), "2026-03-16 00:00", "2026-04-05 13:30", id="half an hour"
        ),
        pytest.param(NoticeTerms(zone="America/St_Johns"), "2006-10-08 12:00", "2006-10-29 02:30", id="back at 00:01"),
        pytest.param(NoticeTerms(zone="America/St_Johns"), "2007-02-18 12:00", "2007-03-11 03:30", id="forth at 00:01"),
        pytest.param(
            NoticeTerms(zone="Pacific/Apia"), "2011-12-10 09:00", "2011-12-30 10:00", id="last before a lost day"
        ),
        pytest.param(
            NoticeTerms(zone="Pacific/Apia"), "2011-12-11 09:00", "2011-12-30 10:00", id="the last day is lost"
        ),
        pytest.param(
            NoticeTerms(zone="Pacific/Apia"), "2011-12-12 09:00", "2011-12-31 10:00", id="day after a lost day"
        ),
        pytest.param(NoticeTerms(objection_days=10), "2026-02-19 12:00", "2026-03-02 00:00", id="ten days"),
        pytest.param(
            NoticeTerms(day_count=DayCount.ELAPSED, zone="America/New_York"),
            "2026-03-02 04:30:07",
            "2026-03-22 04:30:07",
            id="elapsed, to the second",
        ),
    ],
)
def test_a_window_closes_as_its_days_are_counted(terms: NoticeTerms, opens: str, closes: str) -> None:
    assert deadline(at(opens), terms).closes_at == at(closes)


@pytest.mark.parametrize(
    ("region", "opens", "last_day", "moved_past"),
    [
        pytest.param("DE", "2026-03-14 09:00", date(2026, 4, 7), [3, 4, 5, 6], id="Good Friday to Easter Monday"),
        pytest.param(None, "2026-03-14 09:00", date(2026, 4, 3), [], id="no region, no holidays"),
        pytest.param("US", "2026-03-14 09:00", date(2026, 4, 3), [], id="Good Friday is no holiday there"),
        pytest.param(None, "2026-03-15 09:00", date(2026, 4, 6), [4, 5], id="a Saturday moves to Monday"),
        pytest.param("DE-BY", "2025-12-17 09:00", date(2026, 1, 7), [6], id="Epiphany in Bavaria"),
        pytest.param("DE", "2025-12-17 09:00", date(2026, 1, 6), [], id="Epiphany elsewhere"),
    ],
)
def test_working_days_move_the_last_day(region: str | None, opens: str, last_day: date, moved_past: list[int]) -> None:
    terms = NoticeTerms(day_count=DayCount.WORKING, zone="Europe/Berlin", holidays=region)
    counted = deadline(at(opens), terms)
    assert counted.last_day == last_day
    assert [day.day for day in counted.moved_past] == moved_past
    assert counted.closes_at == first_instant(last_day + timedelta(days=1), ZoneInfo("Europe/Berlin"))


def test_holidays_count_with_working_days_only() -> None:
    terms = NoticeTerms(zone="Europe/Berlin", holidays="DE")
    assert deadline(at("2026-03-14 09:00"), terms).last_day == date(2026, 4, 3)


def test_years_without_a_table_of_holidays_are_counted_by_weekends() -> None:
    terms = NoticeTerms(day_count=DayCount.WORKING, zone="Asia/Kolkata", holidays="IN")
    assert deadline(at("2050-03-05 09:00"), terms).last_day == date(2050, 3, 25)


def test_an_answer_is_in_time_until_the_closing_instant() -> None:
    ends = Window(SENT_AT, SENT_AT, RESENT_AT)
    assert ends.open_or_ahead(RESENT_AT - A_SECOND)
    assert not ends.open_or_ahead(RESENT_AT)
    assert ends.open_or_ahead(POSTED_AT), "the member may object before the mail is sent"


def test_an_answer_is_in_time_while_there_is_no_closing_instant() -> None:
    assert Window(SENT_AT, None, None).open_or_ahead(at("2099-01-01 00:00"))

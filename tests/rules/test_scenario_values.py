"""How the values of a scenario file are read: instants, and what may be left out."""

import pytest

from portal.rules.policy import Channel, NoticeTerms, Treatment
from portal.rules.scenario_file import read
from tests.rules.examples import at
from tests.rules.well_formed import OBJECTED, SENT, place_of, well_formed, with_value, written


@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-02T04:30:00",
        "2026-03-02",
        "2026-02-30T04:30:00Z",
        "2026-03-02T25:30:00Z",
        "2026-03-02T04:30:00+99:00",
        "yesterday",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
        "1772425800",
        "2026-03-02T04:30:00Ｚ",
    ],
)
def test_what_is_no_instant_with_an_offset_is_named(instant: str) -> None:
    assert place_of(with_value(instant, "questions", 0, "at")) == "questions[0].at"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("9999-12-20T00:00:00Z", ("versions", 1, "posted_at")),
        ("9999-12-20T00:00:00Z", ("events", SENT, "at")),
        ("0001-01-01T00:00:00Z", ("versions", 0, "posted_at")),
    ],
)
def test_an_instant_from_which_no_window_can_be_counted_is_named(value: str, path: tuple[str | int, ...]) -> None:
    assert place_of(with_value(value, *path)) == written(path)


def test_the_first_and_the_last_second_of_the_calendar_can_be_asked_about() -> None:
    scenario = with_value("0001-01-01T00:00:00Z", "members", 0, "joined_at")
    scenario["questions"][0]["at"] = "9999-12-31T23:59:59Z"
    assert read(scenario).questions[0].at == at("9999-12-31 23:59:59")


@pytest.mark.parametrize(
    ("written_as", "instant"),
    [
        ("2026-03-02T04:30:00Z", "2026-03-02 04:30:00"),
        ("2026-03-02T04:30:00.999999999Z", "2026-03-02 04:30:00"),
        ("2026-03-02T04:30:59.9+05:30", "2026-03-01 23:00:59"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02 04:30:00"),
        ("2026-03-02 04:30:00+00:00", "2026-03-02 04:30:00"),
    ],
)
def test_instants_are_read_as_utc_to_the_second(written_as: str, instant: str) -> None:
    assert read(with_value(written_as, "events", SENT, "at")).events[SENT].at == at(instant)


def test_a_file_with_a_scenario_key_is_that_scenario() -> None:
    assert read({"title": "an example", "scenario": well_formed(), "expected": {}}) == read(well_formed())


def test_what_may_be_left_out_has_its_usual_value() -> None:
    least = read({"policy": {}, "versions": [{"number": 1, "posted_at": "2026-01-05T09:00:00Z"}], "members": []})
    assert least.versions[0].terms == NoticeTerms()
    assert (least.versions[0].changes, least.events, least.questions) == ((), (), ())


def test_a_version_without_terms_of_its_own_has_the_policys() -> None:
    scenario = with_value({"channels": []}, "versions", 1, "notice")
    scenario["versions"][1]["purposes"] = {"marketing": "inseparable"}
    first, second = read(scenario).versions
    assert (first.terms.zone, first.terms.objection_days) == ("America/New_York", 20)
    assert first.treatments["marketing"] is Treatment.SEPARABLE
    assert second.terms == NoticeTerms(channels=frozenset({Channel.SITE})), "its own terms stand whole"
    assert second.treatments == {"marketing": Treatment.INSEPARABLE}


def test_a_purpose_that_only_one_version_treats_is_known() -> None:
    scenario = with_value({"marketing": "separable", "profiling": "opt_in"}, "versions", 1, "purposes")
    scenario["questions"][0]["purpose"] = "profiling"
    assert read(scenario).questions[0].purpose == "profiling"


@pytest.mark.parametrize("number", [-1, 0, 3, 10**30])
def test_events_may_name_a_version_that_is_not_there(number: int) -> None:
    assert read(with_value(number, "events", OBJECTED, "version")).events[OBJECTED].version == number


def test_a_list_of_changes_that_is_null_is_no_list() -> None:
    assert read(with_value(None, "events", OBJECTED, "changes")).events[OBJECTED].changes == ()

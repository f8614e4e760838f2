"""Purposes, treatments, notice terms, and what a version makes of them."""

import pytest

from portal.rules.errors import Malformed
from portal.rules.policy import Channel, DayCount, NoticeTerms, Treatment, treatments_from_json
from tests.rules.examples import version


def test_settings_left_out_take_the_usual_value() -> None:
    assert NoticeTerms.from_json({}) == NoticeTerms(
        channels=frozenset({Channel.SITE, Channel.ACCOUNT, Channel.EMAIL}),
        objection_days=20,
        day_count=DayCount.CALENDAR,
        zone="UTC",
        holidays=None,
    )


@pytest.mark.parametrize("channels", [[], ["site"], ["site", "site"]])
def test_the_site_is_always_a_channel(channels: list[str]) -> None:
    assert NoticeTerms.from_json({"channels": channels}).channels == {Channel.SITE}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"objection_days": 0},
        {"channels": ["email"], "objection_days": 10, "day_count": "elapsed", "zone": "Etc/GMT+12"},
        {"day_count": "working", "zone": "Europe/Berlin", "holidays": "DE-BY"},
        {"holidays": None},
    ],
)
def test_terms_are_read_as_they_were_written(given: dict[str, object]) -> None:
    terms = NoticeTerms.from_json(given)
    assert NoticeTerms.from_json(terms.to_json()) == terms


def test_terms_are_written_with_channels_in_their_order() -> None:
    terms = NoticeTerms.from_json({"channels": ["email", "account"], "zone": "Europe/Berlin", "holidays": "DE"})
    assert terms.to_json() == {
        "channels": ["site", "account", "email"],
        "objection_days": 20,
        "day_count": "calendar",
        "zone": "Europe/Berlin",
        "holidays": "DE",
    }


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([], "terms"),
        (None, "terms"),
        ({"days": 20}, "terms.days"),
        ({"chan nels": []}, 'terms["chan nels"]'),
        ({"channels": "email"}, "terms.channels"),
        ({"channels": ["site", "fax"]}, "terms.channels[1]"),
        ({"channels": [["site"]]}, "terms.channels[0]"),
        ({"objection_days": 1}, "terms.objection_days"),
        ({"objection_days": 9}, "terms.objection_days"),
        ({"objection_days": -10}, "terms.objection_days"),
        ({"objection_days": 36_526}, "terms.objection_days"),
        ({"objection_days": 10**30}, "terms.objection_days"),
        ({"objection_days": 20.0}, "terms.objection_days"),
        ({"objection_days": True}, "terms.objection_days"),
        ({"objection_days": "20"}, "terms.objection_days"),
        ({"objection_days": None}, "terms.objection_days"),
        ({"day_count": "business"}, "terms.day_count"),
        ({"day_count": ["calendar"]}, "terms.day_count"),
        ({"zone": "Europe/Bielefeld"}, "terms.zone"),
        ({"zone": "europe/berlin"}, "terms.zone"),
        ({"zone": "Europe"}, "terms.zone"),
        ({"zone": "localtime"}, "terms.zone"),
        ({"zone": "right/UTC"}, "terms.zone"),
        ({"zone": "../UTC"}, "terms.zone"),
        ({"zone": "UTC\0"}, "terms.zone"),
        ({"zone": ""}, "terms.zone"),
        ({"zone": None}, "terms.zone"),
        ({"zone": 1}, "terms.zone"),
        ({"holidays": "XX"}, "terms.holidays"),
        ({"holidays": "DE-XX"}, "terms.holidays"),
        ({"holidays": "DE-"}, "terms.holidays"),
        ({"holidays": "de"}, "terms.holidays"),
        ({"holidays": ""}, "terms.holidays"),
        ({"holidays": ["DE"]}, "terms.holidays"),
    ],
)
def test_malformed_terms_name_their_place(given: object, place: str) -> None:
    with pytest.raises(Malformed) as refused:
        NoticeTerms.from_json(given, "terms")
    assert refused.value.place == place


@pytest.mark.parametrize("days", [0, 10, 11, 20, 365, 36_525])
def test_no_days_or_ten_and_more_are_fine(days: int) -> None:
    assert NoticeTerms.from_json({"objection_days": days}).may_object == (days > 0)


def test_treatments_are_read_by_purpose() -> None:
    assert treatments_from_json({"marketing": "separable", "ai_training": "opt_in"}) == {
        "marketing": Treatment.SEPARABLE,
        "ai_training": Treatment.OPT_IN,
    }


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (["marketing"], "purposes"),
        ({"marketing": "optional"}, "purposes.marketing"),
        ({"marketing": None}, "purposes.marketing"),
        ({"marketing": {"separable": True}}, "purposes.marketing"),
        ({"direct mail": "both"}, 'purposes["direct mail"]'),
    ],
)
def test_malformed_treatments_name_their_place(given: object, place: str) -> None:
    with pytest.raises(Malformed) as refused:
        treatments_from_json(given)
    assert refused.value.place == place


def test_objectable_are_the_changes_with_a_separable_or_inseparable_purpose() -> None:
    mixed = version(2, "marketing ai_training", "", "ai_training", "service", "marketing profiling")
    assert mixed.objectable == {
        "c1": frozenset({"marketing"}),
        "c4": frozenset({"service"}),
        "c5": frozenset({"marketing", "profiling"}),
    }


def test_a_version_treats_only_what_it_touches() -> None:
    touching = version(2, "marketing", "ai_training")
    assert touching.treats("marketing", Treatment.SEPARABLE)
    assert touching.treats("ai_training", Treatment.OPT_IN)
    assert not touching.treats("marketing", Treatment.INSEPARABLE)
    assert not touching.treats("profiling", Treatment.SEPARABLE)
    assert not touching.treats("unheard_of", Treatment.SEPARABLE)


@pytest.mark.parametrize(
    ("purposes", "closing"),
    [({"marketing"}, False), ({"service"}, True), ({"marketing", "service"}, True), (set(), False)],
)
def test_one_inseparable_purpose_closes(purposes: set[str], *, closing: bool) -> None:
    assert version(2, "marketing service").closes(frozenset(purposes)) is closing

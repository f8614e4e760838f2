"""What is malformed in a scenario file is named by its place."""

from typing import Any

import pytest

from portal.rules.errors import Malformed
from portal.rules.scenario_file import read
from tests.rules.well_formed import (
    BOUNCED,
    CLOSED,
    CONSENTED,
    OBJECTED,
    OPTED_OUT,
    SENT,
    place_of,
    with_value,
    without,
    written,
)


@pytest.mark.parametrize("whole", [None, [], "scenario", 5, {"scenario": []}, {"scenario": None}])
def test_what_is_no_object_is_no_scenario(whole: object) -> None:
    assert place_of(whole) == ""


@pytest.mark.parametrize(
    "path",
    [
        ("policy",),
        ("versions",),
        ("members",),
        ("versions", 1, "number"),
        ("versions", 1, "posted_at"),
        ("versions", 1, "changes", 0, "id"),
        ("members", 0, "id"),
        ("members", 0, "joined_at"),
        ("events", SENT, "at"),
        ("events", SENT, "type"),
        ("events", SENT, "member"),
        ("events", SENT, "version"),
        ("events", BOUNCED, "version"),
        ("events", OBJECTED, "version"),
        ("events", CONSENTED, "version"),
        ("events", CONSENTED, "purpose"),
        ("events", OPTED_OUT, "purpose"),
        ("events", CLOSED, "member"),
        ("questions", 0, "member"),
        ("questions", 0, "purpose"),
        ("questions", 0, "collected_at"),
        ("questions", 0, "at"),
    ],
    ids=written,
)
def test_what_is_missing_is_named(path: tuple[str | int, ...]) -> None:
    assert place_of(without(*path)) == written(path)


@pytest.mark.parametrize(
    "path",
    [
        ("title",),
        ("policy", "name"),
        ("policy", "notice", "days"),
        ("versions", 1, "summary"),
        ("versions", 1, "changes", 0, "text"),
        ("members", 1, "email"),
        ("events", SENT, "sending"),
        ("events", SENT, "changes"),
        ("events", SENT, "purpose"),
        ("events", CLOSED, "version"),
        ("events", OPTED_OUT, "version"),
        ("events", OBJECTED, "purpose"),
        ("questions", 0, "version"),
    ],
    ids=written,
)
def test_an_unknown_key_is_named(path: tuple[str | int, ...]) -> None:
    assert place_of(with_value("x", *path)) == written(path)


@pytest.mark.parametrize(
    "path",
    [
        ("policy",),
        ("policy", "notice"),
        ("policy", "purposes"),
        ("policy", "slug"),
        ("versions",),
        ("versions", 1),
        ("versions", 1, "number"),
        ("versions", 1, "posted_at"),
        ("versions", 1, "changes"),
        ("versions", 1, "changes", 0),
        ("versions", 1, "changes", 0, "id"),
        ("versions", 1, "changes", 0, "purposes"),
        ("versions", 1, "notice"),
        ("versions", 1, "purposes"),
        ("members",),
        ("members", 0),
        ("members", 0, "id"),
        ("members", 0, "joined_at"),
        ("members", 0, "joined_on"),
        ("events",),
        ("events", SENT),
        ("events", SENT, "at"),
        ("events", SENT, "type"),
        ("events", SENT, "member"),
        ("events", SENT, "version"),
        ("events", BOUNCED, "sending"),
        ("events", OBJECTED, "changes"),
        ("events", CONSENTED, "purpose"),
        ("questions",),
        ("questions", 0),
        ("questions", 0, "member"),
        ("questions", 0, "purpose"),
        ("questions", 0, "collected_at"),
        ("questions", 0, "at"),
    ],
    ids=written,
)
@pytest.mark.parametrize("value", [False, 1.5, ""], ids=repr)
def test_a_value_of_the_wrong_kind_is_named(path: tuple[str | int, ...], value: object) -> None:
    assert place_of(with_value(value, *path)) == written(path)


@pytest.mark.parametrize(
    ("value", "path", "place"),
    [
        ("fax", ("events", SENT, "type"), "events[0].type"),
        ("m9", ("events", SENT, "member"), "events[0].member"),
        ("m9", ("questions", 0, "member"), "questions[0].member"),
        ("profiling", ("questions", 0, "purpose"), "questions[0].purpose"),
        ("profiling", ("events", CONSENTED, "purpose"), "events[3].purpose"),
        ("profiling", ("events", OPTED_OUT, "purpose"), "events[4].purpose"),
        ("profiling", ("versions", 1, "changes", 0, "purposes", 0), "versions[1].changes[0].purposes[0]"),
        ({"profiling": "opt_in"}, ("versions", 1, "purposes"), "versions[1].changes[0].purposes[0]"),
        (9, ("policy", "notice", "objection_days"), "policy.notice.objection_days"),
        ({"objection_days": 1}, ("versions", 1, "notice"), "versions[1].notice.objection_days"),
        ({"marketing": "both"}, ("versions", 1, "purposes"), "versions[1].purposes.marketing"),
        (3, ("versions", 1, "number"), "versions[1].number"),
        (1, ("versions", 1, "number"), "versions[1].number"),
        ("2026-01-05T09:00:00Z", ("versions", 1, "posted_at"), "versions[1].posted_at"),
        ("2026-01-05T09:00:00.999Z", ("versions", 1, "posted_at"), "versions[1].posted_at"),
        ("2026-01-01T00:00:00Z", ("versions", 1, "posted_at"), "versions[1].posted_at"),
        ("c1", ("versions", 1, "changes", 1, "id"), "versions[1].changes[1].id"),
        ("m1", ("members", 1, "id"), "members[1].id"),
        (3, ("members", 1, "joined_on"), "members[1].joined_on"),
        (-1, ("members", 1, "joined_on"), "members[1].joined_on"),
        (["c1", 2], ("events", OBJECTED, "changes"), "events[2].changes[1]"),
        ({}, ("events", OBJECTED, "changes"), "events[2].changes"),
    ],
)
def test_a_value_that_is_not_known_or_does_not_fit_is_named(
    value: object, path: tuple[str | int, ...], place: str
) -> None:
    assert place_of(with_value(value, *path)) == place


def test_a_key_that_is_no_word_is_quoted_in_the_place() -> None:
    assert place_of(with_value(1, "policy", "a\nb")) == 'policy["a\\nb"]'


def test_a_long_or_nested_value_is_shown_in_short() -> None:
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    for value in (nested, "x" * 100_000, list(range(100_000))):
        with pytest.raises(Malformed) as refused:
            read(with_value(value, "policy", "notice", "objection_days"))
        assert len(str(refused.value)) < 300

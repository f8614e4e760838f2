"""What holds for every scenario."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st

from portal.rules.scenario_answer import zulu
from tests.rules.scenarios import (
    Json,
    answer,
    answers,
    instants,
    known_at_the_question,
    many,
    objected,
    purposes,
    scenarios,
    window_of,
    with_events,
)

DAY = timedelta(days=1)


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def happening(kind: str, when: str, **parts: Any) -> Json:
    return {"at": when, "type": kind, **parts}


def rank(found: Json) -> int:
    """A governing version as a number: none is lower than all."""
    return found["version"] or 0


# Windows


@many
@given(scenarios())
def test_instants_of_a_window_come_in_their_order(scenario: Json) -> None:
    posted = {version["number"]: version["posted_at"] for version in scenario["versions"]}
    for window in answers(scenario)["windows"]:
        effective_at, opens_at, closes_at = window["effective_at"], window["opens_at"], window["closes_at"]
        assert effective_at is None or posted[window["version"]] <= effective_at
        assert opens_at is None or effective_at <= opens_at
        assert closes_at is None or moment(opens_at) + 8 * DAY < moment(closes_at), "ten days, and a day may be skipped"


@many
@given(scenarios(), st.integers(1, 4), st.none() | st.integers(1, 3))
def test_a_bounce_never_moves_the_effective_instant_and_never_opens_a_window_earlier(
    scenario: Json, number: int, sending: int | None
) -> None:
    number = min(number, len(scenario["versions"]))
    bounce = happening("bounced", "2200-01-01T00:00:00Z", member="m1", version=number)
    bounced = with_events(scenario, bounce if sending is None else bounce | {"sending": sending})
    before, after = window_of(scenario, "m1", number), window_of(bounced, "m1", number)
    assume(before is not None)
    assert before is not None
    assert after is not None
    assert after["effective_at"] == before["effective_at"]
    assert after["opens_at"] is None or after["opens_at"] >= before["opens_at"]


# Questions


@many
@given(scenarios())
def test_an_answer_is_not_affected_by_later_events(scenario: Json) -> None:
    assert answer(known_at_the_question(scenario)) == answer(scenario)


@many
@given(scenarios(), st.randoms(use_true_random=False))
def test_file_order_matters_only_between_equal_instants(scenario: Json, chance: Any) -> None:
    order = {instant: chance.random() for instant in sorted({event["at"] for event in scenario["events"]})}
    shuffled = scenario | {"events": sorted(scenario["events"], key=lambda event: order[event["at"]])}
    assert answers(shuffled) == answers(scenario)


@many
@given(scenarios())
def test_what_other_members_do_does_not_matter(scenario: Json) -> None:
    asked = scenario["questions"][0]["member"]
    alone = scenario | {
        "members": [member for member in scenario["members"] if member["id"] == asked],
        "events": [event for event in scenario["events"] if event["member"] == asked],
    }
    found, found_alone = answers(scenario), answers(alone)
    assert found_alone["answers"] == found["answers"]
    for key in ("windows", "rejected"):
        assert found_alone[key] == [entry for entry in found[key] if entry["member"] == asked]


@many
@given(scenarios())
def test_only_opt_outs_and_closures_forbid(scenario: Json) -> None:
    found = answer(scenario)
    event(found["basis"])
    assert found["allowed"] == (found["basis"] not in ("opted_out", "account_closed"))
    if found["basis"] == "account_closed":
        assert found["version"] is None


@many
@given(scenarios())
def test_an_opt_out_forbids_always_and_opting_in_alone_brings_the_purpose_back(scenario: Json) -> None:
    asked = scenario["questions"][0]
    purpose = {"member": asked["member"], "purpose": asked["purpose"]}
    opted_in = with_events(scenario, happening("opted_in", asked["at"], **purpose))
    opted_out = with_events(opted_in, happening("opted_out", asked["at"], **purpose))
    consented = with_events(opted_out, happening("consented", asked["at"], version=1, **purpose))
    before, after = answer(opted_in), answer(opted_out)
    assume(before["basis"] != "account_closed")
    assert before["allowed"]
    assert after == {"version": before["version"], "allowed": False, "basis": "opted_out"}
    assert not answer(consented)["allowed"]


@many
@given(scenarios())
def test_nothing_is_allowed_once_the_account_is_closed(scenario: Json) -> None:
    asked = scenario["questions"][0]
    closed = with_events(scenario, happening("closed", asked["at"], member=asked["member"]))
    assert answer(closed) == {"version": None, "allowed": False, "basis": "account_closed"}


# Objections


@many
@given(scenarios(), st.integers(1, 4))
def test_a_withdrawn_objection_leaves_no_trace(scenario: Json, number: int) -> None:
    asked = scenario["questions"][0]
    named = {"member": asked["member"], "version": min(number, len(scenario["versions"]))}
    withdrawn = with_events(scenario, happening("withdrawn", asked["at"], **named))
    assert answer(withdrawn) == answer(
        scenario | {"events": [e for e in scenario["events"] if not answers_to(e, named)]}
    )


@many
@given(objected(["separable", "inseparable"]))
def test_withdrawing_after_the_window_never_lowers_the_governing_version(scenario: Json) -> None:
    scenario["questions"][0]["at"] = asked_at = "2190-01-01T00:00:00Z"
    window = window_of(scenario, "m1", 2)
    assume(window is not None and window["closes_at"] is not None)
    before = rank(answer(scenario))
    after = rank(answer(with_events(scenario, happening("withdrawn", asked_at, member="m1", version=2))))
    event("it rises" if after > before else "it stays")
    assert after >= before


@many
@given(objected(["separable"]))
def test_a_freeze_survives_whatever_is_published_later(scenario: Json) -> None:
    found = answer(scenario)
    event(f"{len(scenario['versions'])} versions, {found['basis']}")
    assert found["version"] == 1


@many
@given(objected(["inseparable"]), purposes, instants)
def test_a_closing_objection_holds_every_purpose_and_all_data(
    scenario: Json, purpose: str, collected_at: datetime
) -> None:
    asked = scenario["questions"][0] | {"purpose": purpose, "collected_at": zulu(collected_at)}
    assert answer(scenario | {"questions": [asked]})["version"] == 1


@many
@given(scenarios(), st.integers(1, 5), st.lists(st.sampled_from(["c1", "c2", "c9"]), max_size=2))
def test_a_refused_objection_leaves_no_trace(scenario: Json, number: int, named: list[str]) -> None:
    asked = scenario["questions"][0]
    objection = happening("objected", asked["at"], member=asked["member"], version=number, changes=named)
    before, after = answers(scenario), answers(with_events(scenario, objection))
    # An objection that is accepted may make later ones be refused; then it is not the refused one.
    assume(refused_at(asked["at"], after) > refused_at(asked["at"], before))
    event(next(entry["why"] for entry in reversed(after["rejected"]) if entry["at"] == asked["at"]))
    assert (after["windows"], after["answers"]) == (before["windows"], before["answers"])


def answers_to(happened: Json, named: Json) -> bool:
    """Whether the event is the member's objection to that version, or its withdrawal."""
    return happened["type"] in ("objected", "withdrawn") and happened | named == happened


def refused_at(instant: str, found: Json) -> int:
    return sum(entry["at"] == instant for entry in found["rejected"])

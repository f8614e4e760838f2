"""How events are played: in which order, and which are without effect."""

from typing import Any

import pytest

from tests.rules.scenarios import Json, answers, window_of

POSTED_AT, SENT_AT = "2026-03-01T09:00:00Z", "2026-03-02T04:30:00Z"
FIRST_POSTED_AT = "2026-01-05T09:00:00Z"
OPEN_WINDOW = {
    "member": "m1",
    "version": 2,
    "effective_at": SENT_AT,
    "opens_at": SENT_AT,
    "closes_at": "2026-03-23T00:00:00Z",
}
CLOSING_DAY_WINDOW = OPEN_WINDOW | {
    "effective_at": "2026-03-05T00:00:00Z",
    "opens_at": "2026-03-05T00:00:00Z",
    "closes_at": "2026-03-26T00:00:00Z",
}
TOLD_AT_ONCE = OPEN_WINDOW | {
    "effective_at": POSTED_AT,
    "opens_at": POSTED_AT,
    "closes_at": "2026-03-22T00:00:00Z",
}
UNTOLD = OPEN_WINDOW | {"effective_at": None, "opens_at": None, "closes_at": None}


def story(*events: Json, questions: list[Json] | None = None) -> Json:
    """Two versions, of which the second touches marketing and AI training, and a member of the first."""
    return {
        "policy": {"purposes": {"marketing": "separable", "service": "inseparable", "ai_training": "opt_in"}},
        "versions": [
            {"number": 1, "posted_at": FIRST_POSTED_AT},
            {
                "number": 2,
                "posted_at": POSTED_AT,
                "changes": [{"id": "c1", "purposes": ["marketing"]}, {"id": "c2", "purposes": ["ai_training"]}],
            },
        ],
        "members": [{"id": "m1", "joined_at": FIRST_POSTED_AT}],
        "events": list(events),
        "questions": questions or [],
    }


def happening(kind: str, at: str, version: int | None = 2, **parts: Any) -> Json:
    named = {} if version is None else {"version": version}
    return {"at": at, "type": kind, "member": "m1"} | named | parts


SENT = happening("sent", SENT_AT)
CLOSED = happening("closed", "2026-03-05T00:00:00Z", None)


@pytest.mark.parametrize(
    ("events", "window"),
    [
        pytest.param([], UNTOLD, id="nothing happened"),
        pytest.param([SENT], OPEN_WINDOW, id="sent"),
        pytest.param([happening("sent", "2026-03-01T08:59:59Z")], UNTOLD, id="sent before the posting"),
        pytest.param([happening("sent", POSTED_AT)], TOLD_AT_ONCE, id="sent in the instant of posting"),
        pytest.param(
            [happening("refused", POSTED_AT), happening("seen", SENT_AT), happening("seen", "2026-03-09T00:00:00Z")],
            OPEN_WINDOW,
            id="seen twice: the first counts",
        ),
        pytest.param([SENT, happening("seen", "2026-03-01T08:59:59Z")], OPEN_WINDOW, id="seen before the posting"),
        pytest.param(
            [happening("refused", "2026-03-01T08:59:59Z"), happening("seen", SENT_AT)], UNTOLD, id="refused before it"
        ),
        pytest.param([happening("sent", SENT_AT, 7)], UNTOLD, id="sent for a version that is not there"),
        pytest.param([happening("sent", SENT_AT, 1)], UNTOLD, id="sent for the version joined on"),
        pytest.param([CLOSED, happening("sent", "2026-03-05T00:00:00Z")], UNTOLD, id="sent after the closing"),
        pytest.param(
            [happening("sent", "2026-03-05T00:00:00Z"), CLOSED], CLOSING_DAY_WINDOW, id="sent in its instant, before it"
        ),
        pytest.param([SENT, CLOSED, happening("bounced", "2026-03-06T00:00:00Z")], OPEN_WINDOW, id="bounced after it"),
        pytest.param([happening("bounced", SENT_AT), SENT], OPEN_WINDOW, id="a bounce that finds no sending"),
        pytest.param(
            [SENT, happening("bounced", "2026-03-03T00:00:00Z", sending=2)], OPEN_WINDOW, id="a bounce of a missing one"
        ),
        pytest.param(
            [SENT, happening("bounced", "2026-03-03T00:00:00Z")],
            OPEN_WINDOW | {"opens_at": None, "closes_at": None},
            id="a bounce",
        ),
    ],
)
def test_only_what_happened_to_an_owed_notice_counts(events: list[Json], window: Json) -> None:
    assert window_of(story(*events), "m1", 2) == window


@pytest.mark.parametrize(
    ("consent", "governing"),
    [
        pytest.param(happening("consented", SENT_AT, purpose="ai_training"), 2, id="to this version"),
        pytest.param(happening("consented", "2026-03-01T08:59:59Z", purpose="ai_training"), 1, id="before its posting"),
        pytest.param(happening("consented", SENT_AT, 1, purpose="ai_training"), 1, id="to the version joined on"),
        pytest.param(happening("consented", SENT_AT, 7, purpose="ai_training"), 1, id="to a version that is not there"),
        pytest.param(happening("consented", SENT_AT, purpose="marketing"), 1, id="for another purpose"),
    ],
)
def test_a_consent_counts_from_the_posting_of_its_version(consent: Json, governing: int) -> None:
    asked = {"member": "m1", "purpose": "ai_training", "collected_at": FIRST_POSTED_AT, "at": "2026-05-01T00:00:00Z"}
    [found] = answers(story(SENT, consent, questions=[asked]))["answers"]
    assert found["version"] == governing


def test_a_consent_to_an_earlier_version_leaves_the_later_one_standing() -> None:
    asked = {"member": "m1", "purpose": "ai_training", "collected_at": FIRST_POSTED_AT, "at": "2026-06-01T00:00:00Z"}
    scenario = story(
        SENT,
        happening("sent", "2026-04-15T10:00:00Z", 3),
        happening("consented", "2026-04-16T00:00:00Z", 3, purpose="ai_training"),
        happening("consented", "2026-04-17T00:00:00Z", 2, purpose="ai_training"),
        questions=[asked],
    )
    changes = [{"id": "c1", "purposes": ["ai_training"]}]
    scenario["versions"].append({"number": 3, "posted_at": "2026-04-15T09:00:00Z", "changes": changes})
    assert answers(scenario)["answers"] == [{"version": 3, "allowed": True, "basis": "in_force"}]


def test_a_question_sees_the_events_of_its_own_instant() -> None:
    asked = {"member": "m1", "purpose": "service", "collected_at": FIRST_POSTED_AT}
    moments = ["2026-03-02T04:29:59Z", SENT_AT]
    found = answers(story(SENT, questions=[asked | {"at": moment} for moment in moments]))["answers"]
    assert [entry["version"] for entry in found] == [1, 2]


def test_answers_come_in_the_order_of_the_questions() -> None:
    asked = {"member": "m1", "purpose": "service", "collected_at": FIRST_POSTED_AT}
    moments = ["2026-05-01T00:00:00Z", FIRST_POSTED_AT, "2026-04-01T00:00:00Z"]
    found = answers(story(SENT, questions=[asked | {"at": moment} for moment in moments]))["answers"]
    assert [entry["version"] for entry in found] == [2, 1, 2]


def test_events_of_one_instant_are_played_in_file_order() -> None:
    objected, withdrawn = happening("objected", SENT_AT), happening("withdrawn", SENT_AT)
    in_order = answers(story(SENT, objected, withdrawn, withdrawn, objected, objected))["rejected"]
    assert [entry["why"] for entry in in_order] == ["no_objection", "already_objected"]


def test_rejections_come_in_the_order_in_which_they_happened() -> None:
    late = happening("objected", "2026-04-01T00:00:00Z")
    early = happening("withdrawn", "2026-03-10T00:00:00+01:00", 9)
    assert answers(story(SENT, late, early))["rejected"] == [
        {"at": "2026-03-09T23:00:00Z", "member": "m1", "version": 9, "why": "no_objection"},
        {"at": "2026-04-01T00:00:00Z", "member": "m1", "version": 2, "why": "late"},
    ]


def test_a_second_closing_is_without_effect() -> None:
    asked = {"member": "m1", "purpose": "service", "collected_at": FIRST_POSTED_AT, "at": "2026-06-01T00:00:00Z"}
    again = happening("closed", "2026-02-01T00:00:00Z", None)
    found = answers(story(again, CLOSED, SENT, questions=[asked]))
    assert found["answers"] == [{"version": None, "allowed": False, "basis": "account_closed"}]
    assert found["windows"] == [], "closed before the posting: not concerned, whatever closed it again"


def test_a_member_may_be_named_as_being_on_an_older_or_newer_version() -> None:
    scenario = story(SENT)
    scenario["members"] = [{"id": "m1", "joined_at": FIRST_POSTED_AT, "joined_on": 2}]
    assert window_of(scenario, "m1", 2) is None
    scenario["members"] = [{"id": "m1", "joined_at": "2026-06-01T00:00:00Z", "joined_on": 1}]
    asked = {"member": "m1", "purpose": "marketing", "collected_at": SENT_AT, "at": "2026-07-01T00:00:00Z"}
    scenario["questions"] = [asked]
    assert answers(scenario)["answers"] == [{"version": 1, "allowed": True, "basis": "in_force"}]


def test_later_versions_do_not_concern_a_closed_account_but_its_windows_stay() -> None:
    scenario = story(SENT, CLOSED)
    scenario["versions"].append({"number": 3, "posted_at": "2026-04-01T00:00:00Z"})
    assert answers(scenario)["windows"] == [OPEN_WINDOW]

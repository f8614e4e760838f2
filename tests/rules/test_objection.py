"""May a member object, what would follow, may it be taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.errors import RuleBroken
from portal.rules.objection import MESSAGES, Refusal, due_at, file, may_object, withdraw
from portal.rules.policy import NoticeTerms, Version
from portal.rules.standing import Objection, Standing
from tests.rules.examples import POSTED_AT, SENT_AT, at, on_version_1, sent, version

SECOND = timedelta(seconds=1)
CLOSES_AT = at("2026-03-23 00:00")
TOLD = on_version_1(deliveries={2: sent()})
FREEZE = Objection(received_at=SENT_AT, purposes=frozenset({"marketing"}), closing=False)
CLOSING = Objection(received_at=SENT_AT, purposes=frozenset({"service"}), closing=True)

# What is wrong, each alone, in the order in which the rules look at it.
WRONGS: list[Refusal] = [why for why in Refusal if why is not Refusal.NO_OBJECTION]


def refusal_of(wrongs: set[Refusal]) -> str:
    """The code of the refusal where all these things are wrong at once."""
    standing, told, named = TOLD, version(2), ["c1"]
    moment = CLOSES_AT if Refusal.LATE in wrongs else SENT_AT
    if Refusal.ACCOUNT_CLOSED in wrongs:
        standing = replace(standing, closed_at=SENT_AT)
    if Refusal.ALREADY_OBJECTED in wrongs:
        standing = replace(standing, objections={2: FREEZE})
    if Refusal.NO_NOTICE in wrongs:
        standing = replace(standing, joined_on=2)
    if Refusal.NOTHING_TO_OBJECT_TO in wrongs:
        told = version(2, "ai_training", "")
    if Refusal.NO_OBJECTION_RIGHT in wrongs:
        told = replace(told, terms=NoticeTerms(objection_days=0))
    if Refusal.UNKNOWN_CHANGE in wrongs:
        named = ["c1", "c9"]
    with pytest.raises(RuleBroken) as refused:
        file(told, standing, moment, named)
    return refused.value.code


@given(st.sets(st.sampled_from(WRONGS), min_size=1))
def test_of_several_reasons_the_first_in_the_rules_order_is_given(wrongs: set[Refusal]) -> None:
    assert refusal_of(wrongs) == next(why for why in WRONGS if why in wrongs)


def test_the_order_is_the_one_of_the_rules() -> None:
    assert WRONGS == [
        "account_closed",
        "no_objection_right",
        "no_notice",
        "nothing_to_object_to",
        "already_objected",
        "late",
        "unknown_change",
    ]


def test_every_refusal_has_its_words() -> None:
    assert set(MESSAGES) == set(Refusal)
    assert all(text.endswith(".") for text in MESSAGES.values())


@pytest.mark.parametrize(
    ("told", "standing", "code"),
    [
        (None, TOLD, "no_notice"),
        (None, replace(TOLD, closed_at=SENT_AT), "account_closed"),
        (version(2, posted_at=SENT_AT + SECOND), on_version_1(), "no_notice"),
        (
            version(2, posted_at=SENT_AT + SECOND, terms=NoticeTerms(objection_days=0)),
            on_version_1(),
            "no_objection_right",
        ),
    ],
)
def test_versions_that_are_not_there_or_not_yet_posted(told: Version | None, standing: Standing, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        may_object(told, standing, SENT_AT)
    assert refused.value.code == code


def test_objection_in_the_last_second_counts() -> None:
    assert file(version(2), TOLD, CLOSES_AT - SECOND).received_at == CLOSES_AT - SECOND


def test_late_names_the_deadline() -> None:
    with pytest.raises(RuleBroken) as refused:
        file(version(2), TOLD, CLOSES_AT)
    assert refused.value.facts == {"closes_at": CLOSES_AT}


def test_unknown_change_names_the_changes() -> None:
    with pytest.raises(RuleBroken) as refused:
        file(version(2, "marketing", "", "ai_training"), TOLD, SENT_AT, ["c1", "c2", "c3", "c4"])
    assert refused.value.facts == {"changes": ["c2", "c3", "c4"]}


def test_member_may_object_in_the_instant_of_posting_before_any_mail() -> None:
    assert file(version(2), on_version_1(), POSTED_AT).received_at == POSTED_AT


def test_member_who_was_never_reached_may_object_at_any_time() -> None:
    bounced = on_version_1(deliveries={2: sent(bounced=frozenset({0}))})
    assert file(version(2), bounced, at("2029-01-01 00:00"))


@pytest.mark.parametrize(
    ("chosen", "purposes", "closing"),
    [
        pytest.param([], {"marketing", "profiling", "service"}, True, id="no list: all objectable changes"),
        pytest.param(["c1"], {"marketing"}, False, id="never an opt-in purpose"),
        pytest.param(["c2"], {"profiling", "service"}, True, id="one inseparable purpose closes"),
        pytest.param(["c1", "c2"], {"marketing", "profiling", "service"}, True, id="both"),
        pytest.param(["c1", "c1"], {"marketing"}, False, id="named twice"),
    ],
)
def test_an_objection_covers_the_purposes_of_its_changes(
    chosen: list[str], purposes: set[str], *, closing: bool
) -> None:
    mixed = version(2, "marketing ai_training", "profiling service", "", "ai_training")
    assert file(mixed, TOLD, SENT_AT, chosen) == Objection(SENT_AT, frozenset(purposes), closing)


def test_an_objection_that_was_withdrawn_may_be_filed_again() -> None:
    objected = replace(TOLD, objections={2: FREEZE})
    assert withdraw(version(2), objected) == FREEZE
    assert file(version(2), TOLD, SENT_AT)


@pytest.mark.parametrize(
    ("told", "standing", "code"),
    [
        (version(2), TOLD, "no_objection"),
        (None, TOLD, "no_objection"),
        (version(3), replace(TOLD, objections={2: FREEZE}), "no_objection"),
        (version(2), replace(TOLD, objections={2: FREEZE}, closed_at=SENT_AT), "account_closed"),
        (None, replace(TOLD, closed_at=SENT_AT), "account_closed"),
    ],
)
def test_a_withdrawal_needs_an_open_account_and_an_objection(
    told: Version | None, standing: Standing, code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        withdraw(told, standing)
    assert refused.value.code == code


def test_a_closing_objection_falls_due_when_the_window_closes() -> None:
    assert due_at(version(2, "service"), TOLD, CLOSING) == CLOSES_AT


def test_where_no_window_opened_yet_it_falls_due_as_if_one_had_at_its_receipt() -> None:
    early = replace(CLOSING, received_at=POSTED_AT)
    assert due_at(version(2, "service"), on_version_1(), early) == at("2026-03-22 00:00")

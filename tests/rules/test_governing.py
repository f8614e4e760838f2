"""Which version governs one piece of data, for one purpose, at one instant."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.rules.governing import Answer, Basis, governing, newest_in_effect
from portal.rules.policy import NoticeTerms, Version
from portal.rules.standing import Objection, Standing
from portal.rules.window import Delivery
from tests.rules.examples import JOINED_AT, POSTED_AT, SENT_AT, SITE_ONLY, at, on_version_1, sent, version

SECOND = timedelta(seconds=1)
OLD = at("2026-02-01 00:00")
CLOSES_AT = at("2026-03-23 00:00")
LATER = at("2026-08-01 00:00")
RECEIVED_AT = at("2026-03-10 00:00")
FREEZE = Objection(RECEIVED_AT, frozenset({"marketing"}), closing=False)
CLOSING = Objection(RECEIVED_AT, frozenset({"service"}), closing=True)
THIRD_AT = at("2026-04-15 09:00")
V1 = version(1, "", posted_at=at("2026-01-05 09:00"))
V2 = version(2, "marketing", "service", "ai_training")
V3 = version(3, "marketing", posted_at=THIRD_AT)
TOLD = on_version_1(deliveries={2: sent()})
TOLD_TWICE = on_version_1(deliveries={2: sent(), 3: sent(THIRD_AT)})


def answer(
    standing: Standing, purpose: str = "marketing", collected: datetime = OLD, now: datetime = LATER, *versions: Version
) -> Answer:
    return governing(versions or (V1, V2), standing, purpose, collected, now)


def test_before_the_notice_is_sent_the_old_version_is_in_force() -> None:
    assert answer(on_version_1(), now=SENT_AT) == Answer(1, allowed=True, basis=Basis.IN_FORCE, because_of=1)


@pytest.mark.parametrize(
    ("now", "version_number", "basis"),
    [
        (SENT_AT - SECOND, 1, Basis.IN_FORCE),
        (SENT_AT, 1, Basis.WINDOW_OPEN),
        (CLOSES_AT - SECOND, 1, Basis.WINDOW_OPEN),
        (CLOSES_AT, 2, Basis.IN_FORCE),
    ],
)
def test_separable_data_waits_for_the_answer_until_the_window_closes(
    now: datetime, version_number: int, basis: Basis
) -> None:
    found = answer(TOLD, now=now)
    assert (found.version, found.basis) == (version_number, basis)


def test_new_data_waits_like_old_data() -> None:
    assert answer(TOLD, collected=RECEIVED_AT, now=RECEIVED_AT).basis is Basis.WINDOW_OPEN


def test_inseparable_data_does_not_wait() -> None:
    assert answer(TOLD, "service", now=SENT_AT).version == 2


def test_without_a_right_to_object_nothing_waits() -> None:
    announced = replace(V2, terms=NoticeTerms(channels=SITE_ONLY, objection_days=0))
    assert answer(on_version_1(), "marketing", OLD, POSTED_AT, V1, announced).version == 2


def test_a_purpose_that_is_not_touched_does_not_wait() -> None:
    assert answer(TOLD, "profiling", now=SENT_AT).version == 2


def test_a_bounce_keeps_the_data_waiting() -> None:
    bounced = on_version_1(deliveries={2: sent(bounced=frozenset({0}))})
    assert answer(bounced).basis is Basis.WINDOW_OPEN


@pytest.mark.parametrize(
    ("collected", "frozen"), [(OLD, True), (RECEIVED_AT, True), (RECEIVED_AT + SECOND, False), (LATER, False)]
)
def test_a_freeze_holds_what_was_collected_until_it_was_received(collected: datetime, *, frozen: bool) -> None:
    found = answer(replace(TOLD, objections={2: FREEZE}), collected=collected)
    assert found.version == (1 if frozen else 2)
    assert found.basis is (Basis.OBJECTION if frozen else Basis.IN_FORCE)


@pytest.mark.parametrize(("collected", "frozen"), [(SENT_AT, True), (SENT_AT + SECOND, False)])
def test_a_freeze_received_before_the_mail_holds_what_was_collected_until_it_was_sent(
    collected: datetime, *, frozen: bool
) -> None:
    early = replace(FREEZE, received_at=POSTED_AT)
    assert answer(replace(TOLD, objections={2: early}), collected=collected).version == (1 if frozen else 2)


def test_a_freeze_of_a_version_passed_over_holds_all_data() -> None:
    passed_over = on_version_1(deliveries={3: sent(THIRD_AT)}, objections={2: FREEZE})
    found = answer(passed_over, "marketing", LATER, LATER, V1, V2, V3)
    assert found == Answer(1, allowed=True, basis=Basis.OBJECTION, because_of=2)


def test_a_freeze_leaves_other_purposes_alone() -> None:
    touching = version(2, "marketing", "profiling")
    frozen = replace(TOLD, objections={2: FREEZE})
    assert answer(frozen, "profiling", OLD, SENT_AT, V1, touching).basis is Basis.IN_FORCE


@pytest.mark.parametrize("purpose", ["marketing", "service", "ai_training", "profiling"])
@pytest.mark.parametrize("collected", [OLD, LATER])
def test_a_closing_objection_holds_every_purpose_and_all_data(purpose: str, collected: datetime) -> None:
    found = answer(replace(TOLD, objections={2: CLOSING}), purpose, collected)
    assert found == Answer(1, allowed=True, basis=Basis.OBJECTION, because_of=2)


def test_a_freeze_outlives_later_versions() -> None:
    frozen = replace(TOLD_TWICE, objections={2: FREEZE})
    assert answer(frozen, "marketing", OLD, LATER, V1, V2, V3).version == 1
    assert answer(frozen, "marketing", LATER, LATER, V1, V2, V3).version == 3


def test_the_lowest_cap_wins() -> None:
    objected_twice = replace(TOLD_TWICE, objections={2: FREEZE, 3: FREEZE})
    assert answer(objected_twice, "marketing", OLD, LATER, V1, V2, V3).because_of == 2
    only_the_later = replace(TOLD_TWICE, objections={3: replace(FREEZE, received_at=THIRD_AT)})
    assert answer(only_the_later, "marketing", OLD, LATER, V1, V2, V3).because_of == 3


def test_a_version_passed_over_caps_like_an_open_window() -> None:
    passed_over = on_version_1(deliveries={3: sent(THIRD_AT)})
    assert answer(passed_over, "marketing", LATER, LATER, V1, V2, V3).basis is Basis.WINDOW_OPEN
    assert answer(passed_over, "service", OLD, LATER, V1, V2, V3).version == 3


@pytest.mark.parametrize(
    ("consents", "collected", "version_number"),
    [
        pytest.param({}, SENT_AT, 1, id="silence keeps existing data"),
        pytest.param({}, SENT_AT + SECOND, 2, id="new data is new"),
        pytest.param({"ai_training": 2}, OLD, 2, id="consent"),
        pytest.param({"ai_training": 3}, OLD, 2, id="consent to a later version"),
        pytest.param({"ai_training": 1}, OLD, 1, id="consent to an earlier version"),
        pytest.param({"marketing": 2}, OLD, 1, id="consent to something else"),
    ],
)
def test_opt_in_data_needs_a_consent(consents: dict[str, int], collected: datetime, version_number: int) -> None:
    found = answer(replace(TOLD, consents=consents), "ai_training", collected)
    assert found.version == version_number
    assert found.basis is (Basis.CONSENT_MISSING if version_number == 1 else Basis.IN_FORCE)


def test_opt_in_data_of_a_version_passed_over_all_needs_a_consent() -> None:
    passed_over = on_version_1(deliveries={3: sent(THIRD_AT)})
    assert answer(passed_over, "ai_training", LATER, LATER, V1, V2, V3).basis is Basis.CONSENT_MISSING


def test_a_freeze_does_not_replace_a_consent() -> None:
    frozen = replace(TOLD, objections={2: FREEZE})
    assert answer(frozen, "ai_training", OLD).basis is Basis.CONSENT_MISSING


def test_an_opt_out_forbids_and_keeps_the_version() -> None:
    opted_out = replace(TOLD, opted_out=frozenset({"marketing"}))
    assert answer(opted_out, now=SENT_AT) == Answer(1, allowed=False, basis=Basis.OPTED_OUT, because_of=2)
    assert answer(opted_out) == Answer(2, allowed=False, basis=Basis.OPTED_OUT, because_of=2)
    assert answer(opted_out, "service").allowed


def test_a_closed_account_has_no_version() -> None:
    closed = replace(TOLD, closed_at=SENT_AT, opted_out=frozenset({"marketing"}), objections={2: CLOSING})
    assert answer(closed) == Answer(None, allowed=False, basis=Basis.ACCOUNT_CLOSED)


@pytest.mark.parametrize(
    ("delivery", "found"),
    [
        pytest.param(Delivery(), Answer(None, allowed=True, basis=Basis.IN_FORCE), id="none has taken effect yet"),
        pytest.param(
            sent(), Answer(None, allowed=True, basis=Basis.WINDOW_OPEN, because_of=1), id="the first caps to none"
        ),
    ],
)
def test_who_joined_before_version_1_starts_without_any(delivery: Delivery, found: Answer) -> None:
    newcomer = Standing(joined_at=JOINED_AT, joined_on=0, deliveries={1: delivery})
    assert answer(newcomer, "marketing", OLD, SENT_AT, version(1)) == found


def test_the_version_joined_on_governs_whatever_is_known_of_its_notice() -> None:
    assert newest_in_effect([V1, V2, V3], Standing(THIRD_AT, joined_on=3), THIRD_AT) == 3

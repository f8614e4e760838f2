"""Who is concerned by which version."""

from datetime import datetime, timedelta

import pytest

from portal.rules.standing import Standing, joined_on
from portal.rules.window import Window
from tests.rules.examples import JOINED_AT, POSTED_AT, SENT_AT, at, on_version_1, sent, version

SECOND = timedelta(seconds=1)
VERSIONS = [version(1, posted_at=at("2026-01-05 09:00")), version(2), version(3, posted_at=at("2026-04-15 09:00"))]


@pytest.mark.parametrize(
    ("joined_at", "number"),
    [
        (at("2026-01-05 09:00") - SECOND, 0),
        (at("2026-01-05 09:00"), 1),
        (POSTED_AT - SECOND, 1),
        (POSTED_AT, 2),
        (at("2027-01-01 00:00"), 3),
    ],
)
def test_a_member_joins_on_the_newest_version_posted_by_then(joined_at: datetime, number: int) -> None:
    assert joined_on(joined_at, VERSIONS) == number


@pytest.mark.parametrize(
    ("standing", "concerned"),
    [
        pytest.param(Standing(JOINED_AT, 1), True, id="joined before it"),
        pytest.param(Standing(POSTED_AT - SECOND, 1), True, id="joined a second before"),
        pytest.param(Standing(POSTED_AT, 1), False, id="joined in the instant of posting"),
        pytest.param(Standing(JOINED_AT, 2), False, id="named as being on it already"),
        pytest.param(Standing(JOINED_AT, 0), True, id="joined before version 1"),
        pytest.param(Standing(JOINED_AT, 1, closed_at=POSTED_AT - SECOND), False, id="closed before"),
        pytest.param(Standing(JOINED_AT, 1, closed_at=POSTED_AT), False, id="closed in the instant of posting"),
        pytest.param(Standing(JOINED_AT, 1, closed_at=POSTED_AT + SECOND), True, id="closed after"),
    ],
)
def test_a_version_concerns_open_accounts_that_joined_before_it(standing: Standing, *, concerned: bool) -> None:
    assert standing.concerned_by(version(2)) is concerned


def test_each_version_has_its_own_window() -> None:
    standing = on_version_1(deliveries={2: sent()})
    assert standing.window(version(2)).opens_at == SENT_AT
    assert standing.window(version(3)) == Window(None, None, None)

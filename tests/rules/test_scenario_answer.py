"""The form of the answers."""

from datetime import UTC, datetime

import pytest

from portal.rules.scenario_answer import zulu


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (None, None),
        (datetime(2026, 3, 22, 4, tzinfo=UTC), "2026-03-22T04:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
    ],
)
def test_instants_end_in_z_and_have_four_digits_of_year(instant: datetime | None, written: str | None) -> None:
    assert zulu(instant) == written

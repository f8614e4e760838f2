"""The story's clock: it stands, it is moved, it runs on."""

from datetime import timedelta

import pytest

from portal.demo.clock import StoryClock
from tests.support.clock import START


def test_it_stands_until_it_is_moved() -> None:
    clock = StoryClock(START)
    assert clock() == clock() == START
    clock.move_to(START + timedelta(days=20))
    assert clock() == START + timedelta(days=20)


def test_it_does_not_go_back() -> None:
    clock = StoryClock(START)
    with pytest.raises(ValueError, match="is over"):
        clock.move_to(START - timedelta(seconds=1))


def test_it_runs_on_in_whole_seconds_from_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    clock = StoryClock(START)
    clock.run_on()
    now += 61.9
    assert clock() == START + timedelta(seconds=61)

"""Random lives of members, ops and publications over HTTP: whatever happens, the portal answers what the rules answer.

A few short lives, the same each time; `--lives=200` plays so many longer ones, others each time, each in a test.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.databases import Databases
from tests.stateful.lives import Lives

USUAL = settings(
    max_examples=5,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # to find a shorter life takes as many lives as there are steps
    suppress_health_check=list(HealthCheck),
)
# The first life that Hypothesis tries is the simplest there is, so it takes two to have one.
ONE_MORE = settings(USUAL, derandomize=False, max_examples=2, stateful_step_count=60)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    lives: int = metafunc.config.getoption("lives")
    others = [pytest.param(ONE_MORE, id=f"life {i + 1}") for i in range(lives)]
    metafunc.parametrize("profile", others or [pytest.param(USUAL, id="usual")])


def test_the_portal_keeps_to_the_rules_whatever_happens(
    profile: settings, databases: Databases, migrated_template: str, tmp_path: Path
) -> None:
    class Here(Lives):
        pass

    Here.databases, Here.template, Here.folder = databases, migrated_template, tmp_path
    run_state_machine_as_test(Here, settings=profile)

"""The worked scenarios: each file holds a scenario and the answers it must get."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.rules.scenario import play
from portal.rules.scenario_answer import as_json
from portal.rules.scenario_file import read

VECTORS = sorted(Path(__file__).parent.joinpath("vectors").glob("*.json"))


def worked(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.stem} {worked(path)['title']}") for path in VECTORS])
def test_scenario_gets_the_expected_answers(path: Path) -> None:
    vector = worked(path)
    assert as_json(play(read(vector["scenario"]))) == vector["expected"]


def test_no_vector_was_lost() -> None:
    assert [path.stem for path in VECTORS] == [f"{i:02}" for i in range(31)]

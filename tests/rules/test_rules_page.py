"""The page of the rules names everything that the code knows, and its example is true."""

import json
import re
from pathlib import Path

import pytest

from portal.rules.governing import Basis
from portal.rules.objection import Refusal
from portal.rules.policy import FEWEST_OBJECTION_DAYS, MOST_OBJECTION_DAYS, Channel, DayCount, NoticeTerms, Treatment
from portal.rules.scenario_file import EVENT_KEYS
from tests.rules.scenarios import answers

PAGE = Path(__file__).parents[2].joinpath("docs", "rules.md").read_text("utf-8")


def test_the_example_gets_the_answer_that_is_printed_below_it() -> None:
    scenario, answer = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert answers(scenario) == answer


@pytest.mark.parametrize(
    "word", [*Basis, *Refusal, *Channel, *DayCount, *Treatment, *EVENT_KEYS, *NoticeTerms().to_json()]
)
def test_every_word_of_the_rules_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_refusals_are_listed_in_their_order() -> None:
    listed = re.findall(r"^\| \d \| `(\w+)`", PAGE, re.MULTILINE)
    assert listed == [why for why in Refusal if why is not Refusal.NO_OBJECTION]


def test_the_bounds_of_objection_days_are_named() -> None:
    assert f"{FEWEST_OBJECTION_DAYS} or more days" in PAGE
    assert f"{MOST_OBJECTION_DAYS:,}" in PAGE

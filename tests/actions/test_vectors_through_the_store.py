"""The worked scenarios once more, now through the actions and the database: they must come to the same answers."""

from pathlib import Path

import pytest

from portal.actions.terms import governing_terms
from portal.rules.scenario_answer import zulu
from tests.support.staged import VECTORS, staged


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
async def test_the_database_comes_to_the_answers_of_the_rules(path: Path) -> None:
    vector = VECTORS[path]
    stage = await staged(vector)
    scenario, policy = stage.scenario, stage.policy
    waiting = sorted(scenario.events, key=lambda event: event.at)
    answers: dict[int, dict[str, object]] = {}
    for i, question in sorted(enumerate(scenario.questions), key=lambda pair: pair[1].at):
        await stage.play(question.at, waiting)
        asked = await governing_terms(
            question.member, policy.slug, question.purpose, question.collected_at, at=question.at
        )
        said = asked.answer
        answers[i] = {"version": said.version, "allowed": said.allowed, "basis": str(said.basis)}
    await stage.play(None, waiting)
    assert [answers[i] for i in sorted(answers)] == vector["expected"]["answers"]
    assert [
        {"at": zulu(when), "member": member, "version": version, "why": why}
        for when, member, version, why in stage.rejected
    ] == vector["expected"]["rejected"]
    assert await stage.windows() == vector["expected"]["windows"]

"""The life of a change from draft to outcome, in one piece."""

from dataclasses import dataclass
from datetime import UTC, datetime

from portal.actions.history import verify
from portal.demo.answering import answer, last_minute
from portal.demo.asking import Answered, ask
from portal.demo.cast import Cast
from portal.demo.others import play_the_others
from portal.demo.people import REFERENCE
from portal.demo.publishing import publish, send_notices
from portal.demo.script import SAMPLES, script
from portal.demo.setting_up import set_up
from portal.demo.settling import enter_letter, mend, settle
from portal.demo.stage import Outcome, Stage
from portal.demo.waiting import leave_work

ENDS_AT = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of the story."""

    outcomes: list[Outcome]
    answers: list[Answered]
    mails: int
    requests: int

    @property
    def as_told(self) -> bool:
        return all(outcome.as_told for outcome in self.outcomes)


async def play(stage: Stage, cast: Cast) -> Told:
    """Plays everything. Raises StoryBroke, NotOnThePage or LookupError where a page does not let the story go on."""
    second, third = script(REFERENCE, 2), script(REFERENCE, 3)
    await set_up(stage, cast)
    stage.narrator.chapter("Draft and publish")
    await publish(stage, second)
    stage.narrator.chapter("Notice")
    await send_notices(stage, cast, second, len(cast.everyone) - 1)
    stage.narrator.chapter("Objection")
    await answer(stage, cast, second)
    await mend(stage, cast)
    stage.narrator.chapter("Meanwhile: four other ways to change a policy")
    await play_the_others(stage, cast)
    stage.narrator.chapter("The last second")
    await last_minute(stage, cast, second)
    stage.narrator.chapter("Outcome")
    await enter_letter(stage, cast, second)
    await settle(stage, cast)
    stage.narrator.chapter("A later version")
    await publish(stage, third)
    await send_notices(stage, cast, third, len(cast.everyone) - 1)
    await _archive(stage)
    await stage.wait_until(ENDS_AT)
    await leave_work(stage, cast, third)
    stage.narrator.chapter("Which version governs?")
    answers = await ask(stage, cast)
    requests = sum(used.requests for used in stage.browsers.values())
    return Told(stage.outcomes, answers, len(stage.letterbox.letters()), requests)


async def _archive(stage: Stage) -> None:
    """The files followed the database: the versions published here are the samples', to the byte."""
    stage.expect(
        "differences between database and archive", [], [str(one) for one in await verify(stage.settings.archive)]
    )
    for name in ("0002.md", "0002.de.md", "0003.md"):
        path = f"{REFERENCE}/{name}"
        same = (stage.settings.archive / path).read_bytes() == (SAMPLES / path).read_bytes()
        stage.holds(f"the archive has {path}", same)

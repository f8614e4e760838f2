"""The question that makes an objection real: which version governs this member's data, for this purpose?"""

import re
from dataclasses import dataclass

from portal.demo.cast import ADMIN, Cast
from portal.demo.people import REFERENCE, Person
from portal.demo.stage import Stage, StoryBroke

BEFORE, BETWEEN, AFTER = "2026-02-25T10:00:00Z", "2026-04-15T10:00:00Z", "2026-06-05T10:00:00Z"
TOKEN = re.compile(r"\bcop_[\w-]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the answer that the story tells: version, whether it is allowed, and the basis."""

    who: str
    person: Person
    policy: str
    purpose: str
    collected_at: str
    told: tuple[int | None, bool, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the portal's answer: version, allowed, basis, and the reason in words."""

    question: Question
    came: tuple[int | None, bool, str]
    reason: str


async def ask(stage: Stage, cast: Cast) -> list[Answered]:
    """Over the API, with a token that an admin makes on a page."""
    admin = await stage.staff(ADMIN)
    page = await admin.press(await admin.open("/staff/tokens"), "Make a token", {"name": "newsletter"})
    token = TOKEN.search(page.words)
    if token is None:
        raise StoryBroke(f"no token was shown: {page.words[:300]}")
    system = await stage.browser_of("newsletter")
    answers = []
    for question in questions(cast):
        said = await system.ask(
            "/api/v1/terms",
            token[0],
            member=question.person.external_id,
            policy=question.policy,
            purpose=question.purpose,
            collected_at=question.collected_at,
        )
        came = (said.get("version"), said.get("allowed"), said.get("basis", said.get("type")))
        stage.expect(f"{question.who}: {question.purpose} of {question.collected_at[:10]}", question.told, came)
        answers.append(Answered(question, came, said.get("reason", said.get("detail", ""))))
    return answers


def questions(cast: Cast) -> list[Question]:
    """At the story's end: version 3 is a week old, and its window still open."""
    frozen, closed, desk = cast.freezers[0], cast.closers[0], cast.desk
    return [
        Question("objected to marketing", frozen, REFERENCE, "marketing", BEFORE, (1, True, "objection")),
        Question("the same, collected later", frozen, REFERENCE, "marketing", BETWEEN, (2, True, "window_open")),
        Question("the same, another purpose", frozen, REFERENCE, "service", BEFORE, (3, True, "in_force")),
        Question("said nothing", cast.silent, REFERENCE, "marketing", BEFORE, (2, True, "window_open")),
        Question("said nothing", cast.silent, REFERENCE, "service", BEFORE, (3, True, "in_force")),
        Question("took it back", cast.withdrawer, REFERENCE, "marketing", BEFORE, (2, True, "window_open")),
        Question("in the last second", cast.last_second, REFERENCE, "marketing", BEFORE, (1, True, "objection")),
        Question("one second late", cast.late, REFERENCE, "marketing", BEFORE, (2, True, "window_open")),
        Question("by letter", cast.by_letter, REFERENCE, "marketing", BEFORE, (1, True, "objection")),
        Question("never confirmed", cast.unconfirmed, REFERENCE, "service", AFTER, (1, True, "objection")),
        Question("mail came back", cast.bounced, REFERENCE, "marketing", BEFORE, (1, True, "window_open")),
        Question("opted out", cast.opted_out, REFERENCE, "marketing", AFTER, (2, False, "opted_out")),
        Question("account closed", closed, REFERENCE, "service", BEFORE, (None, False, "account_closed")),
        Question("consented", desk[0], "help-desk", "ai_training", "2025-07-01T10:00:00Z", (2, True, "in_force")),
        Question("did not", desk[1], "help-desk", "ai_training", "2025-07-01T10:00:00Z", (1, True, "consent_missing")),
        Question("opted out", cast.licensee, "crm", "third_party_sharing", AFTER, (2, False, "opted_out")),
    ]

"""The member's answer as it stands: what state an objection is in, and what follows from it."""

from dataclasses import dataclass

from portal.store.answers import Objection
from portal.web.member.case import Case
from portal.web.member.consequence import Consequence, consequence_of


@dataclass(frozen=True, slots=True)
class Answer:
    """An objection and its `state`: frozen, unconfirmed, closing, withdrawn. `consequence` None once withdrawn."""

    objection: Objection
    state: str
    consequence: Consequence | None

    @property
    def closes(self) -> bool:
        """Whether the account is to be closed, once that is confirmed."""
        return self.state in ("unconfirmed", "closing")


def answer_of(case: Case) -> Answer | None:
    """The answer in force; None where there is none."""
    return answered(case, case.in_force) if case.in_force else None


def answered(case: Case, objection: Objection) -> Answer:
    """One of the case's objections, in force or not."""
    if objection.withdrawn_at is not None:
        return Answer(objection, "withdrawn", None)
    ruled = case.standing.objections.get(case.number)
    return Answer(objection, state_of(case, objection), consequence_of(case, ruled) if ruled else None)


def state_of(case: Case, objection: Objection) -> str:
    if not objection.closing:
        return "frozen"
    return "closing" if objection.id in case.confirmed else "unconfirmed"

"""Which version governs one piece of data, for one purpose, at one instant (rules: "Which version governs")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from portal.rules.policy import Treatment, Version
from portal.rules.standing import Objection, Standing
from portal.rules.window import Window


class Basis(StrEnum):
    """Why that version governs."""

    IN_FORCE = "in_force"
    OBJECTION = "objection"
    WINDOW_OPEN = "window_open"
    CONSENT_MISSING = "consent_missing"
    OPTED_OUT = "opted_out"
    ACCOUNT_CLOSED = "account_closed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The governing version (None: none), whether processing is allowed, why, and the version that caused it.

    `because_of` is the version that capped the answer, or the one in force.
    """

    version: int | None
    allowed: bool
    basis: Basis
    because_of: int | None = None


def governing(
    versions: Sequence[Version], standing: Standing, purpose: str, collected_at: datetime, now: datetime
) -> Answer:
    """The answer at `now` for data collected at `collected_at`. `versions` by number; `standing` as known at `now`."""
    if standing.closed_at is not None:
        return Answer(None, allowed=False, basis=Basis.ACCOUNT_CLOSED)
    answer = _unless_opted_out(versions, standing, purpose, collected_at, now)
    if purpose in standing.opted_out:
        return replace(answer, allowed=False, basis=Basis.OPTED_OUT)
    return answer


def newest_in_effect(versions: Iterable[Version], standing: Standing, now: datetime) -> int:
    """The newest version that has taken effect for the member, at least the one joined on; 0 where there is none."""
    in_effect = (version.number for version in versions if _in_effect(version, standing, now))
    return max(in_effect, default=standing.joined_on)


def _in_effect(version: Version, standing: Standing, now: datetime) -> bool:
    if not standing.concerned_by(version):
        return False
    effective = standing.window(version).effective_at
    return effective is not None and effective <= now


def _unless_opted_out(
    versions: Sequence[Version], standing: Standing, purpose: str, collected_at: datetime, now: datetime
) -> Answer:
    """The answer of an open account, opt-outs aside. Version k caps to k - 1, so the first cap found is the lowest."""
    newest = newest_in_effect(versions, standing, now)
    for version in versions:
        if version.number <= newest and standing.concerned_by(version):
            basis = _cap(version, standing, purpose, collected_at, now)
            if basis is not None:
                return Answer(version.number - 1 or None, allowed=True, basis=basis, because_of=version.number)
    return Answer(newest or None, allowed=True, basis=Basis.IN_FORCE, because_of=newest or None)


def _cap(version: Version, standing: Standing, purpose: str, collected_at: datetime, now: datetime) -> Basis | None:
    """Why this version does not reach the data (yet); None where it does."""
    window = standing.window(version)
    objection = standing.objections.get(version.number)
    if objection is not None and (objection.closing or _frozen(objection, window, purpose, collected_at)):
        return Basis.OBJECTION
    waiting = version.terms.may_object and window.open_or_ahead(now)
    if objection is None and version.treats(purpose, Treatment.SEPARABLE) and waiting:
        return Basis.WINDOW_OPEN
    consented = standing.consents.get(purpose, 0) >= version.number
    if version.treats(purpose, Treatment.OPT_IN) and not consented and _by_then(collected_at, window.effective_at):
        return Basis.CONSENT_MISSING
    return None


def _frozen(objection: Objection, window: Window, purpose: str, collected_at: datetime) -> bool:
    """Whether a freeze holds this data: collected up to the later of its receipt and the version's taking effect."""
    until = window.effective_at and max(objection.received_at, window.effective_at)
    return purpose in objection.purposes and _by_then(collected_at, until)


def _by_then(collected_at: datetime, limit: datetime | None) -> bool:
    """Whether data is existing data; without a limit, because the version has not taken effect, all of it is."""
    return limit is None or collected_at <= limit

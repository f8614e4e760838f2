"""`manage.py terms`: which version governs a member's data, and why."""

import json
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from portal.actions.terms import TermsAnswer, governing_terms
from portal.cli import Stop
from portal.rules.errors import RuleBroken
from portal.settings import Settings
from portal.store import connect, disconnect


async def terms(
    member: Annotated[str, Parameter(help="The member's id in the company's systems.")],
    policy: Annotated[str, Parameter(help="The policy's slug.")],
    purpose: Annotated[str, Parameter(help="What the data is to be used for.")],
    collected_at: Annotated[str, Parameter(help="When it was collected, like 2026-03-22T04:00:00Z.")],
    *,
    at: Annotated[str, Parameter(help="Ask as of this past instant instead of now.")] = "",
    as_json: Annotated[bool, Parameter(name="--json", help="Print it as the API gives it.", negative="")] = False,
) -> None:
    """Ask which version governs, whether processing is allowed, and why."""
    asked_at = _instant(at, "--at") if at else datetime.now(UTC).replace(microsecond=0)
    collected = _instant(collected_at, "COLLECTED-AT")
    await connect(Settings().database)
    try:
        answer = await governing_terms(member, policy, purpose, collected, at=asked_at)
    except RuleBroken as refused:
        raise Stop(refused.message, status=2) from refused
    finally:
        await disconnect()
    print(json.dumps(answer.to_json()) if as_json else _in_words(answer))


def _in_words(asked: TermsAnswer) -> str:
    version = "no version" if asked.answer.version is None else f"version {asked.answer.version}"
    allowed = "allowed" if asked.answer.allowed else "not allowed"
    return f"{version}, {allowed} ({asked.answer.basis}): {asked.reason}"


def _instant(given: str, name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(given)
    except ValueError as error:
        raise Stop(f"{name}: {given!r} is no instant such as 2026-03-22T04:00:00Z", status=2) from error
    if instant.tzinfo is None:
        raise Stop(f"{name}: {given!r} has no offset; write {given}Z for UTC", status=2)
    return instant.astimezone(UTC).replace(microsecond=0)

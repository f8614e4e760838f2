"""The answers of a played scenario as JSON values (rules: "Scenario files")."""

from datetime import datetime

from portal.rules.scenario import Played


def as_json(played: Played) -> dict[str, list[dict[str, object]]]:
    """`windows`, `rejected` and `answers`; instants like `2026-03-22T04:00:00Z`."""
    return {
        "windows": [
            {
                "member": member,
                "version": version,
                "effective_at": zulu(window.effective_at),
                "opens_at": zulu(window.opens_at),
                "closes_at": zulu(window.closes_at),
            }
            for member, version, window in played.windows
        ],
        "rejected": [
            {"at": zulu(refused.at), "member": refused.member, "version": refused.version, "why": refused.why}
            for refused in played.rejected
        ],
        "answers": [
            {"version": answer.version, "allowed": answer.allowed, "basis": str(answer.basis)}
            for answer in played.answers
        ],
    }


def zulu(instant: datetime | None) -> str | None:
    """A UTC instant in the form of RFC 3339 with Z; None stays None."""
    return None if instant is None else f"{instant.replace(tzinfo=None).isoformat()}Z"

"""Why staff did something, as the next person who looks at it will read."""

from portal.rules.errors import RuleBroken

LONGEST_REASON = 600


def reason_in(given: str) -> str:
    """What was typed, without blanks around it. Raises RuleBroken with field `reason`: `reason_wanted`,
    `reason_too_long`."""
    reason = given.strip()
    if not reason:
        raise RuleBroken("reason_wanted", "Say why, for the next person who looks at this.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise RuleBroken("reason_too_long", "Use at most %(limit)s characters.", limit=LONGEST_REASON, field="reason")
    return reason

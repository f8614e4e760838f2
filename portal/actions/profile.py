"""A member's name, language and zone are corrected; what was given before stays in the history."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.rules.errors import Malformed, RuleBroken
from portal.rules.language import language_tag
from portal.rules.objection import Refusal, broken
from portal.rules.policy import NoticeTerms
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.members import Member, Profile
from portal.store.outcomes import Closure

LONGEST_NAME = 300


async def correct_profile(
    member_id: int, *, name: str, language: str, zone: str | None, by: Actor, at: datetime
) -> Profile | None:
    """Records what is given as the newest; None where it is what is known already. `zone`: an IANA name, or None.

    Raises RuleBroken: `account_closed`, `name_too_long`, `language_form`, `zone_unknown`, the last three with `field`.
    """
    name, language, zone = name.strip(), _language(language), _zone(zone)
    if len(name) > LONGEST_NAME:
        message = later("A name has at most %(limit)s characters.")
        raise RuleBroken("name_too_long", message, limit=LONGEST_NAME, field="name")
    async with transaction():
        member = await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise broken(Refusal.ACCOUNT_CLOSED)
        last = await Profile.filter(member_id=member_id).order_by("-received_at", "-sequence", "-id").first()
        known = (last.name if last else "", member.language, member.zone)
        if known == (name, language, zone):
            return None
        sequence = await record("profile.given", by, at, member_id=member_id)
        await Member.filter(id=member_id).update(language=language, zone=zone)
        return await Profile.create(
            member_id=member_id,
            name=name,
            language=language,
            zone=zone,
            received_at=at,
            recorded_at=at,
            sequence=sequence,
        )


def _language(given: str) -> str:
    try:
        return language_tag(given)
    except Malformed as wrong:
        raise RuleBroken("language_form", wrong.message, field="language") from wrong


def _zone(given: str | None) -> str | None:
    if not given or not given.strip():
        return None
    try:
        return NoticeTerms.from_json({"zone": given.strip()}).zone
    except Malformed as wrong:
        raise RuleBroken("zone_unknown", wrong.message, field="zone") from wrong

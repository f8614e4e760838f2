"""Finding an objection to act on, with its member locked."""

from portal.rules.objection import Refusal, broken
from portal.store.answers import Objection
from portal.store.locks import lock_member
from portal.store.outcomes import Closure


async def in_force(objection_id: int) -> Objection:
    """The objection, its member locked. Raises RuleBroken: `account_closed`, else `no_objection`."""
    objection = await Objection.get_or_none(id=objection_id)
    if objection is None:
        raise broken(Refusal.NO_OBJECTION)
    await lock_member(objection.member_id)
    await objection.refresh_from_db()  # the lock may have waited for a withdrawal
    if await Closure.exists(member_id=objection.member_id):
        raise broken(Refusal.ACCOUNT_CLOSED)
    if objection.withdrawn_at is not None:
        raise broken(Refusal.NO_OBJECTION)
    return objection

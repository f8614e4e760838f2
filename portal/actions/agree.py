"""A yes to a purpose that an opt-out had stopped: both halves or neither."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.consent import consent, opt_in
from portal.store.answers import Consent, Way
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.standings import opted_out


async def agree(member_id: int, version_id: int, purpose: str, *, way: Way, by: Actor, at: datetime) -> Consent:
    """Records the consent and lifts the opt-out of the purpose, if there is one. Raises as `consent`."""
    async with transaction():
        await lock_member(member_id)
        given = await consent(member_id, version_id, purpose, way=way, by=by, at=at)
        if purpose in await opted_out(member_id):
            await opt_in(member_id, purpose, way=way, by=by, at=at)
        return given

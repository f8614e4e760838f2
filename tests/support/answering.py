"""What tests of members' answers need: the codes in their mail, and members without an address."""

from portal.store.access import OneTimeCode
from portal.store.connections import transaction
from portal.store.members import Address
from tests.support.noticed import Noticed


async def code_of(noticed: Noticed) -> str:
    """The newest code that was mailed to the first member and confirms something."""
    mailed = OneTimeCode.filter(member_id=noticed.member.id).order_by("-id")
    code = next(row for row in await mailed if row.objection_id or row.declaration_id)
    return str(noticed.app.state.keys.code(code.id))


async def erase_address(noticed: Noticed) -> None:
    """The first member's address is blanked, as an erasure does."""
    async with transaction():
        await Address.filter(member_id=noticed.member.id).update(address="")

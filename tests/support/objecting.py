"""Objections as members file them, for tests of what ops does with them."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.objection import confirm, file_objection
from portal.store.answers import ConfirmationWay, Objection, Way
from portal.store.members import Member
from tests.support.noticed import Noticed


async def freezing(noticed: Noticed, at: datetime, member: Member | None = None) -> Objection:
    """To the marketing change."""
    return await _filed(noticed, "News", at, member)


async def closing(
    noticed: Noticed, at: datetime, member: Member | None = None, *, confirmed: bool = False
) -> Objection:
    """To the service change; `confirmed` in the account."""
    objection = await _filed(noticed, "Service", at, member)
    if confirmed:
        by = Actor("member", objection.member_id)
        await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=by, at=at)
    return objection


async def _filed(noticed: Noticed, section: str, at: datetime, member: Member | None) -> Objection:
    whose = member or noticed.member
    by = Actor("member", whose.id)
    return await file_objection(whose.id, noticed.version.id, [noticed.keys[section]], way=Way.LINK, by=by, at=at)

"""Members whom the company's own site knows: they sign in by its word, without a mail.

Such a session is worth what one by a mailed link is, and counts as signed in for what closes an account: the company
itself vouches for the member, and it is the company that the account is with (decision 0025).
"""

from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from portal.actions.session import begin_member_session, digest_of
from portal.hand_over import HandOver
from portal.rules.errors import RuleBroken
from portal.store.access import SpentToken
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.outcomes import Closure

KEPT = timedelta(hours=1)  # longer than any process could still take a token that has expired


async def sign_in_known(external_id: str, at: datetime) -> str:
    """Signs in the member whom the company's sign-on named, and gives the value of the session's cookie.

    Raises RuleBroken: `unknown_member`, `account_closed` (with `closed_at`).
    """
    async with transaction():
        return await begin_member_session(await _open_member(external_id), "sign_on", at)


async def sign_in_handed_over(handed: HandOver, at: datetime) -> str:
    """The same for the member whom a hand-over token names, and uses the token up. Raises as well: `token_spent`.

    Of several requests with the same token, in any process, one signs in: the unique key decides. A refusal leaves the
    token as it was.
    """
    try:
        async with transaction():
            await SpentToken.create(digest=digest_of(handed.token_id), expires_at=handed.expires_at)
            return await begin_member_session(await _open_member(handed.external_id), "hand_over", at)
    except IntegrityError as again:
        raise RuleBroken("token_spent", "This was used before.") from again


async def is_spent(handed: HandOver) -> bool:
    """Whether somebody has been signed in with the token."""
    return await SpentToken.exists(digest=digest_of(handed.token_id))


async def forget_spent_tokens(at: datetime) -> None:
    """Deletes the rows of tokens that are too old to be taken, whatever anybody's clock says."""
    over = SpentToken.filter(expires_at__lte=at - KEPT)
    if await over.exists():
        async with transaction():
            await over.delete()


async def _open_member(external_id: str) -> int:
    member = await Member.get_or_none(external_id=external_id)
    if member is None:
        raise RuleBroken("unknown_member", "There is no member with this id.")
    closure = await Closure.get_or_none(member_id=member.id)
    if closure is not None:
        raise RuleBroken("account_closed", "The account is closed.", closed_at=closure.received_at)
    return int(member.id)

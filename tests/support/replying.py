"""Notices that were mailed under a Message-ID as the jobs make them, so that a reply can name them."""

from hashlib import sha256

from portal.actions.window import refresh_window
from portal.store.connections import transaction
from portal.store.members import Address
from portal.store.notices import Notice, Sending, SendingState
from portal.store.outbox import MailKind, OutgoingMail
from tests.actions.conftest import Told
from tests.support.replies import Answered
from tests.support.world import POSTED_2, SENT_2, accept, make_version


async def replied_to(member_id: int, version_id: int) -> Answered:
    """The member's notice of the version, sent once more under a Message-ID of its own."""
    notice = await Notice.get(member_id=member_id, version_id=version_id).select_related("version")
    address = await Address.filter(member_id=member_id).order_by("-id").first()
    assert address is not None
    token = sha256(f"{member_id}-{version_id}".encode()).hexdigest()[:32]
    before = await Sending.filter(member_id=member_id, notice_id=notice.id).order_by("-number").first()
    sent_at = before.accepted_at if before and before.accepted_at else notice.version.posted_at
    async with transaction():
        await Sending.create(
            member_id=member_id,
            notice_id=notice.id,
            number=before.number + 1 if before else 1,
            address_id=address.id,
            message_id=f"<{token}@example.com>",
            state=SendingState.ACCEPTED,
            attempts=1,
            started_at=sent_at,
            accepted_at=sent_at,
            recorded_at=sent_at,
            sequence=1,
        )
        await refresh_window(member_id, version_id)
    return Answered(f"<{token}@example.com>", to=f"M1 <{address.address}>")


async def freezing_told(told: Told) -> Told:
    """The told member, and a version 3 that touches marketing alone, mailed at the same instant as version 2."""
    version = await make_version(told.policy, POSTED_2.replace(minute=30), {"n1": ["marketing"], "n2": ["marketing"]})
    await accept(await Notice.get(member_id=told.member.id, version_id=version.id), SENT_2)
    return Told(told.policy, version, told.member)


async def mails(kind: MailKind) -> int:
    return await OutgoingMail.filter(kind=kind).count()

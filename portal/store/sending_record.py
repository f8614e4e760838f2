"""One notice to one member: its sendings and what is known of them."""

from dataclasses import dataclass

from portal.store.members import Member
from portal.store.notices import Bounce, Notice, Refusal, Sending, Sight
from portal.store.policies import Version
from portal.store.publications import LIGHT


@dataclass(frozen=True, slots=True)
class SendingRecord:
    """A notice with its sendings in their order, and the facts in the order in which they were received."""

    version: Version
    member: Member
    notice: Notice
    sendings: list[Sending]
    bounces: list[Bounce]
    refusals: list[Refusal]
    sights: list[Sight]

    def bounce_of(self, sending: Sending) -> Bounce | None:
        return next((bounce for bounce in self.bounces if bounce.sending_id == sending.id), None)


async def sending_record(version_id: int, member_id: int) -> SendingRecord | None:
    """What is known of that version's notice to that member; None where none is owed."""
    notice = await Notice.get_or_none(version_id=version_id, member_id=member_id).select_related("member")
    if notice is None:
        return None
    mine = {"member_id": member_id, "notice_id": notice.id}
    in_order = ("received_at", "sequence")
    return SendingRecord(
        version=await Version.get(id=version_id).select_related("policy").only(*LIGHT, "policy__slug", "policy__title"),
        member=notice.member,
        notice=notice,
        sendings=await Sending.filter(**mine).order_by("number").select_related("address"),
        bounces=await Bounce.filter(**mine).order_by(*in_order).select_related("remark"),
        refusals=await Refusal.filter(**mine).order_by(*in_order),
        sights=await Sight.filter(**mine).order_by(*in_order).select_related("remark"),
    )

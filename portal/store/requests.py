"""What members ask the company for: closing their account, a copy of their data, access to it, another address."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from portal.store.address_changes import AddressChange
from portal.store.answers import Way
from portal.store.fact import Fact, one_of
from portal.store.members import Member, Remark


class RequestKind(StrEnum):
    """What is asked for."""

    CLOSING = "closing"  # of the account
    EXPORT = "export"  # of the data the member provided, to be taken elsewhere (GDPR, art. 20)
    ACCESS = "access"  # to all data and what happens with it (GDPR, art. 15)
    ADDRESS = "address"  # that ops stand in for an old address that cannot be reached (GDPR, art. 16)


class RequestEnd(StrEnum):
    """What became of it."""

    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class MemberRequest(Fact):
    """A request, open while `ended_at` is null, which is set once. `number` is the receipt's.

    It is to be answered before `due_at` (UTC), which is put off once at most. `remark`: where a letter or a note of a
    call is kept. `answer`, `extension`: what staff told the member, at the end and when it was put off.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="requests", on_delete=fields.RESTRICT
    )
    member_id: int
    number = fields.CharField(max_length=32)
    kind = fields.CharEnumField(RequestKind, max_length=16)
    way = fields.CharEnumField(Way, max_length=16)
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="requests", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None
    change: fields.ForeignKeyNullableRelation[AddressChange] = fields.ForeignKeyField(
        "portal.AddressChange", related_name="requests", null=True, on_delete=fields.RESTRICT
    )
    change_id: int | None
    due_at = fields.DatetimeField()
    extended_at = fields.DatetimeField(null=True)
    extension: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="extended_requests", null=True, on_delete=fields.RESTRICT
    )
    extension_id: int | None
    ended_at = fields.DatetimeField(null=True)
    ended_as = fields.CharEnumField(RequestEnd, max_length=16, null=True)
    ended_by = fields.BigIntField(null=True)
    answer: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="answered_requests", null=True, on_delete=fields.RESTRICT
    )
    answer_id: int | None

    class Meta:
        table = "member_request"
        constraints = (
            # and one open a member and kind: migration 0014
            UniqueConstraint(fields=("member_id", "number"), name="member_request_number_once"),
            CheckConstraint(check=one_of("kind", RequestKind), name="member_request_kind_known"),
            CheckConstraint(check=one_of("way", Way), name="member_request_way_known"),
            CheckConstraint(check=one_of("ended_as", RequestEnd), name="member_request_end_known"),
            CheckConstraint(check="(ended_at IS NULL) = (ended_as IS NULL)", name="member_request_ended_whole"),
            CheckConstraint(check="due_at > received_at", name="member_request_due_later"),
            CheckConstraint(check="(change_id IS NULL) = (kind <> 'address')", name="member_request_of_a_change"),
        )
        indexes = (Index(fields=("ended_at", "due_at"), name="member_request_due"),)

    @property
    def open(self) -> bool:
        return self.ended_at is None

    def state(self, now: datetime) -> str:
        """A state of the component `layout.status`: open, overdue, answered, refused, withdrawn."""
        if not self.open:
            return str(self.ended_as)
        return "overdue" if now >= self.due_at else "open"


async def requests_of(member_id: int) -> list[MemberRequest]:
    """All requests of the member with what was told about each, the newest first."""
    mine = MemberRequest.filter(member_id=member_id).order_by("-received_at", "-sequence")
    return await mine.select_related("answer", "extension", "remark")

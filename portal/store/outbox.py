"""Mail other than notices, on its way: receipts, codes, sign-in links, proofs."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from portal.store.fact import Json
from portal.store.members import Address, Member
from portal.store.staff import Staff


class MailKind(StrEnum):
    """What a mail is for, also the name of its template folder."""

    RECEIPT = "receipt"
    WITHDRAWAL = "withdrawal"
    CODE = "code"
    CONFIRM = "confirm"
    CONSENT = "consent"
    SIGN_IN = "sign_in"
    CLOSED = "closed"
    PROOF = "proof"
    NEW_ADDRESS = "new_address"
    OLD_ADDRESS = "old_address"
    REQUEST = "request"
    REQUEST_NEWS = "request_news"
    NOT_OBJECTED = "not_objected"
    OPT_OUT = "opt_out"


class OutgoingMail(Model):
    """A mail to one member or one of the staff, written in the transaction of what it tells.

    `about` holds ids only; the text is made when it is sent.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(MailKind, max_length=16)
    member: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="outgoing", null=True, on_delete=fields.RESTRICT
    )
    member_id: int | None
    address: fields.ForeignKeyNullableRelation[Address] = fields.ForeignKeyField(
        "portal.Address", related_name="outgoing", null=True, on_delete=fields.RESTRICT
    )
    address_id: int | None
    staff: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="outgoing", null=True, on_delete=fields.RESTRICT
    )
    staff_id: int | None
    about: Json = fields.JSONField()
    state = fields.CharField(max_length=16, default="queued")
    owner = fields.CharField(max_length=64, null=True)
    lease_until = fields.DatetimeField(null=True)
    next_attempt_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    message_id = fields.CharField(max_length=200)
    reply = fields.TextField(default="")
    created_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outgoing_mail"
        indexes = (
            Index(fields=("state", "next_attempt_at"), name="outgoing_mail_due"),
            Index(fields=("message_id",), name="outgoing_mail_by_message_id"),
        )

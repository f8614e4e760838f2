"""What is owed to a member of a version, how it was sent, what came back, what was seen."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.fact import Fact, Json, one_of, one_of_written_often
from portal.store.members import Address, Member, Remark
from portal.store.policies import Version


class NoticeState(StrEnum):
    """How far the mailing of a notice has come."""

    POSTED = "posted"  # told on the site or in the account only: nothing to mail
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Notice(Model):
    """One member x one version: what is owed, and how far its mailing has come.

    `owner` and `lease_until` are the claim of the worker that sends it. `effective_at`, `opens_at` and `closes_at` are
    what the rules say, kept as an index and, for `closes_at`, against later updates of holiday tables: `counted` tells
    how it was counted beside the version's terms (`last_day`, `moved_past`).
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="notices", on_delete=fields.RESTRICT
    )
    member_id: int
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="notices", on_delete=fields.RESTRICT
    )
    version_id: int
    state = fields.CharEnumField(NoticeState, max_length=16)
    owner = fields.CharField(max_length=64, null=True)
    lease_until = fields.DatetimeField(null=True)
    next_attempt_at = fields.DatetimeField(null=True)
    effective_at = fields.DatetimeField(null=True)
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    counted: Json = fields.JSONField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "notice"
        constraints = (
            UniqueConstraint(fields=("member_id", "version_id"), name="notice_once"),
            CheckConstraint(check="closes_at IS NULL OR closes_at > opens_at", name="notice_window_in_order"),
            CheckConstraint(check="opens_at IS NULL OR opens_at >= effective_at", name="notice_opens_in_effect"),
            CheckConstraint(check=one_of_written_often("state", NoticeState), name="notice_state_known"),
        )
        indexes = (
            # The recipient roll is read in the members' order, a piece at a time. What is due has an index of its own.
            Index(fields=("version_id", "member_id"), name="notice_in_order"),
            # For counting by state, and for the first and the last end of a window in each.
            Index(fields=("version_id", "state", "closes_at"), name="notice_states"),
        )


class SendingState(StrEnum):
    """What became of one sending."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Sending(Model):
    """One message to one address: numbered from 1 for each notice, several attempts, one Message-ID.

    `accepted_at` (UTC) is when the receiving server accepted it: the rules' *sent*. It is set once.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="sendings", on_delete=fields.RESTRICT
    )
    member_id: int
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "portal.Notice", related_name="sendings", on_delete=fields.RESTRICT
    )
    notice_id: int
    number = fields.IntField()
    address: fields.ForeignKeyRelation[Address] = fields.ForeignKeyField(
        "portal.Address", related_name="sendings", on_delete=fields.RESTRICT
    )
    address_id: int
    message_id = fields.CharField(max_length=200)
    digest = fields.CharField(max_length=80, null=True)
    state = fields.CharEnumField(SendingState, max_length=16)
    attempts = fields.IntField(default=0)
    started_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    recorded_at = fields.DatetimeField(null=True)
    sequence = fields.BigIntField(null=True)
    reply = fields.TextField(default="")

    class Meta:
        table = "sending"
        constraints = (
            UniqueConstraint(fields=("member_id", "notice_id", "number"), name="sending_once"),
            CheckConstraint(check="number > 0", name="sending_number_positive"),
            CheckConstraint(check=one_of_written_often("state", SendingState), name="sending_state_known"),
            CheckConstraint(check="(state = 'accepted') = (accepted_at IS NOT NULL)", name="sending_accepted_whole"),
        )


class Refusal(Fact):
    """No server ever will accept the notice: no address, or a permanent answer about the address itself."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="refusals", on_delete=fields.RESTRICT
    )
    member_id: int
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "portal.Notice", related_name="refusals", on_delete=fields.RESTRICT
    )
    notice_id: int
    sending: fields.ForeignKeyNullableRelation[Sending] = fields.ForeignKeyField(
        "portal.Sending", related_name="refusals", null=True, on_delete=fields.RESTRICT
    )
    sending_id: int | None
    code = fields.CharField(max_length=32)

    class Meta:
        table = "refusal"
        indexes = (Index(fields=("member_id", "notice_id"), name="refusal_of_notice"),)


class Bounce(Fact):
    """A sending came back. It names its sending, one that arrived without a name was given the latest unbounced one."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="bounces", on_delete=fields.RESTRICT
    )
    member_id: int
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "portal.Notice", related_name="bounces", on_delete=fields.RESTRICT
    )
    notice_id: int
    sending: fields.ForeignKeyRelation[Sending] = fields.ForeignKeyField(
        "portal.Sending", related_name="bounces", on_delete=fields.RESTRICT
    )
    sending_id: int
    named = fields.BooleanField()
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="bounces", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "bounce"
        constraints = (UniqueConstraint(fields=("member_id", "sending_id"), name="bounce_once"),)


class SightWay(StrEnum):
    """How the member came to see the notice, other than by mail."""

    ACCOUNT = "account"
    LETTER = "letter"
    IN_PERSON = "in_person"


class Sight(Fact):
    """The member saw the notice in the account, or ops recorded its delivery by letter or in person."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="sights", on_delete=fields.RESTRICT
    )
    member_id: int
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "portal.Notice", related_name="sights", on_delete=fields.RESTRICT
    )
    notice_id: int
    way = fields.CharEnumField(SightWay, max_length=16)
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="sights", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "sight"
        constraints = (
            # and one sight in the account: migration 0003
            CheckConstraint(check=one_of("way", SightWay), name="sight_way_known"),
        )
        indexes = (Index(fields=("member_id", "notice_id"), name="sight_of_notice"),)

"""What members answer: objections, consents, opt-outs."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.fact import Fact, one_of
from portal.store.members import Member, Remark
from portal.store.policies import Change, Version


class Way(StrEnum):
    """By which way an answer came."""

    LINK = "link"
    ACCOUNT = "account"
    LETTER = "letter"
    CALL = "call"
    REPLY = "reply"
    IN_PERSON = "in_person"
    EMAIL = "email"


class Objection(Fact):
    """A member's objection to a version, in force while `withdrawn_at` is null, which is set once.

    `closing` is what was told to the member and follows from the changes covered. `number` is the receipt's. `amends`:
    the one whose place it took; `restores`: the one that stands again in it, because an amendment was rejected.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="objections", on_delete=fields.RESTRICT
    )
    member_id: int
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="objections", on_delete=fields.RESTRICT
    )
    version_id: int
    number = fields.CharField(max_length=32)
    closing = fields.BooleanField()
    way = fields.CharEnumField(Way, max_length=16)
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="objections", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None
    amends: fields.ForeignKeyNullableRelation["Objection"] = fields.ForeignKeyField(
        "portal.Objection", related_name="amended_by", null=True, on_delete=fields.RESTRICT
    )
    amends_id: int | None
    restores: fields.ForeignKeyNullableRelation["Objection"] = fields.ForeignKeyField(
        "portal.Objection", related_name="restored_as", null=True, on_delete=fields.RESTRICT
    )
    restores_id: int | None
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_recorded_at = fields.DatetimeField(null=True)
    withdrawn_sequence = fields.BigIntField(null=True)

    class Meta:
        table = "objection"
        constraints = (
            # and one in force a member and version: migration 0003
            UniqueConstraint(fields=("member_id", "number"), name="objection_number_once"),
            CheckConstraint(
                check="(withdrawn_at IS NULL) = (withdrawn_recorded_at IS NULL)", name="objection_withdrawn_whole"
            ),
            CheckConstraint(check=one_of("way", Way), name="objection_way_known"),
        )
        indexes = (Index(fields=("version_id", "closing"), name="objection_of_version"),)


class ObjectedChange(Model):
    """A change that an objection covers."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="objected_changes", on_delete=fields.RESTRICT
    )
    member_id: int
    objection: fields.ForeignKeyRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="changes", on_delete=fields.RESTRICT
    )
    objection_id: int
    change: fields.ForeignKeyRelation[Change] = fields.ForeignKeyField(
        "portal.Change", related_name="objected", on_delete=fields.RESTRICT
    )
    change_id: int

    class Meta:
        table = "objected_change"
        constraints = (UniqueConstraint(fields=("member_id", "objection_id", "change_id"), name="objected_once"),)


class ConfirmationWay(StrEnum):
    """How someone was known to be the member."""

    CODE = "code"
    SIGN_IN = "sign_in"
    OPS = "ops"


class Confirmation(Fact):
    """A closing objection was confirmed: before it, no account may be closed for it. It moves no instant."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="confirmations", on_delete=fields.RESTRICT
    )
    member_id: int
    objection: fields.ForeignKeyRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="confirmations", on_delete=fields.RESTRICT
    )
    objection_id: int
    way = fields.CharEnumField(ConfirmationWay, max_length=16)
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="confirmations", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "confirmation"
        constraints = (
            UniqueConstraint(fields=("member_id", "objection_id"), name="confirmation_once"),
            CheckConstraint(check=one_of("way", ConfirmationWay), name="confirmation_way_known"),
        )


class Consent(Fact):
    """A member's yes to an opt-in purpose of a version."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="consents", on_delete=fields.RESTRICT
    )
    member_id: int
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="consents", on_delete=fields.RESTRICT
    )
    version_id: int
    purpose = fields.CharField(max_length=64)
    way = fields.CharEnumField(Way, max_length=16)

    class Meta:
        table = "consent"
        constraints = (UniqueConstraint(fields=("member_id", "version_id", "purpose"), name="consent_once"),)


class Direction(StrEnum):
    """Out of a purpose, or in again."""

    OUT = "out"
    IN = "in"


class OptOut(Fact):
    """A purpose stopped (`out`) or allowed again (`in`), everywhere and for all data, the last one counts."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="opt_outs", on_delete=fields.RESTRICT
    )
    member_id: int
    purpose = fields.CharField(max_length=64)
    direction = fields.CharEnumField(Direction, max_length=8)
    way = fields.CharEnumField(Way, max_length=16)

    class Meta:
        table = "opt_out"
        constraints = (CheckConstraint(check=one_of("direction", Direction), name="opt_out_direction_known"),)
        indexes = (Index(fields=("member_id", "purpose"), name="opt_out_of_member"),)

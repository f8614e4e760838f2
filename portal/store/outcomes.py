"""What an objection came to: a freeze confirmed by the company's systems, or a closed account."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from portal.store.answers import Objection
from portal.store.fact import Fact
from portal.store.members import Member, Remark


class Settlement(Fact):
    """The company's systems confirmed that they keep to a freeze."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="settlements", on_delete=fields.RESTRICT
    )
    member_id: int
    objection: fields.ForeignKeyRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="settlements", on_delete=fields.RESTRICT
    )
    objection_id: int
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="settlements", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "settlement"
        constraints = (UniqueConstraint(fields=("member_id", "objection_id"), name="settlement_once"),)


class Closure(Fact):
    """The member's account was closed at `received_at`, it ends all policies, once and for good."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="closures", on_delete=fields.RESTRICT
    )
    member_id: int
    objection: fields.ForeignKeyNullableRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="closures", null=True, on_delete=fields.RESTRICT
    )
    objection_id: int | None
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="closures", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "closure"
        constraints = (UniqueConstraint(fields=("member_id",), name="closure_once"),)

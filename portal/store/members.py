"""Members, and what may be erased of them without touching the facts."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from portal.store.fact import Fact
from portal.store.policies import Policy


class Member(Model):
    """A member, known by a surrogate id, `external_id` is the company's own.

    `language` and `zone` are the newest of the profile history. `link_epoch` is part of every mailed link: raising it
    revokes them all.
    """

    id = fields.BigIntField(primary_key=True)
    external_id = fields.CharField(max_length=200, unique=True)
    language = fields.CharField(max_length=16, default="en")
    zone = fields.CharField(max_length=64, null=True)
    link_epoch = fields.IntField(default=1)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "member"


class Address(Fact):
    """An address the member gave. The last one given counts, `address` is blanked when it is erased."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="addresses", on_delete=fields.RESTRICT
    )
    member_id: int
    address = fields.CharField(max_length=320)
    digest = fields.CharField(max_length=80)

    class Meta:
        table = "address"
        indexes = (
            Index(fields=("member_id", "received_at", "sequence"), name="address_of_member"),
            Index(fields=("digest",), name="address_by_digest"),
        )


class Profile(Fact):
    """A member's name, language and zone as given, blanked when erased."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="profiles", on_delete=fields.RESTRICT
    )
    member_id: int
    name = fields.CharField(max_length=300)
    language = fields.CharField(max_length=16)
    zone = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "profile"
        indexes = (Index(fields=("member_id", "received_at", "sequence"), name="profile_of_member"),)


class Membership(Fact):
    """A member is under a policy since `joined_at` (UTC), on version number `joined_on` (0: before the first)."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="memberships", on_delete=fields.RESTRICT
    )
    member_id: int
    policy: fields.ForeignKeyRelation[Policy] = fields.ForeignKeyField(
        "portal.Policy", related_name="memberships", on_delete=fields.RESTRICT
    )
    policy_id: int
    joined_at = fields.DatetimeField()
    joined_on = fields.IntField()

    class Meta:
        table = "membership"
        constraints = (UniqueConstraint(fields=("member_id", "policy_id"), name="membership_once"),)
        indexes = (Index(fields=("policy_id", "joined_at"), name="membership_of_policy"),)


class Remark(Model):
    """Free text about a member (a reason, a letter's reference, a server's reply), blanked when erased."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="remarks", on_delete=fields.RESTRICT
    )
    member_id: int
    text = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "remark"

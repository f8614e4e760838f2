"""How a member is known: sessions, one-time codes, and the hand-over tokens that were used."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from portal.store.answers import Objection
from portal.store.members import Member


class MemberSession(Model):
    """A sign-in of a member, the cookie names the member and a token, which is stored hashed."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="sessions", on_delete=fields.RESTRICT
    )
    member_id: int
    token_digest = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "member_session"
        constraints = (UniqueConstraint(fields=("member_id", "token_digest"), name="member_session_once"),)


class OneTimeCode(Model):
    """A code mailed to the address on file. The code itself is computed from its row with the portal's key, not stored.

    `objection` None: it signs in. `used_at` is set once.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="codes", on_delete=fields.RESTRICT
    )
    member_id: int
    objection: fields.ForeignKeyNullableRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="codes", null=True, on_delete=fields.RESTRICT
    )
    objection_id: int | None
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)

    class Meta:
        table = "one_time_code"


class SpentToken(Model):
    """A hand-over token that signed somebody in: none does so twice. Forgotten once it is too old to be taken anyhow.

    `digest` is of the token's own id (`jti`), which no other token of the company may have.
    """

    id = fields.BigIntField(primary_key=True)
    digest = fields.CharField(max_length=80, unique=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "spent_token"

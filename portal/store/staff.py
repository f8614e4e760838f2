"""The company's people, their sessions, and the tokens they make for the company's systems."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from portal.store.fact import Json


class Role(StrEnum):
    """What a member of staff may do."""

    LEGAL = "legal"
    APPROVER = "approver"
    OPS = "ops"
    ADMIN = "admin"


class Staff(Model):
    """Someone who works with the portal. `roles` is a list of Role values, `password` an Argon2 hash."""

    id = fields.BigIntField(primary_key=True)
    email = fields.CharField(max_length=320, unique=True)
    name = fields.CharField(max_length=200)
    password = fields.CharField(max_length=200)
    roles: Json = fields.JSONField()
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff"


class StaffSession(Model):
    """A sign-in of staff, the cookie's token is stored hashed."""

    id = fields.BigIntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="sessions", on_delete=fields.RESTRICT
    )
    staff_id: int
    token_digest = fields.CharField(max_length=80, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_session"


class Scope(StrEnum):
    """What a token may be used for (RFC 6749, section 3.3); `docs/api.md` says which call asks for which."""

    TERMS_READ = "terms:read"
    NOTICES_READ = "notices:read"
    NOTICES_LINKS = "notices:links"
    NOTICES_WRITE = "notices:write"
    OPT_OUTS_LINKS = "opt_outs:links"


class ApiToken(Model):
    """A token of one of the company's systems, stored hashed.

    `scopes` are those of `Scope`, with blanks between.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=200)
    token_digest = fields.CharField(max_length=80, unique=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="tokens", on_delete=fields.RESTRICT
    )
    staff_id: int
    scopes = fields.CharField(max_length=200, db_default="terms:read")
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_token"

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes.split()


class Attempt(Model):
    """How often something that is rate-limited was tried in a span of time. `key` names it without personal data."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=100)
    span_start = fields.DatetimeField()
    tries = fields.IntField(default=0)

    class Meta:
        table = "attempt"
        unique_together = (("key", "span_start"),)

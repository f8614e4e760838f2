"""Answers that take effect once they are known to be the member's: consents, late withdrawals, freezes by a reply."""

from enum import StrEnum
from typing import cast

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from portal.store.answers import ConfirmationWay, Objection, Way
from portal.store.fact import Fact, one_of
from portal.store.members import Member, Remark
from portal.store.policies import Version

_KNOWN_WAY = one_of("COALESCE(confirmed_by, 'code')", ConfirmationWay)


class DeclarationKind(StrEnum):
    """What is declared: a yes to an opt-in purpose, the end of an opt-out, the end of an objection, or an objection."""

    CONSENT = "consent"
    OPT_IN = "opt_in"
    WITHDRAWAL = "withdrawal"
    OBJECTION = "objection"


class Decision(StrEnum):
    """What became of it: it took effect; the member left it; ops rejected it; another answer was quicker."""

    CONFIRMED = "confirmed"
    DROPPED = "dropped"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"


class Declaration(Fact):
    """What a member declared, by link or signed in, open while `decided_at` is null, which is set once.

    `objection` is that of a withdrawal, `purpose` that of a consent and of opting in. `number` is the receipt's, and
    that of the objection that a declared one becomes. Confirming moves no instant: what follows from it was received at
    `received_at`. A declared objection came by a reply, and is to all changes that can be objected to.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="declarations", on_delete=fields.RESTRICT
    )
    member_id: int
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="declarations", on_delete=fields.RESTRICT
    )
    version_id: int
    number = fields.CharField(max_length=32)
    kind = fields.CharEnumField(DeclarationKind, max_length=16)
    objection: fields.ForeignKeyNullableRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="declarations", null=True, on_delete=fields.RESTRICT
    )
    objection_id: int | None
    purpose = fields.CharField(max_length=64, default="")
    way = fields.CharEnumField(Way, max_length=16)
    decided_at = fields.DatetimeField(null=True)
    decided_as = cast("fields.Field[Decision | None]", fields.CharEnumField(Decision, max_length=16, null=True))
    decided_sequence = fields.BigIntField(null=True)
    confirmed_by = cast(
        "fields.Field[ConfirmationWay | None]", fields.CharEnumField(ConfirmationWay, max_length=16, null=True)
    )
    staff_id = fields.BigIntField(null=True)
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="declarations", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "declaration"
        constraints = (
            # and one open of a kind about the same thing: migration 0013
            UniqueConstraint(fields=("member_id", "number"), name="declaration_number_once"),
            CheckConstraint(
                check=" AND ".join(
                    (
                        one_of("kind", DeclarationKind),
                        one_of("way", Way),
                        "(kind = 'withdrawal') = (objection_id IS NOT NULL)",
                        "(kind IN ('withdrawal', 'objection')) = (purpose = '')",
                    )
                ),
                name="declaration_of_one_thing",
            ),
            # An unknown result passes a check, so each column that may be null is asked for.
            CheckConstraint(
                check="(decided_at IS NULL AND decided_as IS NULL AND decided_sequence IS NULL"
                " AND confirmed_by IS NULL) OR (decided_at IS NOT NULL AND decided_as IS NOT NULL"
                " AND decided_sequence IS NOT NULL"
                f" AND {one_of('decided_as', Decision)} AND (decided_as = 'confirmed') = (confirmed_by IS NOT NULL)"
                f" AND {_KNOWN_WAY})",
                name="declaration_decided_whole",
            ),
        )

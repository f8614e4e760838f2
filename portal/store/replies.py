"""Replies to notices that say an objection, and what became of each."""

from collections.abc import Sequence

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.answers import Objection
from portal.store.declarations import Declaration
from portal.store.members import Member
from portal.store.outbox import OutgoingMail
from portal.store.policies import Version
from portal.store.returned import ReturnedMail


class Reply(Model):
    """A letter by which the member of a notice objects to its version. Never altered.

    It came to one of three: an `objection` in force that closes, a `declaration` that waits, or a `refusal` by the
    rules, of which a `mail` tells: one a notice at most, so that two programs cannot answer each other for ever.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="replies", on_delete=fields.RESTRICT
    )
    member_id: int
    returned: fields.ForeignKeyRelation[ReturnedMail] = fields.ForeignKeyField(
        "portal.ReturnedMail", related_name="replies", on_delete=fields.RESTRICT
    )
    returned_id: int
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="replies", on_delete=fields.RESTRICT
    )
    version_id: int
    objection: fields.ForeignKeyNullableRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="replies", null=True, on_delete=fields.RESTRICT
    )
    objection_id: int | None
    declaration: fields.ForeignKeyNullableRelation[Declaration] = fields.ForeignKeyField(
        "portal.Declaration", related_name="replies", null=True, on_delete=fields.RESTRICT
    )
    declaration_id: int | None
    refusal = fields.CharField(max_length=32, default="")
    mail: fields.ForeignKeyNullableRelation[OutgoingMail] = fields.ForeignKeyField(
        "portal.OutgoingMail", related_name="replies", null=True, on_delete=fields.RESTRICT
    )
    mail_id: int | None
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "reply"
        constraints = (
            # and one mail that tells of a refusal a member and version: migration 0018
            UniqueConstraint(fields=("member_id", "returned_id"), name="reply_once"),
            CheckConstraint(
                check="(objection_id IS NULL OR declaration_id IS NULL)"
                " AND (refusal <> '') = (objection_id IS NULL AND declaration_id IS NULL)"
                " AND (mail_id IS NULL OR refusal <> '')",
                name="reply_came_to_one",
            ),
        )
        indexes = (Index(fields=("returned_id",), name="reply_of"),)

    @property
    def number(self) -> str:
        """The receipt number of what it became, "" where that was refused; both have to be fetched."""
        became = self.objection or self.declaration
        return became.number if became is not None else ""


async def replies_to(member_id: int) -> list[Reply]:
    """The replies of that member that object, the oldest first."""
    found = Reply.filter(member_id=member_id).order_by("id")
    return await found.select_related("objection", "declaration")


async def replies_of(rows: Sequence[ReturnedMail]) -> dict[int, Reply]:
    """Row id of a letter -> what became of it as a reply, where it was one that objects."""
    found = Reply.filter(returned_id__in=[row.id for row in rows])
    return {one.returned_id: one for one in await found.select_related("objection", "declaration")}

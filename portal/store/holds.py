"""Holds: the sending of a version's notices is paused. What is owed stays owed."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from portal.store.policies import Version


class CampaignHold(Model):
    """No notice of the version is sent from `held_at` until `lifted_at` (UTC), a version has one unlifted at most.

    `held_by` and `lifted_by` are actors as events write them (`staff:3`, `system`). `reason` says why, in words that
    name nobody. A hold is never altered or deleted, only lifted, once.
    """

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="holds", on_delete=fields.RESTRICT
    )
    version_id: int
    held_at = fields.DatetimeField()
    held_by = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=600)
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "campaign_hold"
        constraints = (
            # and one unlifted a version: migration 0008
            CheckConstraint(check="(lifted_at IS NULL) = (lifted_by IS NULL)", name="campaign_hold_lifted_whole"),
            CheckConstraint(check="lifted_at IS NULL OR lifted_at >= held_at", name="campaign_hold_in_order"),
        )


async def held(version_id: int) -> CampaignHold | None:
    """The hold under which the version's notices are now; None: they may be sent."""
    return await CampaignHold.get_or_none(version_id=version_id, lifted_at__isnull=True)

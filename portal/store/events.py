"""The append-only record of everything that was done."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from portal.store.fact import Json


class Event(Model):
    """Who did what, when, about whom. Written in the action's own transaction, triggers refuse any later touch.

    `facts` holds ids and digests, never an address, a name or free text.
    """

    id = fields.BigIntField(primary_key=True)
    action = fields.CharField(max_length=64)
    actor = fields.CharField(max_length=64)
    received_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    member_id = fields.BigIntField(null=True)
    policy_id = fields.BigIntField(null=True)
    version_id = fields.BigIntField(null=True)
    facts: Json = fields.JSONField()

    class Meta:
        table = "event"
        indexes = (Index(fields=("member_id", "id"), name="event_of_member"),)

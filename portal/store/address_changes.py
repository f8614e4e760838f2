"""Another mail address that a member asked for, until both addresses have confirmed it."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from portal.store.fact import Fact, one_of
from portal.store.members import Address, Member


class AddressChangeEnd(StrEnum):
    """What became of it."""

    CONFIRMED = "confirmed"  # the address was given, with a row of its own
    CANCELLED = "cancelled"  # by the member
    DISOWNED = "disowned"  # somebody at the old address said that it was not them
    REFUSED = "refused"  # by ops, who had been asked
    REPLACED = "replaced"  # the member asked for another one, or it ran out before they asked again


class AddressChange(Fact):
    """A member asked at `received_at` for `address` in place of `old_address`, null where there was none to ask.

    It counts once both have confirmed, then as an Address of its own; before that nothing is sent to it but its own
    link. `handed_at`: ops stand in for the old address, and it does not run out at `expires_at` any more. `address` is
    blanked when it is erased.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="address_changes", on_delete=fields.RESTRICT
    )
    member_id: int
    address = fields.CharField(max_length=320)
    digest = fields.CharField(max_length=80)
    old_address: fields.ForeignKeyNullableRelation[Address] = fields.ForeignKeyField(
        "portal.Address", related_name="changes", null=True, on_delete=fields.RESTRICT
    )
    old_address_id: int | None
    expires_at = fields.DatetimeField()
    new_confirmed_at = fields.DatetimeField(null=True)
    old_confirmed_at = fields.DatetimeField(null=True)
    handed_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_as = fields.CharEnumField(AddressChangeEnd, max_length=16, null=True)

    class Meta:
        table = "address_change"
        constraints = (
            # and one that has not ended a member: migration 0014
            CheckConstraint(check="(ended_at IS NULL) = (ended_as IS NULL)", name="address_change_ended_whole"),
            CheckConstraint(check=one_of("ended_as", AddressChangeEnd), name="address_change_end_known"),
            CheckConstraint(
                check="ended_as IS NULL OR ended_as <> 'confirmed' OR (new_confirmed_at IS NOT NULL"
                " AND (old_address_id IS NULL OR old_confirmed_at IS NOT NULL))",
                name="address_change_confirmed_at_both",
            ),
        )
        indexes = (Index(fields=("member_id", "received_at"), name="address_change_of_member"),)

    def waits(self, now: datetime) -> bool:
        """Whether it can still come to something: not ended, and not run out."""
        return self.ended_at is None and (self.handed_at is not None or now < self.expires_at)

    @property
    def confirmed(self) -> bool:
        """Whether everybody who has to has confirmed it."""
        by_old = self.old_address_id is None or self.old_confirmed_at is not None
        return self.new_confirmed_at is not None and by_old

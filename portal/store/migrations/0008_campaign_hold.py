"""Holds of campaigns, the triggers that keep them, and an index by which the rate of sending is told."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.triggers import Promises, spelled

# Both are partial, and Tortoise 1.1.9 can declare neither. The second holds accepted sendings only, in the order of
# their acceptance, so that it grows at its end and costs the sender next to nothing.
PARTIAL_INDEXES = [
    "CREATE UNIQUE INDEX campaign_hold_one ON campaign_hold (version_id) WHERE lifted_at IS NULL",
    "CREATE INDEX sending_accepted ON sending (accepted_at, notice_id) WHERE accepted_at IS NOT NULL",
]
PROMISES = Promises(
    partly_altered={
        "campaign_hold": (
            "id version_id held_at held_by reason",
            "OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL",
            "a hold is only ever lifted, once",
        )
    }
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in [*PARTIAL_INDEXES, *spelled(PROMISES, editor.client.capabilities.dialect)]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0007_returned_mail")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CampaignHold",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "version",
                    fields.ForeignKeyField(
                        "portal.Version",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="holds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("held_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("held_by", fields.CharField(max_length=64)),
                ("reason", fields.CharField(max_length=600)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lifted_by", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "campaign_hold",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "No notice of the version is sent from `held_at` until `lifted_at` (UTC), a version has one unlifted at most.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CampaignHold",
            constraint=CheckConstraint(
                check="(lifted_at IS NULL) = (lifted_by IS NULL)", name="campaign_hold_lifted_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="CampaignHold",
            constraint=CheckConstraint(
                check="lifted_at IS NULL OR lifted_at >= held_at", name="campaign_hold_in_order"
            ),
        ),
        ops.RunPython(defend),
    ]

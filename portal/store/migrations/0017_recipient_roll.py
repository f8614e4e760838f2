"""The recipient roll of a version: number and digest of the members who were owed a notice when it was posted."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.triggers import Promises, spelled

# Versions that are there already get none: what was owed then was not fixed then.
PROMISES = Promises(never_altered={"recipient_roll": "a recipient roll is never altered"})


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in spelled(PROMISES, editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0015_spent_token")]

    operations = [
        ops.CreateModel(
            name="RecipientRoll",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "version",
                    fields.ForeignKeyField(
                        "portal.Version",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="rolls",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("members", fields.BigIntField()),
                ("last_notice_id", fields.BigIntField()),
                ("digest", fields.CharField(max_length=80)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "recipient_roll",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "The members who were owed a notice when the version was posted, without names and addresses. Never altered.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="RecipientRoll",
            constraint=CheckConstraint(check="members >= 0", name="recipient_roll_number_known"),
        ),
        ops.AddConstraint(
            model_name="RecipientRoll",
            constraint=CheckConstraint(check="(members = 0) = (last_notice_id = 0)", name="recipient_roll_ends"),
        ),
        ops.AddConstraint(
            model_name="RecipientRoll",
            constraint=UniqueConstraint(fields=("version_id",), name="recipient_roll_once"),
        ),
        ops.RunPython(defend),
    ]

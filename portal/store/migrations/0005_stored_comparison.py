"""Comparisons that are kept beside those of publications, and triggers that hold both to their texts."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.triggers import Promises, spelled

DIGEST_SQLITE = "json_extract(NEW.{record}, '$.{side}.digest')"
DIGEST_POSTGRES = "NEW.{record} -> '{side}' ->> 'digest'"


def promises(dialect: str) -> Promises:
    """The two databases name a place in JSON differently."""
    digest = DIGEST_SQLITE if dialect == "sqlite" else DIGEST_POSTGRES
    compared_new, compared_old = (
        digest.format(record="comparison", side="new"),
        digest.format(record="comparison", side="old"),
    )
    stored_new, stored_old = digest.format(record="record", side="new"), digest.format(record="record", side="old")
    return Promises(
        never_altered={"stored_comparison": "a stored comparison is never altered"},
        inserts_refused=[
            (
                "version_compared",
                "version",
                f"NEW.comparison IS NOT NULL AND (({compared_new}) <> NEW.digest OR NOT EXISTS (SELECT 1 FROM version v"
                f" WHERE v.policy_id = NEW.policy_id AND v.number = NEW.number - 1 AND v.digest = ({compared_old})))",
                "a version is published with the comparison of its own text and the one before",
            ),
            (
                "stored_comparison_of_both",
                "stored_comparison",
                "NOT EXISTS (SELECT 1 FROM version o JOIN version n ON n.policy_id = o.policy_id AND n.number > o.number"
                f" WHERE o.id = NEW.older_id AND n.id = NEW.newer_id AND o.digest = ({stored_old})"
                f" AND n.digest = ({stored_new}))",
                "a stored comparison is of two versions of one policy, the older one first",
            ),
        ],
    )


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in spelled(promises(dialect), dialect):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_address_by_digest")]

    initial = False

    operations = [
        ops.CreateModel(
            name="StoredComparison",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "older",
                    fields.ForeignKeyField(
                        "portal.Version",
                        source_field="older_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="compared_with_newer",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "newer",
                    fields.ForeignKeyField(
                        "portal.Version",
                        source_field="newer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="compared_with_older",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("engine", fields.CharField(max_length=16)),
                ("record", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "stored_comparison",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "Two versions of a policy compared by one engine, beside what a publication holds itself. Never altered.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StoredComparison",
            constraint=UniqueConstraint(fields=("newer_id", "older_id", "engine"), name="stored_comparison_once"),
        ),
        ops.RunPython(defend),
    ]

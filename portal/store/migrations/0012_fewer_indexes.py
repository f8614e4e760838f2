"""Fewer and smaller indexes on what a campaign writes: each message used to change twelve entries, now it changes six."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

# Tortoise 1.1.9 declares partial indexes for equal values only.
PARTIAL_INDEXES = [
    # Only what is owed has a next attempt. Both databases see from `next_attempt_at <= ...` that it is not null.
    "CREATE INDEX notice_due ON notice (version_id, member_id) WHERE next_attempt_at IS NOT NULL",
    # The events of a policy's history; those of single members are a thousand times as many.
    "CREATE INDEX event_of_policy ON event (policy_id, id) WHERE member_id IS NULL",
]


# Queued without an instant meant: at once.
AT_ONCE = "UPDATE notice SET next_attempt_at = recorded_at WHERE state = 'queued' AND next_attempt_at IS NULL"


async def index(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in [AT_ONCE, *PARTIAL_INDEXES]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0011_erased_mail")]

    operations = [
        ops.RemoveIndex("Notice", name="notice_queued"),
        ops.RemoveIndex("Notice", name="notice_due"),
        ops.RemoveIndex("Event", name="event_of_version"),
        ops.RunPython(index),
    ]

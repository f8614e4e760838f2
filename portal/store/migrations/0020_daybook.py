"""What SQLite notes of a campaign before it is carried over into its rows (see `daybook.py`)."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.daybook import TABLE, TRIGGERS


async def add(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        for statement in (TABLE, *TRIGGERS):
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0019_submissions")]

    initial = False

    operations = [ops.RunPython(add)]

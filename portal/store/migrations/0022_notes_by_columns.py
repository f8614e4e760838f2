"""What SQLite's daybook notes stands in a list a column: it is written, read and checked at a fraction of the cost."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.daybook import TRIGGERS

_NUMBERS = ", ".join(f"json_group_array(json_extract(value, '$[{place}]'))" for place in range(5))
_TEXTS = ", ".join(f"group_concat(json_extract(value, '$[{place}]'), char(10))" for place in range(5, 8))
_ANSWERS = ", ".join(
    f"(SELECT json_group_array(json_extract(value, '$[{place}]')) FROM json_each(g.value, '$[3]'))"
    for place in range(3)
)

# Notes that were left by a server that was killed: they used to be a list a sending, and a list an answer.
TURNED = (
    f"UPDATE daybook SET begun = (SELECT json_array({_NUMBERS}, {_TEXTS}) FROM json_each(begun)) WHERE begun <> '[]'",
    f"""
UPDATE daybook SET accepted = (SELECT json_group_array(json_array(json_extract(g.value, '$[0]'),
    json(json_extract(g.value, '$[1]')), json_extract(g.value, '$[2]'), {_ANSWERS})) FROM json_each(accepted) g)
""",
)


async def turn(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        for statement in (
            "DROP TRIGGER daybook_never_updated",
            "DROP TRIGGER daybook_carried_first",
            *TURNED,
            *TRIGGERS,
        ):
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0021_lighter_rows")]

    operations = [ops.RunPython(turn)]

"""The checks of a notice's and of a sending's state in words that SQLite looks at quicker; what its daybook notes is
shorter."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.daybook import TRIGGERS
from portal.store.wider_check import SameCheck

OF_SENDING = ("sending", "accepted", "deferred", "failed", "unknown", "refused")
OF_NOTICE = ("posted", "queued", *OF_SENDING)

# Notes that were left by a server that was killed: they had a list of what servers said, and behind each sending its
# notice.
TURNED = """
UPDATE daybook SET accepted = (SELECT json_group_array(json_array(json_extract(g.value, '$[0]'),
    json(json_extract(g.value, '$[1]')), json_extract(g.value, '$[2]'), json(json_extract(g.value, '$[3]')),
    (SELECT group_concat(value, char(10)) FROM json_each(g.value, '$[5]')))) FROM json_each(accepted) g)
"""


def compared(model: str, name: str, states: tuple[str, ...]) -> SameCheck:
    """The check of a list of states, said one after the other."""
    return SameCheck(
        model,
        CheckConstraint(check=f"state IN {states!r}", name=name),
        CheckConstraint(check=" OR ".join(f"state = {state!r}" for state in states), name=name),
    )


async def turn(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        for statement in ("DROP TRIGGER daybook_never_updated", TURNED, TRIGGERS[0]):
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0023_one_index_of_states")]

    operations = [
        compared("Notice", "notice_state_known", OF_NOTICE),
        compared("Sending", "sending_state_known", OF_SENDING),
        ops.RunPython(turn),
    ]

"""A check that lets more through than before, on a table that stays as it is."""

from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.operations import AddConstraint, RemoveConstraint, TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class WiderCheck(TortoiseOperation):
    """Puts a check in the place of the one of the same name, which every row fulfils that fulfilled that one.

    Tortoise would build SQLite's table anew, without its indexes and triggers (decision 0002). The check is only text
    there, which SQLite's manual changes in place where no row has to change with it ("Making Other Kinds Of Table
    Schema Changes", the second procedure).
    """

    def __init__(self, model_name: str, table: str, before: str, constraint: CheckConstraint) -> None:
        """`before`: the earlier check, to the letter."""
        self.model_name, self.table, self.before, self.constraint = model_name, table, before, constraint

    def describe(self) -> str:
        return f"Widen a check of {self.model_name}"

    def state_forward(self, app_label: str, state: State) -> None:
        RemoveConstraint(self.model_name, name=self.constraint.name).state_forward(app_label, state)
        AddConstraint(self.model_name, self.constraint).state_forward(app_label, state)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Raises ValueError where the earlier check is not there."""
        if state_editor is None:
            return
        if state_editor.client.capabilities.dialect == "sqlite":
            await self._in_sqlite(state_editor)
        else:
            table, name, check = self.table, self.constraint.name, self.constraint.check
            await state_editor.client.execute_query(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            await state_editor.client.execute_query(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({check})')

    async def database_backward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Nothing to do: what fulfilled the earlier check fulfils this one."""

    async def _in_sqlite(self, editor: BaseSchemaEditor) -> None:
        client, table = editor.client, self.table
        named = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
        [row] = await client.execute_query_dict(named, [table])
        if row["sql"].count(self.before) != 1:
            raise ValueError(f"{table} has another check than {self.constraint.name}")
        [schema] = await client.execute_query_dict("PRAGMA schema_version")
        await client.execute_query("PRAGMA writable_schema = ON")
        await client.execute_query(
            "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?",
            [row["sql"].replace(self.before, self.constraint.check), table],
        )
        # Other connections, and this one, then read the schema again.
        await client.execute_query(f"PRAGMA schema_version = {schema['schema_version'] + 1}")
        await client.execute_query("PRAGMA writable_schema = OFF")

"""A check that lets more values in, or the same ones said otherwise, without building the table anew."""

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.operations import AddConstraint, RemoveConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class WiderCheck(AddConstraint):
    """Puts a check in the place of the one of the same name, which was narrower: no row needs to be looked at.

    Tortoise would build SQLite's table anew, without its indexes and triggers (decision 0002). There the text of the
    table is changed instead, as SQLite describes it for what does not touch the rows (lang_altertable, section 7).
    """

    def __init__(self, model_name: str, before: CheckConstraint, constraint: CheckConstraint) -> None:
        super().__init__(model_name, constraint)
        self.before, self.check = before, constraint

    def state_forward(self, app_label: str, state: State) -> None:
        RemoveConstraint(self.model_name, name=self.before.name).state_forward(app_label, state)
        super().state_forward(app_label, state)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """In the transaction of the migration."""
        if state_editor:
            await replace_check(state_editor.client, self._table(app_label, new_state), self.before, self.check)

    async def database_backward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """The narrower one again; on SQLite rows that it would not let in are not looked for."""
        if state_editor:
            await replace_check(state_editor.client, self._table(app_label, old_state), self.check, self.before)

    def _table(self, app_label: str, state: State) -> str:
        model = state.apps.get_model(f"{app_label}.{self.model_name}")
        return model._meta.db_table  # noqa: SLF001 - nothing public tells


class SameCheck(WiderCheck):
    """Puts a check in the place of one that lets the same values in, but takes SQLite longer. PostgreSQL's stays as it
    is: a new one would have to look at every row."""

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor and state_editor.client.capabilities.dialect == "sqlite":
            await super().database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor and state_editor.client.capabilities.dialect == "sqlite":
            await super().database_backward(app_label, old_state, new_state, state_editor)


async def replace_check(client: BaseDBAsyncClient, table: str, old: CheckConstraint, new: CheckConstraint) -> None:
    """Puts the one check in the place of the other, which the table must have. Call it inside of a transaction."""
    if client.capabilities.dialect != "sqlite":
        await client.execute_query(f'ALTER TABLE "{table}" DROP CONSTRAINT "{old.name}"')
        await client.execute_query(f'ALTER TABLE "{table}" ADD CONSTRAINT "{new.name}" CHECK ({new.check})')
        return
    was, is_now = (f'CONSTRAINT "{one.name}" CHECK ({one.check})' for one in (old, new))
    this = "type = 'table' AND name = ? AND instr(sql, ?)"
    found, _ = await client.execute_query(f"SELECT 1 FROM sqlite_master WHERE {this}", [table, was])
    assert found == 1, f"{table} has no check {was}"  # before the schema can be written: no transaction takes that back
    _, rows = await client.execute_query("PRAGMA schema_version")
    await client.execute_query("PRAGMA writable_schema = ON")
    change = f"UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE {this}"
    await client.execute_query(change, [was, is_now, table, was])
    await client.execute_query(f"PRAGMA schema_version = {rows[0][0] + 1}")  # other connections read it anew
    await client.execute_query("PRAGMA writable_schema = RESET")

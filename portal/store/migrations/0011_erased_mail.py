"""When the words of mail that came in were erased, by whom and why; and what the database refuses about it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.triggers import Promises, spelled

# What the sweep looks for, and nothing else: it stays small however much was erased. Tortoise 1.1.9 cannot declare it.
PARTIAL_INDEXES = ["CREATE INDEX returned_mail_not_erased ON returned_mail (handled_at) WHERE erased_at IS NULL"]
_HANDLED = (
    "OLD.handled_at IS NOT NULL AND (NEW.handled_at IS NULL OR NEW.handled_at <> OLD.handled_at"
    " OR NEW.handled_as <> OLD.handled_as OR COALESCE(NEW.staff_id, 0) <> COALESCE(OLD.staff_id, 0))"
)
_ERASED = (
    "OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NULL OR NEW.erased_at <> OLD.erased_at"
    " OR NEW.erased_why <> OLD.erased_why OR COALESCE(NEW.erased_by, 0) <> COALESCE(OLD.erased_by, 0))"
)
_HALF = "NEW.erased_at IS NULL AND (NEW.erased_by IS NOT NULL OR NEW.erased_why <> '')"
_WAITS = "NEW.erased_at IS NOT NULL AND NEW.handled_at IS NULL"
PROMISES = Promises(
    partly_altered={
        "returned_mail": (
            "id kind hard status reason digest size received_at recorded_at sequence",
            " OR ".join(f"({condition})" for condition in (_HANDLED, _ERASED, _HALF, _WAITS)),
            "of a message that came in only its handling and its erasure are set, once and in this order",
        )
    },
    updates_refused=[
        (
            "returned_mail_erased_is_blank",
            "returned_mail",
            "NEW.erased_at IS NOT NULL AND EXISTS (SELECT 1 FROM returned_content c WHERE c.returned_id = NEW.id"
            " AND (length(c.content) > 0 OR c.sender <> '' OR c.subject <> '' OR c.recipient <> ''))",
            "what is told to be erased is blank",
        )
    ],
)
_EARLIER = {
    "sqlite": ["DROP TRIGGER returned_mail_kept", "DROP TRIGGER returned_mail_never_deleted"],
    "postgres": [
        f"DROP TRIGGER returned_mail_{name} ON returned_mail" for name in ("kept", "never_deleted", "never_emptied")
    ],
}


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in [*_EARLIER[dialect], *spelled(PROMISES, dialect), *PARTIAL_INDEXES]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0010_mail_domain")]

    # No checks on the columns: on SQLite they would rebuild the table (decision 0002). The trigger says the same.
    operations = [
        ops.AddField("ReturnedMail", "erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.AddField("ReturnedMail", "erased_by", fields.BigIntField(null=True)),
        ops.AddField("ReturnedMail", "erased_why", fields.CharField(db_default="", max_length=600)),
        ops.RunPython(defend),
    ]

"""Domains whose mail is held back, and the notices that are put off for one."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

# A notice that is put off has no next attempt of its own: without its row here nobody would ever send it.
NEVER_DUE = """
EXISTS (SELECT 1 FROM notice n WHERE n.id = OLD.notice_id AND n.state IN ('queued', 'deferred')
    AND n.next_attempt_at IS NULL AND n.owner IS NULL)
"""
WHY = "the notice would never be due"
ON_SQLITE = [
    f"CREATE TRIGGER put_off_notice_due BEFORE DELETE ON put_off_notice WHEN {NEVER_DUE}"
    f" BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
]
ON_POSTGRESQL = [
    "CREATE FUNCTION put_off_notice_due() RETURNS trigger LANGUAGE plpgsql AS $$"
    f" BEGIN IF {NEVER_DUE} THEN RAISE EXCEPTION '{WHY}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    " RETURN OLD; END $$",
    "CREATE TRIGGER put_off_notice_due BEFORE DELETE ON put_off_notice"
    " FOR EACH ROW EXECUTE FUNCTION put_off_notice_due()",
    "CREATE TRIGGER put_off_notice_never_emptied BEFORE TRUNCATE ON put_off_notice"
    f" FOR EACH STATEMENT EXECUTE FUNCTION refuse('{WHY}')",
]


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in ON_SQLITE if dialect == "sqlite" else ON_POSTGRESQL:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0009_notices_in_order")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MailDomain",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("domain", fields.CharField(max_length=255)),
                ("spent_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paused_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paused_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reply", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "mail_domain",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "What all processes that send have to know of one domain, in lower case and ASCII. Instants are in UTC.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="MailDomain",
            constraint=CheckConstraint(
                check="(paused_at IS NULL) = (paused_until IS NULL)", name="mail_domain_paused_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="MailDomain",
            constraint=CheckConstraint(
                check="paused_until IS NULL OR paused_until > paused_at", name="mail_domain_paused_in_order"
            ),
        ),
        ops.AddConstraint(
            model_name="MailDomain", constraint=UniqueConstraint(fields=("domain",), name="mail_domain_once")
        ),
        ops.CreateModel(
            name="PutOffNotice",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "notice",
                    fields.ForeignKeyField(
                        "portal.Notice",
                        source_field="notice_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="put_off",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "domain",
                    fields.ForeignKeyField(
                        "portal.MailDomain",
                        source_field="domain_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="put_off",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "put_off_notice",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A notice that its domain may not get yet, the first one first. It is due when this row is deleted.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PutOffNotice", constraint=UniqueConstraint(fields=("notice_id",), name="put_off_notice_once")
        ),
        ops.AddIndex("PutOffNotice", Index(fields=["domain_id", "id"], name="put_off_notice_in_order")),
        ops.RunPython(defend),
    ]

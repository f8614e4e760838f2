"""Answers that wait for a confirmation, and objections that take another's place or stand again."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.answers import ConfirmationWay, Way
from portal.store.declarations import Decision, DeclarationKind
from portal.store.triggers import Promises, spelled

# Tortoise 1.1.9 makes no partial unique index on SQLite.
PARTIAL_INDEXES = [
    "CREATE UNIQUE INDEX declaration_one_open ON declaration (member_id, version_id, kind, purpose)"
    " WHERE decided_at IS NULL",
]

# Those of migration 0003 knew neither of the two new columns.
REPLACED = {
    "sqlite": [
        "DROP TRIGGER objection_kept",
        "DROP TRIGGER objection_never_deleted",
        "DROP TRIGGER objection_in_time",
    ],
    "postgres": [
        "DROP TRIGGER objection_kept ON objection",
        "DROP TRIGGER objection_never_deleted ON objection",
        "DROP TRIGGER objection_never_emptied ON objection",
        "DROP TRIGGER objection_in_time ON objection",
        "DROP FUNCTION objection_in_time()",
    ],
}

PROMISES = Promises(
    partly_altered={
        "objection": (
            "id member_id version_id number closing way staff_id remark_id amends_id restores_id received_at recorded_at"
            " sequence",
            "OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL",
            "of a received objection only the withdrawal is set, once",
        ),
        "declaration": (
            "id member_id version_id number kind objection_id purpose way received_at recorded_at sequence",
            "OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL",
            "of a declaration only the decision is set, once",
        ),
    },
    inserts_refused=[
        (
            "objection_in_time",
            "objection",
            "NEW.restores_id IS NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.member_id = NEW.member_id"
            " AND n.version_id = NEW.version_id AND (n.closes_at IS NULL OR NEW.received_at < n.closes_at))",
            "an objection needs a notice whose window has not closed",
        ),
        (
            "objection_stands_again",
            "objection",
            "NEW.restores_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.restores_id"
            " AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.closing = NEW.closing"
            " AND o.received_at = NEW.received_at AND o.withdrawn_at IS NOT NULL)",
            "an objection stands again as it was received",
        ),
        (
            "objection_amends_own",
            "objection",
            "NEW.amends_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.amends_id"
            " AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.withdrawn_at IS NOT NULL)",
            "an objection takes the place of one that was taken back with it",
        ),
        (
            "declaration_while_open",
            "declaration",
            "EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id)",
            "a closed account declares nothing",
        ),
        (
            "declaration_of_own_objection",
            "declaration",
            "NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id"
            " AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id)",
            "a declaration is about an objection of the member",
        ),
        (
            "consent_confirmed",
            "consent",
            "NEW.way = 'link' AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id"
            " AND d.version_id = NEW.version_id AND d.purpose = NEW.purpose AND d.kind = 'consent'"
            " AND d.decided_as = 'confirmed')",
            "a consent by link counts once it is confirmed",
        ),
    ],
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    replaced = REPLACED["sqlite" if dialect == "sqlite" else "postgres"]
    for statement in [*PARTIAL_INDEXES, *replaced, *spelled(PROMISES, dialect)]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0012_fewer_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Declaration",
            fields=[
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sequence", fields.BigIntField()),
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "member",
                    fields.ForeignKeyField(
                        "portal.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="declarations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "version",
                    fields.ForeignKeyField(
                        "portal.Version",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="declarations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.CharField(max_length=32)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CONSENT: consent\nOPT_IN: opt_in\nWITHDRAWAL: withdrawal",
                        enum_type=DeclarationKind,
                        max_length=16,
                    ),
                ),
                (
                    "objection",
                    fields.ForeignKeyField(
                        "portal.Objection",
                        source_field="objection_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="declarations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose", fields.CharField(default="", max_length=64)),
                (
                    "way",
                    fields.CharEnumField(
                        description="LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply",
                        enum_type=Way,
                        max_length=16,
                    ),
                ),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_as",
                    fields.CharEnumField(
                        null=True,
                        description="CONFIRMED: confirmed\nDROPPED: dropped\nREJECTED: rejected\nOVERTAKEN: overtaken",
                        enum_type=Decision,
                        max_length=16,
                    ),
                ),
                ("decided_sequence", fields.BigIntField(null=True)),
                (
                    "confirmed_by",
                    fields.CharEnumField(
                        null=True,
                        description="CODE: code\nSIGN_IN: sign_in\nOPS: ops",
                        enum_type=ConfirmationWay,
                        max_length=16,
                    ),
                ),
                ("staff_id", fields.BigIntField(null=True)),
                (
                    "remark",
                    fields.ForeignKeyField(
                        "portal.Remark",
                        source_field="remark_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="declarations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "declaration",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "What a member declared, by link or signed in, open while `decided_at` is null, which is set once.",
            },
            bases=["Fact"],
        ),
        ops.AddConstraint(
            model_name="Declaration",
            constraint=CheckConstraint(
                check="kind IN ('consent', 'opt_in', 'withdrawal') AND way IN ('link', 'account', 'letter', 'call', 'reply') AND (kind = 'withdrawal') = (objection_id IS NOT NULL) AND (kind = 'withdrawal') = (purpose = '')",
                name="declaration_of_one_thing",
            ),
        ),
        ops.AddConstraint(
            model_name="Declaration",
            constraint=CheckConstraint(
                check="(decided_at IS NULL AND decided_as IS NULL AND decided_sequence IS NULL AND confirmed_by IS NULL) OR (decided_at IS NOT NULL AND decided_as IS NOT NULL AND decided_sequence IS NOT NULL AND decided_as IN ('confirmed', 'dropped', 'rejected', 'overtaken') AND (decided_as = 'confirmed') = (confirmed_by IS NOT NULL) AND COALESCE(confirmed_by, 'code') IN ('code', 'sign_in', 'ops'))",
                name="declaration_decided_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Declaration",
            constraint=UniqueConstraint(fields=("member_id", "number"), name="declaration_number_once"),
        ),
        ops.AddField(
            model_name="Objection",
            name="amends",
            field=fields.ForeignKeyField(
                "portal.Objection",
                source_field="amends_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="amended_by",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Objection",
            name="restores",
            field=fields.ForeignKeyField(
                "portal.Objection",
                source_field="restores_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="restored_as",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="OneTimeCode",
            name="declaration",
            field=fields.ForeignKeyField(
                "portal.Declaration",
                source_field="declaration_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="codes",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="OneTimeCode",
            index=Index(fields=["member_id", "objection_id"], name="one_time_code_of_member"),
        ),
        ops.RunPython(defend),
    ]

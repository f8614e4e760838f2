"""Replies that object, and objections that are declared by them: no freeze comes from a reply that nobody confirmed."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.declarations import DeclarationKind
from portal.store.outbox import MailKind
from portal.store.same_column import SameColumn
from portal.store.triggers import Promises, spelled
from portal.store.wider_check import WiderCheck

# Partial, so Tortoise 1.1.9 cannot declare it.
ONLY_ONE = ["CREATE UNIQUE INDEX reply_told_once ON reply (member_id, version_id) WHERE mail_id IS NOT NULL"]
_OF_ANOTHER = " AND NOT EXISTS (SELECT 1 FROM {0} x WHERE x.id = NEW.{0}_id AND x.member_id = NEW.member_id"
PROMISES = Promises(
    never_altered={"reply": "what became of a reply is never altered"},
    inserts_refused=[
        (
            "objection_by_reply_confirmed",
            "objection",
            "NEW.way = 'reply' AND NEW.staff_id IS NULL AND NEW.restores_id IS NULL AND NOT NEW.closing"
            " AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id"
            " AND d.version_id = NEW.version_id AND d.kind = 'objection' AND d.decided_as = 'confirmed'"
            " AND d.number = NEW.number AND d.received_at = NEW.received_at)",
            "a freeze by a reply counts once it is confirmed",
        ),
        (
            "reply_of_own_objection",
            "reply",
            "NEW.objection_id IS NOT NULL" + _OF_ANOTHER.format("objection") + " AND x.version_id = NEW.version_id)",
            "a reply becomes an objection of its own member",
        ),
        (
            "reply_of_own_declaration",
            "reply",
            "NEW.declaration_id IS NOT NULL"
            + _OF_ANOTHER.format("declaration")
            + " AND x.version_id = NEW.version_id AND x.kind = 'objection')",
            "a reply declares an objection of its own member",
        ),
    ],
)
LINK: dict[str, Any] = {
    "db_constraint": True,
    "to_field": "id",
    "related_name": "replies",
    "on_delete": OnDelete.RESTRICT,
}
BEFORE = (
    "kind IN ('consent', 'opt_in', 'withdrawal') AND way IN ('link', 'account', 'letter', 'call', 'reply')"
    " AND (kind = 'withdrawal') = (objection_id IS NOT NULL) AND (kind = 'withdrawal') = (purpose = '')"
)
AFTER = (
    "kind IN ('consent', 'opt_in', 'withdrawal', 'objection') AND way IN ('link', 'account', 'letter', 'call', 'reply')"
    " AND (kind = 'withdrawal') = (objection_id IS NOT NULL) AND (kind IN ('withdrawal', 'objection')) = (purpose = '')"
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in [*ONLY_ONE, *spelled(PROMISES, editor.client.capabilities.dialect)]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0017_recipient_roll")]

    operations = [
        WiderCheck(
            "Declaration",
            CheckConstraint(check=BEFORE, name="declaration_of_one_thing"),
            CheckConstraint(check=AFTER, name="declaration_of_one_thing"),
        ),
        SameColumn(
            model_name="Declaration",
            name="kind",
            field=fields.CharEnumField(
                description="CONSENT: consent\nOPT_IN: opt_in\nWITHDRAWAL: withdrawal\nOBJECTION: objection",
                enum_type=DeclarationKind,
                max_length=16,
            ),
        ),
        SameColumn(
            model_name="OutgoingMail",
            name="kind",
            field=fields.CharEnumField(
                description="RECEIPT: receipt\nWITHDRAWAL: withdrawal\nCODE: code\nCONFIRM: confirm\nCONSENT: consent\nSIGN_IN: sign_in\nCLOSED: closed\nPROOF: proof\nNEW_ADDRESS: new_address\nOLD_ADDRESS: old_address\nREQUEST: request\nREQUEST_NEWS: request_news\nNOT_OBJECTED: not_objected",
                enum_type=MailKind,
                max_length=16,
            ),
        ),
        ops.CreateModel(
            name="Reply",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("member", fields.ForeignKeyField("portal.Member", source_field="member_id", **LINK)),
                ("returned", fields.ForeignKeyField("portal.ReturnedMail", source_field="returned_id", **LINK)),
                ("version", fields.ForeignKeyField("portal.Version", source_field="version_id", **LINK)),
                (
                    "objection",
                    fields.ForeignKeyField("portal.Objection", source_field="objection_id", null=True, **LINK),
                ),
                (
                    "declaration",
                    fields.ForeignKeyField("portal.Declaration", source_field="declaration_id", null=True, **LINK),
                ),
                ("refusal", fields.CharField(default="", max_length=32)),
                ("mail", fields.ForeignKeyField("portal.OutgoingMail", source_field="mail_id", null=True, **LINK)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "reply",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A letter by which the member of a notice objects to its version. Never altered.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Reply",
            constraint=CheckConstraint(
                check="(objection_id IS NULL OR declaration_id IS NULL) AND (refusal <> '') = (objection_id IS NULL AND"
                " declaration_id IS NULL) AND (mail_id IS NULL OR refusal <> '')",
                name="reply_came_to_one",
            ),
        ),
        ops.AddConstraint(
            model_name="Reply",
            constraint=UniqueConstraint(fields=("member_id", "returned_id"), name="reply_once"),
        ),
        ops.AddIndex(model_name="Reply", index=Index(fields=["returned_id"], name="reply_of")),
        ops.RunPython(defend),
    ]

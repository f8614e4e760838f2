"""What comes back by mail: the message as a fact, its content apart, and the mail of ours that it is about."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.returned import HandledAs, MatchedBy, ReturnedKind
from portal.store.triggers import Promises, spelled

PROMISES = Promises(
    never_altered={"returned_match": "whose mail came back is never altered"},
    partly_altered={
        "returned_mail": (
            "id kind hard status reason digest size received_at recorded_at sequence",
            "OLD.handled_at IS NOT NULL OR NEW.handled_at IS NULL",
            "of a message that came in only its handling is set, once",
        ),
        "returned_content": (
            "id returned_id",
            "(NEW.sender <> OLD.sender AND NEW.sender <> '') OR (NEW.subject <> OLD.subject AND NEW.subject <> '')"
            " OR (NEW.recipient <> OLD.recipient AND NEW.recipient <> '')"
            " OR (NEW.note <> OLD.note AND NEW.note <> '' AND OLD.note <> '')"
            " OR (NEW.content <> OLD.content AND length(NEW.content) > 0)",
            "what a message said is only ever blanked",
        ),
    },
    inserts_refused=[
        (
            "returned_match_of_own_sending",
            "returned_match",
            "NEW.sending_id IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id)",
            "a message is about a sending to the member it names",
        ),
    ],
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in spelled(PROMISES, editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_stored_comparison")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReturnedMail",
            fields=[
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sequence", fields.BigIntField()),
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="BOUNCE: bounce\nMAIL_BOUNCE: mail_bounce\nUNKNOWN_BOUNCE: unknown_bounce\nDELAYED: delayed\nDELIVERED: delivered\nCOMPLAINT: complaint\nAUTO_REPLY: auto_reply\nLETTER: letter",
                        enum_type=ReturnedKind,
                        max_length=16,
                    ),
                ),
                ("hard", fields.BooleanField(default=False)),
                ("status", fields.CharField(max_length=16)),
                ("reason", fields.CharField(max_length=300)),
                ("digest", fields.CharField(unique=True, max_length=80)),
                ("size", fields.BigIntField()),
                ("handled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "handled_as",
                    fields.CharEnumField(
                        null=True,
                        description="RECORDED: recorded\nIGNORED: ignored\nNOTED: noted\nBOUNCE: bounce",
                        enum_type=HandledAs,
                        max_length=16,
                    ),
                ),
                ("staff_id", fields.BigIntField(null=True)),
            ],
            options={
                "table": "returned_mail",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A message that came in, recorded once, however often it is delivered: `digest` is of its bytes.",
            },
            bases=["Fact"],
        ),
        ops.CreateModel(
            name="ReturnedContent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "returned",
                    fields.ForeignKeyField(
                        "portal.ReturnedMail",
                        source_field="returned_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contents",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sender", fields.CharField(max_length=320)),
                ("subject", fields.CharField(max_length=300)),
                ("recipient", fields.CharField(max_length=320)),
                ("note", fields.TextField(default="", unique=False)),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "returned_content",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "What a message said, as far as it was kept. All of it is personal, and is only ever blanked.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReturnedMatch",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "member",
                    fields.ForeignKeyField(
                        "portal.Member",
                        source_field="member_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="returned",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "returned",
                    fields.ForeignKeyField(
                        "portal.ReturnedMail",
                        source_field="returned_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="matches",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "sending",
                    fields.ForeignKeyField(
                        "portal.Sending",
                        source_field="sending_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="returned",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "mail",
                    fields.ForeignKeyField(
                        "portal.OutgoingMail",
                        source_field="mail_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="returned",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "matched_by",
                    fields.CharEnumField(
                        description="RETURN_PATH: return_path\nMESSAGE_ID: message_id\nOPS: ops",
                        enum_type=MatchedBy,
                        max_length=16,
                    ),
                ),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "returned_match",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "The mail of ours that a message is about: a sending or another mail. No member where that went to staff.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ReturnedMail",
            constraint=CheckConstraint(
                check="kind IN ('bounce', 'mail_bounce', 'unknown_bounce', 'delayed', 'delivered', 'complaint', 'auto_reply', 'letter')",
                name="returned_mail_kind_known",
            ),
        ),
        ops.AddConstraint(
            model_name="ReturnedMail",
            constraint=CheckConstraint(
                check="handled_as IN ('recorded', 'ignored', 'noted', 'bounce')", name="returned_mail_handled_as_known"
            ),
        ),
        ops.AddConstraint(
            model_name="ReturnedMail",
            constraint=CheckConstraint(
                check="(handled_at IS NULL) = (handled_as IS NULL)", name="returned_mail_handled_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="ReturnedMatch",
            constraint=CheckConstraint(
                check="matched_by IN ('return_path', 'message_id', 'ops')", name="returned_match_by_known"
            ),
        ),
        ops.AddConstraint(
            model_name="ReturnedMatch",
            constraint=CheckConstraint(check="(sending_id IS NULL) <> (mail_id IS NULL)", name="returned_match_of_one"),
        ),
        ops.AddConstraint(
            model_name="ReturnedMatch",
            constraint=UniqueConstraint(fields=("member_id", "returned_id", "matched_by"), name="returned_match_once"),
        ),
        ops.AddConstraint(
            model_name="ReturnedContent",
            constraint=UniqueConstraint(fields=("returned_id",), name="returned_content_once"),
        ),
        ops.AddIndex(
            model_name="ReturnedMail",
            index=Index(fields=["handled_at", "kind"], name="returned_mail_waiting"),
        ),
        ops.AddIndex(
            model_name="ReturnedMatch",
            index=Index(fields=["returned_id"], name="returned_match_of"),
        ),
        ops.AddIndex(
            model_name="OutgoingMail",
            index=Index(fields=["message_id"], name="outgoing_mail_by_message_id"),
        ),
        ops.RunPython(defend),
    ]

"""Address changes that both addresses confirm, requests of members, and the triggers that keep them."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.address_changes import AddressChangeEnd
from portal.store.answers import Way
from portal.store.outbox import MailKind
from portal.store.requests import RequestEnd, RequestKind
from portal.store.same_column import SameColumn
from portal.store.triggers import Promises, spelled

# Partial, so Tortoise 1.1.9 can declare neither.
ONLY_ONE = [
    "CREATE UNIQUE INDEX address_change_one ON address_change (member_id) WHERE ended_at IS NULL",
    "CREATE UNIQUE INDEX member_request_one ON member_request (member_id, kind) WHERE ended_at IS NULL",
]
PROMISES = Promises(
    partly_altered={
        "address_change": (
            "id member_id digest old_address_id expires_at received_at recorded_at sequence",
            "(NEW.address <> OLD.address AND NEW.address <> '')"
            " OR (OLD.new_confirmed_at IS NOT NULL"
            " AND (NEW.new_confirmed_at IS NULL OR NEW.new_confirmed_at <> OLD.new_confirmed_at))"
            " OR (OLD.old_confirmed_at IS NOT NULL"
            " AND (NEW.old_confirmed_at IS NULL OR NEW.old_confirmed_at <> OLD.old_confirmed_at))"
            " OR (OLD.handed_at IS NOT NULL AND (NEW.handed_at IS NULL OR NEW.handed_at <> OLD.handed_at))"
            " OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR NEW.ended_at <> OLD.ended_at"
            " OR NEW.ended_as <> OLD.ended_as))",
            "an address change is confirmed, handed over and ended once",
        ),
        "member_request": (
            "id member_id number kind way staff_id remark_id change_id received_at recorded_at sequence",
            "OLD.ended_at IS NOT NULL"
            " OR (NEW.due_at <> OLD.due_at AND (OLD.extended_at IS NOT NULL OR NEW.extended_at IS NULL))"
            " OR (OLD.extended_at IS NOT NULL"
            " AND (NEW.extended_at IS NULL OR NEW.extended_at <> OLD.extended_at))",
            "a request is put off once and ended once",
        ),
    },
    inserts_refused=[
        (
            "member_request_to_close",
            "member_request",
            "NEW.kind = 'closing' AND EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id)",
            "a closed account cannot be closed again",
        ),
        (
            "member_request_of_own_change",
            "member_request",
            "NEW.change_id IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM address_change a WHERE a.id = NEW.change_id AND a.member_id = NEW.member_id)",
            "a request is about an address change of its own member",
        ),
    ],
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in [*ONLY_ONE, *spelled(PROMISES, editor.client.capabilities.dialect)]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0012_fewer_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AddressChange",
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
                        related_name="address_changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("address", fields.CharField(max_length=320)),
                ("digest", fields.CharField(max_length=80)),
                (
                    "old_address",
                    fields.ForeignKeyField(
                        "portal.Address",
                        source_field="old_address_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("new_confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("old_confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("handed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "ended_as",
                    fields.CharEnumField(
                        null=True,
                        description="CONFIRMED: confirmed\nCANCELLED: cancelled\nDISOWNED: disowned\nREFUSED: refused\nREPLACED: replaced",
                        enum_type=AddressChangeEnd,
                        max_length=16,
                    ),
                ),
            ],
            options={
                "table": "address_change",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A member asked at `received_at` for `address` in place of `old_address`, null where there was none to ask.",
            },
            bases=["Fact"],
        ),
        ops.CreateModel(
            name="MemberRequest",
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
                        related_name="requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.CharField(max_length=32)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CLOSING: closing\nEXPORT: export\nACCESS: access\nADDRESS: address",
                        enum_type=RequestKind,
                        max_length=16,
                    ),
                ),
                (
                    "way",
                    fields.CharEnumField(
                        description="LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply",
                        enum_type=Way,
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
                        related_name="requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "change",
                    fields.ForeignKeyField(
                        "portal.AddressChange",
                        source_field="change_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("extended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "extension",
                    fields.ForeignKeyField(
                        "portal.Remark",
                        source_field="extension_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="extended_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "ended_as",
                    fields.CharEnumField(
                        null=True,
                        description="ANSWERED: answered\nREFUSED: refused\nWITHDRAWN: withdrawn",
                        enum_type=RequestEnd,
                        max_length=16,
                    ),
                ),
                ("ended_by", fields.BigIntField(null=True)),
                (
                    "answer",
                    fields.ForeignKeyField(
                        "portal.Remark",
                        source_field="answer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="answered_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "member_request",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A request, open while `ended_at` is null, which is set once. `number` is the receipt's.",
            },
            bases=["Fact"],
        ),
        SameColumn(
            model_name="OutgoingMail",
            name="kind",
            field=fields.CharEnumField(
                description="RECEIPT: receipt\nWITHDRAWAL: withdrawal\nCODE: code\nSIGN_IN: sign_in\nCLOSED: closed\nPROOF: proof\nNEW_ADDRESS: new_address\nOLD_ADDRESS: old_address\nREQUEST: request\nREQUEST_NEWS: request_news",
                enum_type=MailKind,
                max_length=16,
            ),
        ),
        ops.AddConstraint(
            model_name="AddressChange",
            constraint=CheckConstraint(
                check="(ended_at IS NULL) = (ended_as IS NULL)", name="address_change_ended_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="AddressChange",
            constraint=CheckConstraint(
                check="ended_as IN ('confirmed', 'cancelled', 'disowned', 'refused', 'replaced')",
                name="address_change_end_known",
            ),
        ),
        ops.AddConstraint(
            model_name="AddressChange",
            constraint=CheckConstraint(
                check="ended_as IS NULL OR ended_as <> 'confirmed' OR (new_confirmed_at IS NOT NULL AND (old_address_id IS NULL OR old_confirmed_at IS NOT NULL))",
                name="address_change_confirmed_at_both",
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(
                check="kind IN ('closing', 'export', 'access', 'address')", name="member_request_kind_known"
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(
                check="way IN ('link', 'account', 'letter', 'call', 'reply')", name="member_request_way_known"
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(
                check="ended_as IN ('answered', 'refused', 'withdrawn')", name="member_request_end_known"
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(
                check="(ended_at IS NULL) = (ended_as IS NULL)", name="member_request_ended_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(check="due_at > received_at", name="member_request_due_later"),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=CheckConstraint(
                check="(change_id IS NULL) = (kind <> 'address')", name="member_request_of_a_change"
            ),
        ),
        ops.AddConstraint(
            model_name="MemberRequest",
            constraint=UniqueConstraint(fields=("member_id", "number"), name="member_request_number_once"),
        ),
        ops.AddIndex(
            model_name="AddressChange",
            index=Index(fields=["member_id", "received_at"], name="address_change_of_member"),
        ),
        ops.AddIndex(model_name="MemberRequest", index=Index(fields=["ended_at", "due_at"], name="member_request_due")),
        ops.RunPython(defend),
    ]

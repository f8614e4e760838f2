"""What ops enter for members, with the files that came, and the triggers that keep them; two more ways for an answer."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.answers import Way
from portal.store.outbox import MailKind
from portal.store.same_column import SameColumn
from portal.store.submissions import MediaType, SubmissionKind
from portal.store.triggers import Promises, spelled
from portal.store.wider_check import WiderCheck

PROMISES = Promises(
    never_altered={"submission": "a submission is never altered"},
    partly_altered={
        "submitted_file": (
            "id member_id submission_id ordinal media_type size digest",
            "OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL",
            "of a submitted file only its erasure is set, once",
        ),
        "submitted_piece": (
            "id member_id file_id ordinal",
            "length(NEW.content) > 0",
            "the bytes of a submitted file are only ever blanked",
        ),
    },
    inserts_refused=[
        (
            "submission_of_own_rows",
            "submission",
            "(NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o"
            " WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id))"
            " OR (NEW.declaration_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declaration d"
            " WHERE d.id = NEW.declaration_id AND d.member_id = NEW.member_id))"
            " OR (NEW.request_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM member_request r"
            " WHERE r.id = NEW.request_id AND r.member_id = NEW.member_id))",
            "a submission is about what its own member said",
        ),
        (
            "submitted_file_of_own_submission",
            "submitted_file",
            "NEW.erased_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM submission s"
            " WHERE s.id = NEW.submission_id AND s.member_id = NEW.member_id)",
            "a file came with a submission of its own member",
        ),
        (
            "submitted_piece_of_own_file",
            "submitted_piece",
            "NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.member_id = NEW.member_id"
            " AND f.erased_at IS NULL AND f.size >= length(NEW.content) + (SELECT COALESCE(SUM(length(p.content)), 0)"
            " FROM submitted_piece p WHERE p.member_id = NEW.member_id AND p.file_id = NEW.file_id))",
            "a file holds no more than it had when it came",
        ),
    ],
    updates_refused=[
        (
            "submitted_piece_blanked_on_record",
            "submitted_piece",
            "NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.erased_at IS NOT NULL)",
            "the bytes of a submitted file go once its erasure is on record",
        )
    ],
)
_WAYS = "LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply\nIN_PERSON: in_person\nEMAIL: email"
_BEFORE = "way IN ('link', 'account', 'letter', 'call', 'reply')"
_NOW = "way IN ('link', 'account', 'letter', 'call', 'reply', 'in_person', 'email')"
_DECLARED = (
    "kind IN ('consent', 'opt_in', 'withdrawal', 'objection') AND {way}"
    " AND (kind = 'withdrawal') = (objection_id IS NOT NULL) AND (kind IN ('withdrawal', 'objection')) = (purpose = '')"
)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in spelled(PROMISES, editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


def _way_of(model_name: str) -> SameColumn:
    return SameColumn(
        model_name=model_name,
        name="way",
        field=fields.CharEnumField(description=_WAYS, enum_type=Way, max_length=16),
    )


def _wider(model_name: str, name: str, check: str = "{way}") -> WiderCheck:
    before, now = (CheckConstraint(check=check.format(way=ways), name=name) for ways in (_BEFORE, _NOW))
    return WiderCheck(model_name, before, now)


def _foreign(model: str, column: str, related_name: str, *, null: bool = False) -> Any:
    rest: dict[str, Any] = {"source_field": column, "db_constraint": True, "to_field": "id"}
    if null:
        rest["null"] = True
    return fields.ForeignKeyField(f"portal.{model}", related_name=related_name, on_delete=OnDelete.RESTRICT, **rest)


class Migration(migrations.Migration):
    dependencies = [("portal", "0018_replies")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Submission",
            fields=[
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sequence", fields.BigIntField()),
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("member", _foreign("Member", "member_id", "submissions")),
                ("number", fields.CharField(max_length=32)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="OBJECTION: objection\nWITHDRAWAL: withdrawal\nOPT_OUT: opt_out\nOPT_IN: opt_in\nCONSENT: consent\nCLOSING: closing\nEXPORT: export\nACCESS: access\nCONFIRMATION: confirmation",
                        enum_type=SubmissionKind,
                        max_length=16,
                    ),
                ),
                ("way", fields.CharEnumField(description=_WAYS, enum_type=Way, max_length=16)),
                ("staff_id", fields.BigIntField()),
                ("purpose", fields.CharField(default="", max_length=64)),
                ("objection", _foreign("Objection", "objection_id", "submissions", null=True)),
                ("declaration", _foreign("Declaration", "declaration_id", "submissions", null=True)),
                ("request", _foreign("MemberRequest", "request_id", "submissions", null=True)),
                ("representative", _foreign("Remark", "representative_id", "represented", null=True)),
                ("reference", _foreign("Remark", "reference_id", "referenced")),
                ("remark", _foreign("Remark", "remark_id", "submissions", null=True)),
            ],
            options={
                "table": "submission",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A letter, a call, a visit or a mail, and what it led to. Never altered.",
            },
            bases=["Fact"],
        ),
        ops.CreateModel(
            name="SubmittedFile",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("member", _foreign("Member", "member_id", "submitted_files")),
                ("submission", _foreign("Submission", "submission_id", "files")),
                ("ordinal", fields.IntField()),
                ("name", fields.CharField(max_length=200)),
                (
                    "media_type",
                    fields.CharEnumField(
                        description="PDF: application/pdf\nPNG: image/png\nJPEG: image/jpeg\nTIFF: image/tiff\nTEXT: text/plain\nMAIL: message/rfc822",
                        enum_type=MediaType,
                        max_length=32,
                    ),
                ),
                ("size", fields.BigIntField()),
                ("digest", fields.CharField(max_length=80)),
                ("erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("erased_by", fields.BigIntField(null=True)),
                ("erased_why", fields.CharField(default="", max_length=600)),
            ],
            options={
                "table": "submitted_file",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A scan, or a mail as a file, that came with a submission: what stays known of it for good.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SubmittedPiece",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("member", _foreign("Member", "member_id", "submitted_pieces")),
                ("file", _foreign("SubmittedFile", "file_id", "pieces")),
                ("ordinal", fields.IntField()),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "submitted_piece",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A piece of a file's bytes, in their order from 0 on, blanked when the file is erased.",
            },
            bases=["Model"],
        ),
        *[_way_of(model) for model in ("Objection", "Declaration", "MemberRequest", "Consent", "OptOut")],
        SameColumn(
            model_name="OutgoingMail",
            name="kind",
            field=fields.CharEnumField(
                description="RECEIPT: receipt\nWITHDRAWAL: withdrawal\nCODE: code\nCONFIRM: confirm\nCONSENT: consent\nSIGN_IN: sign_in\nCLOSED: closed\nPROOF: proof\nNEW_ADDRESS: new_address\nOLD_ADDRESS: old_address\nREQUEST: request\nREQUEST_NEWS: request_news\nNOT_OBJECTED: not_objected\nOPT_OUT: opt_out",
                enum_type=MailKind,
                max_length=16,
            ),
        ),
        _wider("Objection", "objection_way_known"),
        _wider("MemberRequest", "member_request_way_known"),
        _wider("Declaration", "declaration_of_one_thing", _DECLARED),
        ops.AddConstraint(
            model_name="Submission",
            constraint=CheckConstraint(
                check="kind IN ('objection', 'withdrawal', 'opt_out', 'opt_in', 'consent', 'closing', 'export', 'access', 'confirmation')",
                name="submission_kind_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Submission",
            constraint=CheckConstraint(
                check="way IN ('letter', 'call', 'in_person', 'reply', 'email')", name="submission_way_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Submission",
            constraint=CheckConstraint(
                check="(kind IN ('objection', 'withdrawal') AND objection_id IS NOT NULL)"
                " OR (kind IN ('opt_out', 'opt_in') AND purpose <> '')"
                " OR (kind = 'consent' AND purpose <> '' AND declaration_id IS NOT NULL)"
                " OR (kind IN ('closing', 'export', 'access') AND request_id IS NOT NULL)"
                " OR (kind = 'confirmation' AND (objection_id IS NULL) <> (declaration_id IS NULL))",
                name="submission_of_its_kind",
            ),
        ),
        ops.AddConstraint(
            model_name="Submission",
            constraint=CheckConstraint(check="received_at <= recorded_at", name="submission_not_ahead"),
        ),
        ops.AddConstraint(
            model_name="SubmittedFile",
            constraint=CheckConstraint(
                check="media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'image/tiff', 'text/plain', 'message/rfc822')",
                name="submitted_file_type_known",
            ),
        ),
        ops.AddConstraint(
            model_name="SubmittedFile",
            constraint=CheckConstraint(check="ordinal BETWEEN 1 AND 5", name="submitted_file_few"),
        ),
        ops.AddConstraint(
            model_name="SubmittedFile",
            constraint=CheckConstraint(check="size BETWEEN 1 AND 10000000", name="submitted_file_small"),
        ),
        ops.AddConstraint(
            model_name="SubmittedFile",
            constraint=CheckConstraint(
                check="(erased_at IS NULL AND erased_by IS NULL AND erased_why = '')"
                " OR (erased_at IS NOT NULL AND erased_by IS NOT NULL AND erased_why <> '' AND name = '')",
                name="submitted_file_erased_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="SubmittedFile",
            constraint=UniqueConstraint(fields=("member_id", "submission_id", "ordinal"), name="submitted_file_once"),
        ),
        ops.AddConstraint(
            model_name="SubmittedPiece",
            constraint=UniqueConstraint(fields=("member_id", "file_id", "ordinal"), name="submitted_piece_once"),
        ),
        ops.AddIndex(
            model_name="Submission",
            index=Index(fields=["member_id", "received_at"], name="submission_of_member"),
        ),
        ops.AddIndex(
            model_name="Submission",
            index=Index(fields=["objection_id"], name="submission_of_objection"),
        ),
        ops.RunPython(defend),
    ]

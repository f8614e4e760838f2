"""What members said in another way than through the portal, as ops entered it, and the files that came with it."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.answers import Objection, Way
from portal.store.declarations import Declaration
from portal.store.fact import Fact, one_of
from portal.store.members import Member, Remark
from portal.store.requests import MemberRequest

MOST_FILES = 5
LARGEST_FILE = 10_000_000
"""Bytes of one file."""


class SubmissionKind(StrEnum):
    """What was said in it."""

    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CONSENT = "consent"
    CLOSING = "closing"
    EXPORT = "export"
    ACCESS = "access"
    CONFIRMATION = "confirmation"


ENTERED_WAYS = (Way.LETTER, Way.CALL, Way.IN_PERSON, Way.REPLY, Way.EMAIL)
_OF_ITS_KIND = (
    "(kind IN ('objection', 'withdrawal') AND objection_id IS NOT NULL)"
    " OR (kind IN ('opt_out', 'opt_in') AND purpose <> '')"
    " OR (kind = 'consent' AND purpose <> '' AND declaration_id IS NOT NULL)"
    " OR (kind IN ('closing', 'export', 'access') AND request_id IS NOT NULL)"
    " OR (kind = 'confirmation' AND (objection_id IS NULL) <> (declaration_id IS NULL))"
)


class Submission(Fact):
    """A letter, a call, a visit or a mail, and what it led to. Never altered.

    `number`: the receipt's, by which the member knows it. `staff_id`: who entered it. `representative`: who asked in
    the member's name, null for the member. `reference`: where the letter is kept. `remark`: whatever else ops noted.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="submissions", on_delete=fields.RESTRICT
    )
    member_id: int
    number = fields.CharField(max_length=32)
    kind = fields.CharEnumField(SubmissionKind, max_length=16)
    way = fields.CharEnumField(Way, max_length=16)
    staff_id = fields.BigIntField()
    purpose = fields.CharField(max_length=64, default="")
    objection: fields.ForeignKeyNullableRelation[Objection] = fields.ForeignKeyField(
        "portal.Objection", related_name="submissions", null=True, on_delete=fields.RESTRICT
    )
    objection_id: int | None
    declaration: fields.ForeignKeyNullableRelation[Declaration] = fields.ForeignKeyField(
        "portal.Declaration", related_name="submissions", null=True, on_delete=fields.RESTRICT
    )
    declaration_id: int | None
    request: fields.ForeignKeyNullableRelation[MemberRequest] = fields.ForeignKeyField(
        "portal.MemberRequest", related_name="submissions", null=True, on_delete=fields.RESTRICT
    )
    request_id: int | None
    representative: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="represented", null=True, on_delete=fields.RESTRICT
    )
    representative_id: int | None
    reference: fields.ForeignKeyRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="referenced", on_delete=fields.RESTRICT
    )
    reference_id: int
    remark: fields.ForeignKeyNullableRelation[Remark] = fields.ForeignKeyField(
        "portal.Remark", related_name="submissions", null=True, on_delete=fields.RESTRICT
    )
    remark_id: int | None

    class Meta:
        table = "submission"
        constraints = (
            CheckConstraint(check=one_of("kind", SubmissionKind), name="submission_kind_known"),
            CheckConstraint(
                check=f"way IN ({', '.join(repr(str(way)) for way in ENTERED_WAYS)})", name="submission_way_known"
            ),
            CheckConstraint(check=_OF_ITS_KIND, name="submission_of_its_kind"),
            CheckConstraint(check="received_at <= recorded_at", name="submission_not_ahead"),
        )
        indexes = (
            Index(fields=("member_id", "received_at"), name="submission_of_member"),
            Index(fields=("objection_id",), name="submission_of_objection"),
        )


class MediaType(StrEnum):
    """What a file may be, told from its bytes (RFC 6838)."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    TEXT = "text/plain"
    MAIL = "message/rfc822"


class SubmittedFile(Model):
    """A scan, or a mail as a file, that came with a submission: what stays known of it for good.

    `ordinal`: 1, 2, 3 of the submission. `digest`: SHA-256 of its `size` bytes. `name` is as its sender's, without what
    could deceive. The erasure is set once: when, by whom and why; it blanks the name, and then the bytes may go.
    """

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="submitted_files", on_delete=fields.RESTRICT
    )
    member_id: int
    submission: fields.ForeignKeyRelation[Submission] = fields.ForeignKeyField(
        "portal.Submission", related_name="files", on_delete=fields.RESTRICT
    )
    submission_id: int
    ordinal = fields.IntField()
    name = fields.CharField(max_length=200)
    media_type = fields.CharEnumField(MediaType, max_length=32)
    size = fields.BigIntField()
    digest = fields.CharField(max_length=80)
    erased_at = fields.DatetimeField(null=True)
    erased_by = fields.BigIntField(null=True)
    erased_why = fields.CharField(max_length=600, default="")

    class Meta:
        table = "submitted_file"
        constraints = (
            UniqueConstraint(fields=("member_id", "submission_id", "ordinal"), name="submitted_file_once"),
            CheckConstraint(check=one_of("media_type", MediaType), name="submitted_file_type_known"),
            CheckConstraint(check=f"ordinal BETWEEN 1 AND {MOST_FILES}", name="submitted_file_few"),
            CheckConstraint(check=f"size BETWEEN 1 AND {LARGEST_FILE}", name="submitted_file_small"),
            CheckConstraint(
                check="(erased_at IS NULL AND erased_by IS NULL AND erased_why = '')"
                " OR (erased_at IS NOT NULL AND erased_by IS NOT NULL AND erased_why <> '' AND name = '')",
                name="submitted_file_erased_whole",
            ),
        )


class SubmittedPiece(Model):
    """A piece of a file's bytes, in their order from 0 on, blanked when the file is erased."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="submitted_pieces", on_delete=fields.RESTRICT
    )
    member_id: int
    file: fields.ForeignKeyRelation[SubmittedFile] = fields.ForeignKeyField(
        "portal.SubmittedFile", related_name="pieces", on_delete=fields.RESTRICT
    )
    file_id: int
    ordinal = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "submitted_piece"
        constraints = (UniqueConstraint(fields=("member_id", "file_id", "ordinal"), name="submitted_piece_once"),)


async def submissions_of(member_id: int) -> list[Submission]:
    """Those of the member, the newest first, each with its reference."""
    mine = Submission.filter(member_id=member_id).order_by("-received_at", "-sequence")
    return await mine.select_related("reference")


async def files_of(submission: Submission) -> list[SubmittedFile]:
    """Its files, in their order."""
    mine = SubmittedFile.filter(member_id=submission.member_id, submission_id=submission.id)
    return await mine.order_by("ordinal")

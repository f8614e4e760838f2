"""What came back by mail, whose mail it was, and its content, which can be erased."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model
from tortoise.queryset import QuerySet

from portal.store.fact import Fact, one_of
from portal.store.members import Member
from portal.store.notices import Sending
from portal.store.outbox import OutgoingMail


class ReturnedKind(StrEnum):
    """What a message that came in is."""

    BOUNCE = "bounce"  # of a sending of a notice
    MAIL_BOUNCE = "mail_bounce"  # of another mail of ours
    UNKNOWN_BOUNCE = "unknown_bounce"  # of nobody knows what
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    LETTER = "letter"


class HandledAs(StrEnum):
    """How a message was done with."""

    RECORDED = "recorded"  # by the portal itself, with all that follows
    IGNORED = "ignored"  # by the portal itself: nothing follows
    NOTED = "noted"  # somebody read it
    BOUNCE = "bounce"  # somebody told of which sending it is a bounce


class ReturnedMail(Fact):
    """A message that came in, recorded once, however often it is delivered: `digest` is of its bytes.

    `status`: RFC 3463, empty where there is none. `reason`: on one line, without addresses. `size`: bytes as received.
    `handled_at` is null while it waits for somebody, and is set once, `staff_id` is null where the portal did it. So it
    is with `erased_at` and `erased_by` of its words (`ReturnedContent`) afterwards; `erased_why`: the reason of staff.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(ReturnedKind, max_length=16)
    hard = fields.BooleanField(default=False)
    status = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=300)
    digest = fields.CharField(max_length=80, unique=True)
    size = fields.BigIntField()
    handled_at = fields.DatetimeField(null=True)
    handled_as = fields.CharEnumField(HandledAs, max_length=16, null=True)
    staff_id = fields.BigIntField(null=True)
    erased_at = fields.DatetimeField(null=True)
    erased_by = fields.BigIntField(null=True)
    erased_why = fields.CharField(max_length=600, db_default="")

    class Meta:
        table = "returned_mail"
        constraints = (
            CheckConstraint(check=one_of("kind", ReturnedKind), name="returned_mail_kind_known"),
            CheckConstraint(check=one_of("handled_as", HandledAs), name="returned_mail_handled_as_known"),
            CheckConstraint(check="(handled_at IS NULL) = (handled_as IS NULL)", name="returned_mail_handled_whole"),
        )
        indexes = (Index(fields=("handled_at", "kind"), name="returned_mail_waiting"),)


class MatchedBy(StrEnum):
    """How it is known which mail of ours a message is about."""

    RETURN_PATH = "return_path"
    MESSAGE_ID = "message_id"
    OPS = "ops"


class ReturnedMatch(Model):
    """The mail of ours that a message is about: a sending or another mail. No member where that went to staff."""

    id = fields.BigIntField(primary_key=True)
    member: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "portal.Member", related_name="returned", null=True, on_delete=fields.RESTRICT
    )
    member_id: int | None
    returned: fields.ForeignKeyRelation[ReturnedMail] = fields.ForeignKeyField(
        "portal.ReturnedMail", related_name="matches", on_delete=fields.RESTRICT
    )
    returned_id: int
    sending: fields.ForeignKeyNullableRelation[Sending] = fields.ForeignKeyField(
        "portal.Sending", related_name="returned", null=True, on_delete=fields.RESTRICT
    )
    sending_id: int | None
    mail: fields.ForeignKeyNullableRelation[OutgoingMail] = fields.ForeignKeyField(
        "portal.OutgoingMail", related_name="returned", null=True, on_delete=fields.RESTRICT
    )
    mail_id: int | None
    matched_by = fields.CharEnumField(MatchedBy, max_length=16)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "returned_match"
        constraints = (
            UniqueConstraint(fields=("member_id", "returned_id", "matched_by"), name="returned_match_once"),
            CheckConstraint(check=one_of("matched_by", MatchedBy), name="returned_match_by_known"),
            CheckConstraint(check="(sending_id IS NULL) <> (mail_id IS NULL)", name="returned_match_of_one"),
        )
        indexes = (Index(fields=("returned_id",), name="returned_match_of"),)


class ReturnedContent(Model):
    """What a message said, as far as it was kept. All of it is personal, and is only ever blanked.

    `sender` and `subject` are the message's own claims, `recipient` the address that a bounce names. `note`: what staff
    wrote when they were done with it.
    """

    id = fields.BigIntField(primary_key=True)
    returned: fields.ForeignKeyRelation[ReturnedMail] = fields.ForeignKeyField(
        "portal.ReturnedMail", related_name="contents", on_delete=fields.RESTRICT
    )
    returned_id: int
    sender = fields.CharField(max_length=320)
    subject = fields.CharField(max_length=300)
    recipient = fields.CharField(max_length=320)
    note = fields.TextField(default="")
    content = fields.BinaryField()

    class Meta:
        table = "returned_content"
        constraints = (UniqueConstraint(fields=("returned_id",), name="returned_content_once"),)


class InboxPart(StrEnum):
    """A choice of messages in the inbox."""

    LETTERS = "letters"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    IGNORED = "ignored"
    ALL = "all"


KINDS = {
    InboxPart.LETTERS: (ReturnedKind.LETTER,),
    InboxPart.BOUNCES: (ReturnedKind.UNKNOWN_BOUNCE, ReturnedKind.MAIL_BOUNCE, ReturnedKind.BOUNCE),
    InboxPart.COMPLAINTS: (ReturnedKind.COMPLAINT,),
    InboxPart.IGNORED: (ReturnedKind.AUTO_REPLY, ReturnedKind.DELAYED, ReturnedKind.DELIVERED),
    InboxPart.ALL: tuple(ReturnedKind),
}


def inbox(part: InboxPart) -> QuerySet[ReturnedMail]:
    return ReturnedMail.filter(kind__in=list(KINDS[part]))


async def waiting_in_inbox() -> int:
    """How many messages wait for somebody."""
    return await ReturnedMail.filter(handled_at__isnull=True).count()


async def inbox_rows(part: InboxPart, first: int, size: int) -> list[ReturnedMail]:
    """A page of the part: what waits comes first, the oldest on top; then what is done with, the newest on top."""
    waiting = inbox(part).filter(handled_at__isnull=True)
    rows = await waiting.order_by("id").offset(first).limit(size)
    if len(rows) < size:
        before = await waiting.count()
        done = inbox(part).filter(handled_at__isnull=False).order_by("-id")
        rows += await done.offset(max(0, first - before)).limit(size - len(rows))
    return rows


async def headlines(rows: Sequence[ReturnedMail]) -> dict[int, ReturnedContent]:
    """Row id -> what the message said, without its bytes."""
    found = ReturnedContent.filter(returned_id__in=[row.id for row in rows])
    return {row.returned_id: row for row in await found.only("id", "returned_id", "sender", "subject", "recipient")}


async def lock_aged(connection: BaseDBAsyncClient, done_before: datetime, most: int) -> list[ReturnedMail]:
    """Messages that were done with before that instant (UTC) and whose words are still there, the oldest first.

    Call it inside of `transaction()`. They are locked; those that another process has locked are left to it.
    """
    asked = ReturnedMail.filter(erased_at__isnull=True, handled_at__lt=done_before).order_by("handled_at").limit(most)
    return await (asked if connection.capabilities.dialect == "sqlite" else asked.select_for_update(skip_locked=True))


async def mail_about(member_id: int, most: int = 20) -> list[ReturnedMail]:
    """What came in about mail to that member, the newest first."""
    ids = ReturnedMatch.filter(member_id=member_id).order_by("-returned_id").limit(most)
    return await ReturnedMail.filter(id__in=await ids.values_list("returned_id", flat=True)).order_by("-id")


async def matches_of(rows: Sequence[ReturnedMail]) -> dict[int, ReturnedMatch]:
    """Row id -> the mail of ours that it is about, where that is known; what ops told counts most."""
    found = ReturnedMatch.filter(returned_id__in=[row.id for row in rows]).order_by("id")
    return {row.returned_id: row for row in await found.select_related("member")}

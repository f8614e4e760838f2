"""Policies, their published versions, and what changed in each."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from portal.store.fact import Json


class Purpose(Model):
    """Something the company uses personal data for, the same in all its policies."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    title = fields.CharField(max_length=200)
    about = fields.TextField(default="")

    class Meta:
        table = "purpose"


class Policy(Model):
    """One document with a life of its own. `terms`, `treatments` and `told_of` are the next draft's defaults."""

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(max_length=64, unique=True)
    title = fields.CharField(max_length=200)
    language = fields.CharField(max_length=16, default="en")
    terms: Json = fields.JSONField()
    treatments: Json = fields.JSONField()
    told_of: Json = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "policy"


class Version(Model):
    """One published text of a policy. Never altered: triggers refuse it.

    `terms` and `treatments` are this version's own, for good. `told_of`: purposes whose changes are told by mail
    although mail is no channel that counts. `comparison` is the whole result of comparing with the version before.
    """

    id = fields.BigIntField(primary_key=True)
    policy: fields.ForeignKeyRelation[Policy] = fields.ForeignKeyField(
        "portal.Policy", related_name="versions", on_delete=fields.RESTRICT
    )
    policy_id: int
    number = fields.IntField()
    language = fields.CharField(max_length=16)
    digest = fields.CharField(max_length=80)
    summary = fields.TextField()
    posted_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    terms: Json = fields.JSONField()
    treatments: Json = fields.JSONField()
    told_of: Json = fields.JSONField()
    comparison: Json = fields.JSONField(null=True)
    author = fields.CharField(max_length=200)
    approver = fields.CharField(max_length=200)
    author_id = fields.BigIntField(null=True)
    approver_id = fields.BigIntField(null=True)
    draft_id = fields.BigIntField(null=True)
    mailed = fields.BooleanField()

    class Meta:
        table = "version"
        constraints = (
            UniqueConstraint(fields=("policy_id", "number"), name="version_once"),
            UniqueConstraint(fields=("policy_id", "posted_at"), name="version_posted_once"),
            CheckConstraint(check="number > 0", name="version_number_positive"),
        )


class VersionText(Model):
    """A version's exact text in one language, one of a version's texts is authoritative."""

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="texts", on_delete=fields.RESTRICT
    )
    version_id: int
    language = fields.CharField(max_length=16)
    text = fields.TextField()
    digest = fields.CharField(max_length=80)
    authoritative = fields.BooleanField()

    class Meta:
        table = "version_text"
        constraints = (
            UniqueConstraint(fields=("version_id", "language"), name="version_text_once"),
            # and one authoritative text a version: migration 0003
        )


class Change(Model):
    """One addressable difference to the version before. `record` is the change as the comparison found it."""

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="changes", on_delete=fields.RESTRICT
    )
    version_id: int
    key = fields.CharField(max_length=64)
    ordinal = fields.IntField()
    engine = fields.CharField(max_length=16)
    record: Json = fields.JSONField()
    classification: fields.ReverseRelation["Classification"]

    class Meta:
        table = "change"
        constraints = (UniqueConstraint(fields=("version_id", "key"), name="change_once"),)


class Classification(Model):
    """The purposes legal gave to a change, and why, no purposes = editorial."""

    id = fields.BigIntField(primary_key=True)
    change: fields.ForeignKeyRelation[Change] = fields.ForeignKeyField(
        "portal.Change", related_name="classifications", on_delete=fields.RESTRICT
    )
    change_id: int
    purposes: Json = fields.JSONField()
    reason = fields.TextField()

    class Meta:
        table = "classification"
        constraints = (UniqueConstraint(fields=("change_id",), name="classification_once"),)


class StoredComparison(Model):
    """Two versions of a policy compared by one engine, beside what a publication holds itself. Never altered.

    `record` is the whole result. A newer engine adds a row, so what an older one found can still be shown.
    """

    id = fields.BigIntField(primary_key=True)
    older: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="compared_with_newer", on_delete=fields.RESTRICT
    )
    older_id: int
    newer: fields.ForeignKeyRelation[Version] = fields.ForeignKeyField(
        "portal.Version", related_name="compared_with_older", on_delete=fields.RESTRICT
    )
    newer_id: int
    engine = fields.CharField(max_length=16)
    record: Json = fields.JSONField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "stored_comparison"
        constraints = (UniqueConstraint(fields=("newer_id", "older_id", "engine"), name="stored_comparison_once"),)

"""What legal works on before a version is published."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from portal.store.fact import Json
from portal.store.policies import Policy
from portal.store.staff import Staff


class Draft(Model):
    """The next version of a policy while it is written.

    `comparison` is the result against version `base` (0: there is none), computed when the text was saved. `digest` is
    over text, translations, summary, classification and terms: what an approval approves.
    """

    id = fields.BigIntField(primary_key=True)
    policy: fields.ForeignKeyRelation[Policy] = fields.ForeignKeyField(
        "portal.Policy", related_name="drafts", on_delete=fields.RESTRICT
    )
    policy_id: int
    base = fields.IntField()
    language = fields.CharField(max_length=16)
    text = fields.TextField()
    summary = fields.TextField()
    terms: Json = fields.JSONField()
    treatments: Json = fields.JSONField()
    told_of: Json = fields.JSONField()
    comparison: Json = fields.JSONField(null=True)
    digest = fields.CharField(max_length=80)
    author: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="drafts", on_delete=fields.RESTRICT
    )
    author_id: int
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField()
    published_as = fields.IntField(null=True)
    dropped_at = fields.DatetimeField(null=True)

    class Meta:
        table = "draft"
        # one open draft a policy: migration 0003


class DraftTranslation(Model):
    """The draft's text in another language. It is not authoritative."""

    id = fields.BigIntField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "portal.Draft", related_name="translations", on_delete=fields.RESTRICT
    )
    draft_id: int
    language = fields.CharField(max_length=16)
    text = fields.TextField()

    class Meta:
        table = "draft_translation"
        constraints = (UniqueConstraint(fields=("draft_id", "language"), name="draft_translation_once"),)


class DraftClassification(Model):
    """What legal says a change of the draft touches, and why. A change without such a row is unclassified."""

    id = fields.BigIntField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "portal.Draft", related_name="classifications", on_delete=fields.RESTRICT
    )
    draft_id: int
    change_key = fields.CharField(max_length=64)
    purposes: Json = fields.JSONField()
    reason = fields.TextField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="classifications", on_delete=fields.RESTRICT
    )
    staff_id: int
    classified_at = fields.DatetimeField()

    class Meta:
        table = "draft_classification"
        constraints = (UniqueConstraint(fields=("draft_id", "change_key"), name="draft_classification_once"),)


class DraftEditor(Model):
    """Someone who edited the draft's text, classification or terms: not one who may approve it."""

    id = fields.BigIntField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "portal.Draft", related_name="editors", on_delete=fields.RESTRICT
    )
    draft_id: int
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="edited", on_delete=fields.RESTRICT
    )
    staff_id: int
    first_at = fields.DatetimeField()

    class Meta:
        table = "draft_editor"
        constraints = (UniqueConstraint(fields=("draft_id", "staff_id"), name="draft_editor_once"),)


class Approval(Model):
    """A second person's approval of the draft as its digest names it. A trigger refuses one by an editor."""

    id = fields.BigIntField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "portal.Draft", related_name="approvals", on_delete=fields.RESTRICT
    )
    draft_id: int
    digest = fields.CharField(max_length=80)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "portal.Staff", related_name="approvals", on_delete=fields.RESTRICT
    )
    staff_id: int
    approved_at = fields.DatetimeField()

    class Meta:
        table = "approval"
        constraints = (UniqueConstraint(fields=("draft_id", "digest", "staff_id"), name="approval_once"),)

"""Checks, unique keys and indexes, in this order.

Tortoise 1.1.9 makes no constraint that a CreateModel declares, and adds a check on SQLite by rebuilding the table, which
loses its indexes and triggers. So checks come first, then unique keys, then indexes; triggers in the next migration.
"""

from tortoise import migrations
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_first")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Confirmation",
            constraint=CheckConstraint(check="way IN ('code', 'sign_in', 'ops')", name="confirmation_way_known"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(
                check="closes_at IS NULL OR closes_at > opens_at", name="notice_window_in_order"
            ),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(
                check="opens_at IS NULL OR opens_at >= effective_at", name="notice_opens_in_effect"
            ),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(
                check="state IN ('posted', 'queued', 'sending', 'accepted', 'deferred', 'failed', 'unknown', 'refused')",
                name="notice_state_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Objection",
            constraint=CheckConstraint(
                check="(withdrawn_at IS NULL) = (withdrawn_recorded_at IS NULL)", name="objection_withdrawn_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="Objection",
            constraint=CheckConstraint(
                check="way IN ('link', 'account', 'letter', 'call', 'reply')", name="objection_way_known"
            ),
        ),
        ops.AddConstraint(
            model_name="OptOut",
            constraint=CheckConstraint(check="direction IN ('out', 'in')", name="opt_out_direction_known"),
        ),
        ops.AddConstraint(
            model_name="Sending",
            constraint=CheckConstraint(check="number > 0", name="sending_number_positive"),
        ),
        ops.AddConstraint(
            model_name="Sending",
            constraint=CheckConstraint(
                check="state IN ('sending', 'accepted', 'deferred', 'failed', 'unknown', 'refused')",
                name="sending_state_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Sending",
            constraint=CheckConstraint(
                check="(state = 'accepted') = (accepted_at IS NOT NULL)", name="sending_accepted_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="Sight",
            constraint=CheckConstraint(check="way IN ('account', 'letter', 'in_person')", name="sight_way_known"),
        ),
        ops.AddConstraint(
            model_name="Version",
            constraint=CheckConstraint(check="number > 0", name="version_number_positive"),
        ),
        ops.AddConstraint(
            model_name="Approval",
            constraint=UniqueConstraint(fields=("draft_id", "digest", "staff_id"), name="approval_once"),
        ),
        ops.AddConstraint(
            model_name="Bounce",
            constraint=UniqueConstraint(fields=("member_id", "sending_id"), name="bounce_once"),
        ),
        ops.AddConstraint(
            model_name="Change",
            constraint=UniqueConstraint(fields=("version_id", "key"), name="change_once"),
        ),
        ops.AddConstraint(
            model_name="Classification",
            constraint=UniqueConstraint(fields=("change_id",), name="classification_once"),
        ),
        ops.AddConstraint(
            model_name="Closure",
            constraint=UniqueConstraint(fields=("member_id",), name="closure_once"),
        ),
        ops.AddConstraint(
            model_name="Confirmation",
            constraint=UniqueConstraint(fields=("member_id", "objection_id"), name="confirmation_once"),
        ),
        ops.AddConstraint(
            model_name="Consent",
            constraint=UniqueConstraint(fields=("member_id", "version_id", "purpose"), name="consent_once"),
        ),
        ops.AddConstraint(
            model_name="DraftClassification",
            constraint=UniqueConstraint(fields=("draft_id", "change_key"), name="draft_classification_once"),
        ),
        ops.AddConstraint(
            model_name="DraftEditor",
            constraint=UniqueConstraint(fields=("draft_id", "staff_id"), name="draft_editor_once"),
        ),
        ops.AddConstraint(
            model_name="DraftTranslation",
            constraint=UniqueConstraint(fields=("draft_id", "language"), name="draft_translation_once"),
        ),
        ops.AddConstraint(
            model_name="MemberSession",
            constraint=UniqueConstraint(fields=("member_id", "token_digest"), name="member_session_once"),
        ),
        ops.AddConstraint(
            model_name="Membership",
            constraint=UniqueConstraint(fields=("member_id", "policy_id"), name="membership_once"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=UniqueConstraint(fields=("member_id", "version_id"), name="notice_once"),
        ),
        ops.AddConstraint(
            model_name="ObjectedChange",
            constraint=UniqueConstraint(fields=("member_id", "objection_id", "change_id"), name="objected_once"),
        ),
        ops.AddConstraint(
            model_name="Objection",
            constraint=UniqueConstraint(fields=("member_id", "number"), name="objection_number_once"),
        ),
        ops.AddConstraint(
            model_name="Sending",
            constraint=UniqueConstraint(fields=("member_id", "notice_id", "number"), name="sending_once"),
        ),
        ops.AddConstraint(
            model_name="Settlement",
            constraint=UniqueConstraint(fields=("member_id", "objection_id"), name="settlement_once"),
        ),
        ops.AddConstraint(
            model_name="Version",
            constraint=UniqueConstraint(fields=("policy_id", "number"), name="version_once"),
        ),
        ops.AddConstraint(
            model_name="Version",
            constraint=UniqueConstraint(fields=("policy_id", "posted_at"), name="version_posted_once"),
        ),
        ops.AddConstraint(
            model_name="VersionText",
            constraint=UniqueConstraint(fields=("version_id", "language"), name="version_text_once"),
        ),
        ops.AddIndex(
            model_name="Address",
            index=Index(fields=["member_id", "received_at"], name="address_of_member"),
        ),
        ops.AddIndex(
            model_name="Event",
            index=Index(fields=["member_id", "id"], name="event_of_member"),
        ),
        ops.AddIndex(
            model_name="Event",
            index=Index(fields=["version_id", "id"], name="event_of_version"),
        ),
        ops.AddIndex(
            model_name="Membership",
            index=Index(fields=["policy_id", "joined_at"], name="membership_of_policy"),
        ),
        ops.AddIndex(
            model_name="Notice",
            index=PartialIndex(fields=["version_id", "member_id"], name="notice_queued", condition={"state": "queued"}),
        ),
        ops.AddIndex(
            model_name="Notice",
            index=Index(fields=["version_id", "closes_at"], name="notice_closing"),
        ),
        ops.AddIndex(
            model_name="Notice",
            index=Index(fields=["version_id", "state"], name="notice_states"),
        ),
        ops.AddIndex(
            model_name="Notice",
            index=Index(fields=["state", "next_attempt_at"], name="notice_due"),
        ),
        ops.AddIndex(
            model_name="Objection",
            index=Index(fields=["version_id", "closing"], name="objection_of_version"),
        ),
        ops.AddIndex(
            model_name="OptOut",
            index=Index(fields=["member_id", "purpose"], name="opt_out_of_member"),
        ),
        ops.AddIndex(
            model_name="OutgoingMail",
            index=Index(fields=["state", "next_attempt_at"], name="outgoing_mail_due"),
        ),
        ops.AddIndex(
            model_name="Profile",
            index=Index(fields=["member_id", "received_at"], name="profile_of_member"),
        ),
        ops.AddIndex(
            model_name="Refusal",
            index=Index(fields=["member_id", "notice_id"], name="refusal_of_notice"),
        ),
        ops.AddIndex(
            model_name="Sight",
            index=Index(fields=["member_id", "notice_id"], name="sight_of_notice"),
        ),
    ]

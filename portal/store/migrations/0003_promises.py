"""Triggers that defend the promises: what was published or received is never altered, and nobody approves their own."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from portal.store.triggers import REFUSE, Promises, spelled

# Partial unique indexes are written here: Tortoise 1.1.9 makes none on SQLite.
ONLY_ONE = [
    "CREATE UNIQUE INDEX objection_one_in_force ON objection (member_id, version_id) WHERE withdrawn_at IS NULL",
    "CREATE UNIQUE INDEX sight_in_account_once ON sight (member_id, notice_id) WHERE way = 'account'",
    "CREATE UNIQUE INDEX version_text_one_authoritative ON version_text (version_id) WHERE authoritative",
    "CREATE UNIQUE INDEX draft_one_open ON draft (policy_id) WHERE published_as IS NULL AND dropped_at IS NULL",
]

NEVER_ALTERED = {
    "version": "a published version is never altered",
    "version_text": "a published text is never altered",
    "change": "a published change is never altered",
    "classification": "a published classification is never altered",
    "event": "an event is never altered",
    "membership": "a membership is never altered",
    "refusal": "a received fact is never altered",
    "bounce": "a received fact is never altered",
    "sight": "a received fact is never altered",
    "objected_change": "a received objection is never altered",
    "confirmation": "a received fact is never altered",
    "consent": "a received fact is never altered",
    "opt_out": "a received fact is never altered",
    "settlement": "a received fact is never altered",
    "closure": "a closure is never altered",
    "approval": "an approval is never altered",
    "draft_editor": "who edited a draft is never altered",
}

# table -> (columns that must stay as they are, when an update is refused besides, why)
PARTLY_ALTERED = {
    "objection": (
        "id member_id version_id number closing way staff_id remark_id received_at recorded_at sequence",
        "OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL",
        "of a received objection only the withdrawal is set, once",
    ),
    "sending": (
        "id member_id notice_id number address_id message_id started_at",
        "OLD.accepted_at IS NOT NULL AND NOT (NEW.accepted_at = OLD.accepted_at AND NEW.state = OLD.state)",
        "an accepted sending is never altered",
    ),
    "notice": ("id member_id version_id recorded_at", "0 = 1", "what is owed is never altered"),
    "address": (
        "id member_id digest received_at recorded_at sequence",
        "NEW.address <> OLD.address AND NEW.address <> ''",
        "an address given is only ever blanked",
    ),
    "profile": (
        "id member_id language zone received_at recorded_at sequence",
        "NEW.name <> OLD.name AND NEW.name <> ''",
        "a name given is only ever blanked",
    ),
    "remark": ("id member_id recorded_at", "NEW.text <> OLD.text AND NEW.text <> ''", "a remark is only ever blanked"),
}

# (name, table, condition under which an insert is refused, why)
INSERTS_REFUSED = [
    (
        "approval_by_another",
        "approval",
        "EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.staff_id)",
        "who edited a draft cannot approve it",
    ),
    (
        "version_approved",
        "version",
        "NEW.draft_id IS NOT NULL AND (NEW.approver_id IS NULL"
        " OR EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.approver_id)"
        " OR NOT EXISTS (SELECT 1 FROM approval a JOIN draft d ON d.id = a.draft_id AND d.digest = a.digest"
        " WHERE a.draft_id = NEW.draft_id AND a.staff_id = NEW.approver_id))",
        "a version is published only as a second person approved it",
    ),
    (
        "version_in_order",
        "version",
        "NEW.number <> 1 + (SELECT count(*) FROM version v WHERE v.policy_id = NEW.policy_id)"
        " OR EXISTS (SELECT 1 FROM version v WHERE v.policy_id = NEW.policy_id AND v.posted_at >= NEW.posted_at)",
        "versions are numbered and posted one after the other",
    ),
    (
        "objection_in_time",
        "objection",
        "NOT EXISTS (SELECT 1 FROM notice n WHERE n.member_id = NEW.member_id AND n.version_id = NEW.version_id"
        " AND (n.closes_at IS NULL OR NEW.received_at < n.closes_at))",
        "an objection needs a notice whose window has not closed",
    ),
    (
        "objection_while_open",
        "objection",
        "EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id)",
        "a closed account cannot object",
    ),
    (
        "closure_confirmed",
        "closure",
        "NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o"
        " JOIN confirmation c ON c.objection_id = o.id AND c.member_id = o.member_id"
        " WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.withdrawn_at IS NULL AND o.closing)",
        "an account is closed for an objection only while it is in force and once it is confirmed",
    ),
    (
        "bounce_of_own_sending",
        "bounce",
        "NOT EXISTS (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id"
        " AND s.notice_id = NEW.notice_id AND s.accepted_at IS NOT NULL)",
        "a bounce names an accepted sending of its own notice",
    ),
    (
        "settlement_of_a_freeze",
        "settlement",
        "NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id"
        " AND o.withdrawn_at IS NULL AND NOT o.closing)",
        "only a freeze in force is settled",
    ),
]


PROMISES = Promises(NEVER_ALTERED, PARTLY_ALTERED, INSERTS_REFUSED)


async def defend(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in [*ONLY_ONE, *([] if dialect == "sqlite" else [REFUSE]), *spelled(PROMISES, dialect)]:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_constraints")]

    operations = [ops.RunPython(defend)]

"""One index of a version's notices by state, with the ends of their windows, where there were two: an acceptance moves an
entry of each."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("portal", "0022_notes_by_columns")]

    operations = [
        ops.RemoveIndex("Notice", name="notice_closing"),
        ops.RemoveIndex("Notice", name="notice_states"),
        ops.AddIndex("Notice", Index(fields=["version_id", "state", "closes_at"], name="notice_states")),
    ]

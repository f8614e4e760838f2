"""An index for claiming: the notices of one version in the order of their members, whatever their state."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("portal", "0008_campaign_hold")]

    operations = [ops.AddIndex("Notice", Index(fields=["version_id", "member_id"], name="notice_in_order"))]

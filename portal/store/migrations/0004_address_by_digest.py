from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_promises")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Address",
            index=Index(fields=["digest"], name="address_by_digest"),
        ),
    ]

"""Hand-over tokens that were used: the unique key lets one of two requests with the same token sign in."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("portal", "0014_my_terms")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SpentToken",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.CharField(unique=True, max_length=80)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "spent_token",
                "app": "portal",
                "pk_attr": "id",
                "table_description": "A hand-over token that signed somebody in: none does so twice. Forgotten once it is too old to be taken anyhow.",
            },
            bases=["Model"],
        ),
    ]

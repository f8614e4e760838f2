"""What a token may be used for. Tokens made before keep what they could: ask which version governs."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_stored_comparison")]

    initial = False

    # No check on the column: on SQLite that would rebuild the table (decision 0002), and what is no `Scope` gives nothing.
    # Text, not JSON: Tortoise 1.1.9 spells a JSON column's `db_default` so that PostgreSQL cannot read it.
    operations = [
        ops.AddField(
            model_name="ApiToken", name="scopes", field=fields.CharField(db_default="terms:read", max_length=200)
        ),
    ]

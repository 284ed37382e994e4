"""What an operation asked for beyond its columns. SQLite rebuilds the table, so its triggers are created anew."""

from django.db import migrations

import ledger.fields
from ledger.append_only import create_triggers


def create(apps, schema_editor):
    create_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_transfers_holds_reversals")]

    operations = [
        migrations.AddField(
            model_name="transaction",
            name="terms",
            field=ledger.fields.ExactCharField(blank=True, default="", max_length=32),
        ),
        migrations.RunPython(create, create, atomic=False),
    ]

"""Which request asked for a transaction, and what moved on each day. SQLite rebuilds the table: its triggers anew."""

from django.db import migrations, models

import ledger.fields
from ledger.append_only import create_triggers


def create(apps, schema_editor):
    create_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_terms")]

    operations = [
        migrations.CreateModel(
            name="Day",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("lines", models.JSONField(default=list)),
                ("largest", models.JSONField(default=list)),
            ],
            options={"db_table": "days"},
        ),
        migrations.CreateModel(
            name="RollUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("balances", models.JSONField(default=dict)),
            ],
            options={"db_table": "roll_ups"},
        ),
        migrations.AddField(
            model_name="transaction",
            name="request_id",
            field=ledger.fields.ExactCharField(blank=True, default="", max_length=128),
        ),
        migrations.AddField(
            model_name="transaction",
            name="address",
            field=ledger.fields.ExactCharField(blank=True, default="", max_length=45),
        ),
        migrations.RunPython(create, create, atomic=False),
    ]

"""What transfers, holds and reversals write down. SQLite rebuilds the table, so that its triggers are created anew."""

from decimal import Decimal

from django.db import migrations, models

import ledger.fields
from ledger.append_only import create_triggers


def create(apps, schema_editor):
    create_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_account_code"),
        ("wallets", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="transaction",
            name="transactions_status_and_reason",
        ),
        migrations.AddField(
            model_name="transaction",
            name="held_after",
            field=ledger.fields.MoneyField(default=Decimal(0)),
        ),
        migrations.AddField(
            model_name="transaction",
            name="concerns",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="counterparty",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="metadata",
            field=models.JSONField(null=True),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="status",
            field=ledger.fields.ExactCharField(
                choices=[("SUCCESS", "Success"), ("FAILED", "Failed"), ("HELD", "Held")], max_length=7
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["wallet", "created_at", "sequence"], name="transactions_wallet_time"),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["concerns"], name="transactions_concerns"),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("failure_reason", ""), ("status", "SUCCESS")),
                    models.Q(("failure_reason__gt", ""), ("status", "FAILED")),
                    models.Q(("failure_reason", ""), ("kind__in", ["HOLD", "RELEASE", "EXPIRY"]), ("status", "HELD")),
                    _connector="OR",
                ),
                name="transactions_status_and_reason",
            ),
        ),
        migrations.RunPython(create, create, atomic=False),
    ]

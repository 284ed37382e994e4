"""Holds, limits of a wallet, and a wallet that is frozen for debits only."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import ledger.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("ledger", "0005_transfers_holds_reversals"),
        ("wallets", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("hold_id", models.UUIDField(primary_key=True, serialize=False)),
                ("amount", ledger.fields.MoneyField()),
                ("captured", ledger.fields.MoneyField(default=Decimal(0))),
                (
                    "status",
                    ledger.fields.ExactCharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("CAPTURED", "Captured"),
                            ("RELEASED", "Released"),
                            ("EXPIRED", "Expired"),
                        ],
                        default="OPEN",
                        max_length=8,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "holds",
            },
        ),
        migrations.RemoveConstraint(
            model_name="wallet",
            name="wallets_status_known",
        ),
        migrations.AddField(
            model_name="wallet",
            name="amount_limit",
            field=ledger.fields.MoneyField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="wallet",
            name="balance_limit",
            field=ledger.fields.MoneyField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="wallet",
            name="daily_limit",
            field=ledger.fields.MoneyField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="wallet",
            name="monthly_limit",
            field=ledger.fields.MoneyField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="wallet",
            name="status",
            field=ledger.fields.ExactCharField(
                choices=[
                    ("ACTIVE", "Active"),
                    ("DEBIT_FROZEN", "Debit Frozen"),
                    ("FROZEN", "Frozen"),
                    ("CLOSED", "Closed"),
                ],
                default="ACTIVE",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="wallet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("balance_limit__isnull", True), ("balance__lte", models.F("balance_limit")), _connector="OR"
                ),
                name="wallets_within_balance_limit",
            ),
        ),
        migrations.AddConstraint(
            model_name="wallet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_limit__isnull", True), ("amount_limit__gte", 0), _connector="OR"),
                    models.Q(("daily_limit__isnull", True), ("daily_limit__gte", 0), _connector="OR"),
                    models.Q(("monthly_limit__isnull", True), ("monthly_limit__gte", 0), _connector="OR"),
                ),
                name="wallets_limits_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="wallet",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["ACTIVE", "DEBIT_FROZEN", "FROZEN", "CLOSED"])),
                name="wallets_status_known",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="account",
            field=models.ForeignKey(
                db_column="account", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="wallet",
            field=models.ForeignKey(
                db_column="user_id",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="wallets.wallet",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["wallet", "status", "expires_at"], name="holds_wallet"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["status", "expires_at"], name="holds_expiry"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="holds_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("captured__gte", 0), ("captured__lte", models.F("amount"))),
                name="holds_captured_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["OPEN", "CAPTURED", "RELEASED", "EXPIRED"])),
                name="holds_status_known",
            ),
        ),
    ]

"""The triggers that refuse to change a transaction, and the accounts that are there from the start.

Not atomic: MySQL commits at each CREATE TRIGGER anyway."""

from django.db import migrations

from ledger.append_only import create_triggers, drop_triggers

ACCOUNTS = [
    ("external", "Outside world", "Money that came from, or went, outside: the default other side.", False),
    ("transfers", "Transfers in clearing", "Between the two sides of a transfer; zero outside of a commit.", True),
    ("adjustments", "Adjustments", "Corrections that a person made, each with a reason and a name.", False),
]


def create(apps, schema_editor):
    account = apps.get_model("ledger", "Account")
    for code, name, purpose, must_be_zero in ACCOUNTS:
        account.objects.update_or_create(
            code=code, defaults={"name": name, "purpose": purpose, "must_be_zero": must_be_zero}
        )
    create_triggers(schema_editor.connection)


def remove(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0002_write_ahead_log")]
    operations = [migrations.RunPython(create, remove, elidable=False)]

"""SQLite: readers and a writer do not wait for each other. The mode stays with the file, so once is enough; asked for
per connection it can fail when many processes start at once. It cannot change inside a transaction."""

from django.db import migrations


def use_write_ahead_log(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(use_write_ahead_log, migrations.RunPython.noop, elidable=False)]

"""A code that a trial balance has another use for is no account's. Changes nothing in the database."""

from django.db import migrations

import ledger.fields
import ledger.models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_append_only")]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="code",
            field=ledger.fields.ExactCharField(
                max_length=32, primary_key=True, serialize=False, validators=[ledger.models.validate_account_code]
            ),
        ),
    ]

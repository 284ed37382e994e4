"""A name of staff fits, with what comes before it, where records say who did something."""

import django.contrib.auth.validators
import django.core.validators
from django.db import migrations

import ledger.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_view_contact")]

    operations = [
        migrations.AlterField(
            model_name="staff",
            name="username",
            field=ledger.fields.ExactCharField(
                help_text="Letters, digits and @.+-_. For ever: records say it.",
                max_length=150,
                unique=True,
                validators=[
                    django.contrib.auth.validators.UnicodeUsernameValidator(),
                    django.core.validators.MaxLengthValidator(94),
                ],
            ),
        ),
    ]

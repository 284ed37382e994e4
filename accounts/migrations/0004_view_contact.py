from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_staff_names"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": [("view_contact", "Can see e-mails and phones of users")]},
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("wallets", "0004_proposals")]

    operations = [
        migrations.AlterModelOptions(
            name="wallet",
            options={
                "permissions": [
                    ("note_wallet", "Can write notes on wallets"),
                    ("freeze_wallet", "Can freeze and unfreeze wallets"),
                    ("close_wallet", "Can close wallets"),
                    ("limit_wallet", "Can change limits of wallets"),
                    ("propose_correction", "Can propose adjustments and reversals"),
                    ("approve_correction", "Can approve what another has proposed"),
                ]
            },
        ),
    ]

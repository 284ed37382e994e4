"""The wallets that are measured: WALLETS of them, rich, each with a few transactions; and a key. Prints the key.

Run in a process of its own, with the service's environment, on an empty database or one that was seeded before.
"""

from collections.abc import Callable
from decimal import Decimal

import django
from django.core.management import call_command


def prepare(fill: Callable[[], object]) -> None:
    """Migrate, fill, and make a key, which is printed."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from accounts.api_keys import create_key
    from accounts.scopes import Scope

    fill()
    key = create_key(client="benchmark", scopes=Scope.values, created_by="benchmarks", requests_per_minute=10_000_000)
    print(key.text)


def _seed() -> None:
    from accounts.models import User
    from benchmarks.load import WALLETS
    from wallets.batches import carry_out_all
    from wallets.models import Wallet
    from wallets.operations import Credit

    if User.objects.exists():
        return
    numbers = range(1, WALLETS + 1)
    User.objects.bulk_create(
        User(user_id=number, user_name="A", user_email=f"{number}@b.cd", user_phone=str(number)) for number in numbers
    )
    Wallet.objects.bulk_create(Wallet(user_id=number) for number in numbers)
    for turn in range(12):
        carry_out_all(
            [
                Credit(user_id=number, amount=Decimal(1_000_000), reference_id=f"seed-{turn}-{number}")
                for number in numbers
            ]
        )


if __name__ == "__main__":
    prepare(_seed)

"""People and wallets to test with. Money gets into a wallet the way it does in life: by a credit."""

from decimal import Decimal
from itertools import count

import factory

from accounts.models import Staff, User
from wallets import services
from wallets.models import Wallet

_references = count(1)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user with a number of its own."""

    class Meta:
        model = User

    user_id = factory.Sequence(lambda n: n + 1)
    user_name = factory.Faker("name")
    user_email = factory.LazyAttribute(lambda user: f"user{user.user_id}@example.com")
    user_phone = factory.LazyAttribute(lambda user: f"+91 98765 {user.user_id:05d}")


class StaffFactory(factory.django.DjangoModelFactory[Staff]):
    """A member of staff who may do everything."""

    class Meta:
        model = Staff

    username = factory.Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True


def new_user(**values: object) -> User:
    """A user; `values` for what matters to the test."""
    user: User = UserFactory.create(**values)
    return user


def new_reference() -> str:
    """A reference that no test has used before."""
    return f"test-ref-{next(_references)}"


def new_wallet(balance: Decimal | int = 0, *, currency: str | None = None, user: User | None = None) -> Wallet:
    """A wallet, of `user` or of a new one, that holds `balance`."""
    wallet = services.create_wallet(user_id=(user or new_user()).user_id)
    if currency:
        Wallet.objects.filter(pk=wallet.pk).update(currency=currency)
    if balance:
        services.credit(user_id=wallet.pk, amount=balance, reference_id=new_reference())
    wallet.refresh_from_db()
    return wallet

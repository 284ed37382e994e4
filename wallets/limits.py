"""How much a wallet may move and hold: what its own row says, or else the service's settings."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings

from wallets.models import Wallet

DAY = timedelta(hours=24)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """In the wallet's currency; None is without limit."""

    amount: Decimal | None
    daily: Decimal | None
    monthly: Decimal | None
    balance: Decimal | None


@dataclass(slots=True)
class Spent:
    """What a wallet has spent within the last 24 hours and the last 30 days."""

    day: Decimal = Decimal(0)
    month: Decimal = Decimal(0)


def limits_of(wallet: Wallet) -> Limits:
    """The limits that hold for `wallet`. The service's own are in its default currency, and for wallets in that."""
    defaults: dict[str, Decimal | None] = settings.WALLET_LIMITS if wallet.currency == settings.WALLET_CURRENCY else {}

    def own_or_default(own: Decimal | None, name: str) -> Decimal | None:
        return own if own is not None else defaults.get(name)

    return Limits(
        amount=own_or_default(wallet.amount_limit, "amount"),
        daily=own_or_default(wallet.daily_limit, "daily"),
        monthly=own_or_default(wallet.monthly_limit, "monthly"),
        balance=own_or_default(wallet.balance_limit, "balance"),
    )

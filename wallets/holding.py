"""How a hold changes, under its wallet's lock: captured from, let go, or found to be over."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from wallets.models import Hold, HoldStatus, Wallet


def expire(wallets: Iterable[Wallet], now: datetime) -> dict[int, list[Hold]]:
    """Take what is over by `now` out of what the locked `wallets` hold; the holds, by wallet, are not stored yet."""
    by_id = {wallet.pk: wallet for wallet in wallets}
    holds: dict[int, list[Hold]] = {}
    for hold in Hold.objects.filter(wallet_id__in=by_id, status=HoldStatus.OPEN, expires_at__lte=now):
        by_id[hold.wallet_id].held -= close(hold, HoldStatus.EXPIRED, now)
        holds.setdefault(hold.wallet_id, []).append(hold)
    return holds


def capture(hold: Hold, amount: Decimal, *, final: bool, now: datetime) -> Decimal:
    """Capture `amount` of an open hold, and let go of the rest when `final`; how much less the wallet holds now."""
    hold.captured += amount
    hold.updated_at = now
    if final or hold.captured == hold.amount:
        return amount + close(hold, HoldStatus.CAPTURED, now)
    return amount


def close(hold: Hold, status: HoldStatus, now: datetime) -> Decimal:
    """Close an open hold; how much less the wallet holds now."""
    left = hold.left
    hold.status = status
    hold.updated_at = now
    return left


def store(*, placed: Sequence[Hold], changed: Iterable[Hold]) -> None:
    """Write new holds and changed ones, in the caller's database transaction."""
    Hold.objects.bulk_create(placed)
    for hold in changed:
        hold.save(update_fields=["captured", "status", "updated_at"])

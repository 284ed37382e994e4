"""Letting go of what is held: one hold by its number, or all that are over."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.db.transaction import atomic
from django.utils import timezone

from ledger.retrying import retried
from wallets import holding
from wallets.exceptions import HoldClosed
from wallets.models import Hold, HoldStatus, Wallet
from wallets.selectors import require_hold

_WHY_NOT = {
    HoldStatus.CAPTURED.value: "Hold is captured",
    HoldStatus.EXPIRED.value: "Hold has expired",
}


def release(*, hold_id: UUID) -> Hold:
    """Let go of all that a hold has left; asked for again, it answers the same hold.

    Raises HoldNotFound, and HoldClosed for one that is captured or has expired.
    """
    user_id = require_hold(hold_id).wallet_id

    def once() -> Hold:
        with atomic():
            wallet = _locked(user_id)
            hold = Hold.objects.get(pk=hold_id)
            now = timezone.now()
            if hold.status in _WHY_NOT or hold.is_over(now):
                raise HoldClosed(_WHY_NOT.get(hold.status, "Hold has expired"))
            if hold.status == HoldStatus.OPEN:
                _close(wallet, [hold], HoldStatus.RELEASED, now)
            return hold

    return retried(once)


def over() -> QuerySet[Hold]:
    """Holds that are over, and of which nobody has noted it yet."""
    return Hold.objects.filter(status=HoldStatus.OPEN, expires_at__lte=timezone.now())


def expire_all() -> Iterator[int]:
    """Note that holds are over which are, wallet by wallet; after each, how many. Nothing depends on it being done."""
    for user_id in over().order_by("wallet_id").values_list("wallet_id", flat=True).distinct():
        yield retried(lambda user_id=user_id: _expire(user_id))  # type: ignore[misc]


def _expire(user_id: int) -> int:
    with atomic():
        wallet, now = _locked(user_id), timezone.now()
        expired = holding.expire([wallet], now)
        _store(wallet, list(expired.values()), now)
        return len(expired)


def _close(wallet: Wallet, holds: list[Hold], status: HoldStatus, now: datetime) -> None:
    for hold in holds:
        wallet.held -= holding.close(hold, status, now)
    _store(wallet, holds, now)


def _store(wallet: Wallet, holds: list[Hold], now: datetime) -> None:
    holding.store(placed=[], changed=holds)
    wallet.updated_at = now
    wallet.save(update_fields=["held", "updated_at"])


def _locked(user_id: int) -> Wallet:
    return Wallet.objects.select_for_update().get(pk=user_id)

"""A statement of a wallet: what it had, each movement with the balance after it, and what it had then.

The period is turned into sequences first, and everything else goes by those: so opening balance and lines come to the
closing balance always, whatever the clocks of several machines said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from ledger.fields import MoneySum
from ledger.models import Status, Transaction, Type
from ledger.proof import COLUMNS
from wallets.exceptions import InvalidPeriod, WalletNotFound
from wallets.history import newest_until
from wallets.models import Wallet

LINES_AT_A_TIME = 1000


@dataclass(frozen=True)
class Statement:
    """A statement from `start` to just before `end`; money in `currency`."""

    user_id: int
    user_name: str
    currency: str
    start: datetime
    end: datetime
    opening: Decimal
    credits: Decimal
    debits: Decimal
    closing: Decimal
    after: int  # its lines have sequences from after this one
    until: int  # up to this one

    def lines(self) -> Iterator[dict[str, Any]]:
        """What moved, oldest first, as columns of `ledger.proof`; read by stretches of a thousand sequences.

        Asked for the first thousand of all that follow, MySQL may sort them all each time.
        """
        for after in range(self.after, self.until, LINES_AT_A_TIME):
            until = min(after + LINES_AT_A_TIME, self.until)
            yield from moved(self.user_id, after, until).order_by("sequence").values(*COLUMNS)


def statement(user_id: int, *, start: datetime | None, end: datetime) -> Statement:
    """The statement of a wallet from `start`, or from its beginning, to just before `end`.

    Raises WalletNotFound, InvalidPeriod.
    """
    if start is not None and end < start:
        raise InvalidPeriod("to must not be before from")
    try:
        wallet = Wallet.objects.select_related("user").get(pk=user_id)
    except Wallet.DoesNotExist:
        raise WalletNotFound from None
    first = None if start is None else newest_until(user_id, start, included=False)
    last = newest_until(user_id, end, included=False)
    after = first.sequence if first else 0
    until = max(last.sequence if last else 0, after)
    opening = first.balance_after if first else Decimal(0)
    credited, debited = (
        moved(user_id, after, until).filter(type=type_).aggregate(total=MoneySum("amount"))["total"] or Decimal(0)
        for type_ in (Type.CREDIT, Type.DEBIT)
    )
    return Statement(
        user_id=user_id,
        user_name=wallet.user.user_name,
        currency=wallet.currency,
        start=min(wallet.created_at, end) if start is None else start,
        end=end,
        opening=opening,
        credits=credited,
        debits=debited,
        closing=opening + credited - debited,
        after=after,
        until=until,
    )


def moved(user_id: int, after: int, until: int) -> QuerySet[Transaction]:
    """The wallet's transactions that moved money, within these sequences."""
    return Transaction.objects.filter(wallet_id=user_id, sequence__gt=after, sequence__lte=until, status=Status.SUCCESS)

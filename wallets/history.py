"""A wallet's past: its transactions page by page, and what it held at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from ledger.fields import ExactText, MoneySum
from ledger.models import EXPIRY, AuditRecord, Transaction
from ledger.money import MAX_MONEY
from ledger.proof import COLUMNS
from wallets.exceptions import WalletNotFound
from wallets.models import Hold, HoldStatus, Wallet

MOST_STRETCH = 20_000  # sequences that one statement looks through for rows that pass
OVERDRAFT_LIMIT = "overdraft_limit"  # as records of changed limits name it


@dataclass(frozen=True)
class Filters:
    """Which transactions: `exact` are values of columns, `metadata` texts by key; amounts in the wallet's currency."""

    exact: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    start: datetime | None = None  # at or after
    end: datetime | None = None  # before
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None

    def of(self, rows: QuerySet[Transaction]) -> QuerySet[Transaction]:
        """Those of `rows` that pass."""
        rows = rows.filter(**self.exact)
        for number, (key, text) in enumerate(self.metadata.items()):
            value = f"metadata{number}"  # no part of the key: Django would look for lookups in it
            rows = rows.alias(**{value: ExactText(KeyTextTransform(key, "metadata"))}).filter(**{value: text})
        limits: dict[str, Any] = {
            "created_at__gte": self.start,
            "created_at__lt": self.end,
            "amount__gte": self.min_amount,
            "amount__lte": self.max_amount,
        }
        return rows.filter(**{name: value for name, value in limits.items() if value is not None})


def history(
    user_id: int, *, filters: Filters | None = None, before: int | None = None, limit: int
) -> list[dict[str, Any]]:
    """The wallet's transactions, newest first: the first `limit` that pass, or those before the sequence `before`.

    Read along the index on (wallet, sequence), so that a page far back costs what the first one costs. Raises
    WalletNotFound.
    """
    rows = (filters or Filters()).of(Transaction.objects.filter(wallet_id=user_id)).order_by("-sequence")
    if before is None:
        found: list[dict[str, Any]] = list(rows.values(*COLUMNS)[:limit])
    else:
        found = _found_before(before, rows, user_id, limit)
    if not found and not Wallet.objects.filter(pk=user_id).exists():
        raise WalletNotFound
    return found


def _found_before(before: int, rows: QuerySet[Transaction], user_id: int, limit: int) -> list[dict[str, Any]]:
    """The first `limit` of `rows` before a sequence, a stretch of sequences at a time.

    Asked for what is before it and nothing else, MariaDB walks there from the wallet's newest.
    """
    found: list[dict[str, Any]] = []
    stretch = limit
    while len(found) < limit and (newest := _newest_before(before, user_id)):
        before = max(newest - stretch, 0) + 1
        within = rows.filter(sequence__gte=before, sequence__lte=newest)
        found += within.values(*COLUMNS)[: limit - len(found)]
        stretch = min(4 * stretch, MOST_STRETCH)
    return found


def _newest_before(before: int, user_id: int) -> int | None:
    earlier = Transaction.objects.filter(wallet_id=user_id, sequence__lt=before)
    newest: int | None = earlier.aggregate(newest=Max("sequence"))["newest"]
    return newest


@dataclass(frozen=True)
class Balance:
    """What a wallet held at a moment, in its currency, and the sequence of its newest transaction then."""

    balance: Decimal
    held: Decimal
    available: Decimal
    sequence: int


def balance_now(user_id: int) -> Balance:
    """What the wallet holds. Raises WalletNotFound."""
    wallet = Wallet.objects.filter(pk=user_id).first()
    if wallet is None:
        raise WalletNotFound
    over = _over(user_id, timezone.now(), noted_after=None) if wallet.held else Decimal(0)
    return Balance(wallet.balance, wallet.held - over, wallet.available + over, wallet.sequence)


def balance_at(user_id: int, at: datetime) -> Balance:
    """What the wallet held at the moment `at`, by its newest transaction up to then. Raises WalletNotFound."""
    row = newest_until(user_id, at)
    if row is None:
        if not Wallet.objects.filter(pk=user_id).exists():
            raise WalletNotFound
        return Balance(Decimal(0), Decimal(0), _overdraft_limit_at(user_id, at), 0)
    over = _over(user_id, at, noted_after=row.sequence) if row.held_after else Decimal(0)
    held = row.held_after - over
    available = min(row.balance_after - held + _overdraft_limit_at(user_id, at), MAX_MONEY)
    return Balance(row.balance_after, held, available, row.sequence)


def _overdraft_limit_at(user_id: int, at: datetime) -> Decimal:
    """The wallet's overdraft limit at a moment: what it was last set to until then, and nothing before."""
    records = AuditRecord.objects.filter(user_id=user_id, created_at__lte=at, after__has_key=OVERDRAFT_LIMIT)
    newest = records.order_by("-created_at", "-pk").values_list("after", flat=True).first()
    return Decimal(newest[OVERDRAFT_LIMIT]) if newest else Decimal(0)


def newest_until(user_id: int, at: datetime, *, included: bool = True) -> Transaction | None:
    """The wallet's newest transaction up to `at`, by two look-ups in the index on (wallet, created_at, sequence).

    First the time, then the row: asked for the row at once, MariaDB walks back to it from the wallet's newest.
    """
    rows = Transaction.objects.filter(wallet_id=user_id)
    until = {"created_at__lte" if included else "created_at__lt": at}
    newest_time = rows.filter(**until).aggregate(newest=Max("created_at"))["newest"]
    if newest_time is None:
        return None
    newest: Transaction | None = rows.filter(created_at=newest_time).order_by("-sequence").first()
    return newest


def _over(user_id: int, at: datetime, *, noted_after: int | None) -> Decimal:
    """What holds set aside that were over by `at`, and of which it was not noted yet, or only after a sequence."""
    unnoted = Q(status=HoldStatus.OPEN)
    if noted_after is not None:
        noted: QuerySet[Any] = Transaction.objects.filter(wallet_id=user_id, kind=EXPIRY, sequence__gt=noted_after)
        unnoted |= Q(pk__in=noted.values("concerns"))
    over = Hold.objects.filter(unnoted, wallet_id=user_id, expires_at__lte=at)
    sums = over.aggregate(amount=MoneySum("amount"), captured=MoneySum("captured"))
    return (sums["amount"] or Decimal(0)) - (sums["captured"] or Decimal(0))


def of_reference(reference_id: str) -> list[dict[str, Any]]:
    """The transactions that a reference named: none, one, or the two sides of a transfer."""
    return list(Transaction.objects.filter(reference_id=reference_id).order_by("leg").values(*COLUMNS))


def reversals_of(transaction_id: UUID) -> list[UUID]:
    """The transactions that reversed it, or a part of it, oldest first."""
    rows = Transaction.objects.filter(concerns=transaction_id, kind="REVERSAL", status="SUCCESS")
    return list(rows.order_by("pk").values_list("transaction_id", flat=True))

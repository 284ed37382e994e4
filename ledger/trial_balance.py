"""The trial balance: what each account gave and has, and the wallets' total, which together are zero."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Value, When

from ledger.fields import MoneyField, MoneySum
from ledger.models import WALLETS, Account, Status, Transaction, Type
from ledger.selectors import all_wallets, currency_of_row


@dataclass(frozen=True)
class TrialBalance:
    """All that moved in one currency: what each account and the wallets together have; in total, zero."""

    currency: str
    lines: list[tuple[str, Decimal]]  # negative: it gave; positive: it has, or is owed
    complaints: list[str]

    @property
    def debits(self) -> Decimal:
        """What was given, as a positive figure."""
        return -sum((amount for _, amount in self.lines if amount < 0), Decimal(0))

    @property
    def credits(self) -> Decimal:
        """What is there, or owed."""
        return sum((amount for _, amount in self.lines if amount > 0), Decimal(0))

    @property
    def holds(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.complaints


def trial_balances(*, at: Any = None) -> list[TrialBalance]:
    """The trial balance of each currency, now or just before `at`.

    Now, the wallets' total is what their own rows say, so that it is held against the transactions.
    """
    by_currency: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for currency, account, given, received in _totals(at):
        # Without a currency are rows whose wallet is gone; verify_ledger names them.
        by_currency[currency or "?"][account] = (received or Decimal(0)) - (given or Decimal(0))
    clearing = set(Account.objects.filter(must_be_zero=True).values_list("code", flat=True))
    balances = []
    for currency, amounts in sorted(by_currency.items()):
        stored = amounts.pop(WALLETS, None)
        owed = -sum(amounts.values(), Decimal(0))
        complaints = [f"{code} is a clearing account and not zero" for code in clearing if amounts.get(code)]
        if stored not in {None, owed}:
            complaints.append(f"the wallets hold {stored:.4f}, and their transactions say {owed:.4f}")
        balances.append(TrialBalance(currency, [*sorted(amounts.items()), (WALLETS, owed)], complaints))
    return balances


def _totals(at: Any) -> Any:
    """(currency, account, given, received), by one statement, which sees one moment also while others write."""

    def amounts(type_: Type) -> MoneySum:
        return MoneySum(Case(When(type=type_, then=F("amount")), output_field=MoneyField()))

    rows = Transaction.objects.filter(status=Status.SUCCESS).order_by()
    if at is not None:
        rows = rows.filter(created_at__lt=at)
    moved = (
        rows.annotate(currency=currency_of_row())
        .values_list("currency", "account_id")
        .annotate(given=amounts(Type.CREDIT), received=amounts(Type.DEBIT))
    )
    if at is not None:
        return moved
    nothing = Value(None, output_field=MoneyField())
    held = (
        all_wallets()
        .order_by()
        .values_list("currency")
        .annotate(account=Value(WALLETS), given=nothing, received=MoneySum("balance"))
        .values_list("currency", "account", "given", "received")
    )
    return moved.union(held, all=True)

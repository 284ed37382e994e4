"""What must be true of every wallet and its history, whatever happened before."""

from decimal import Decimal

from ledger.models import Transaction
from wallets.models import Wallet


def assert_ledger_is_sound() -> None:
    """Sequences without gaps, balances that follow from the rows, no wallet below its limit, no refusal that moved."""
    for wallet in Wallet.objects.all():
        balance = Decimal(0)
        rows = list(Transaction.objects.filter(wallet=wallet).order_by("sequence"))
        assert [row.sequence for row in rows] == list(range(1, len(rows) + 1)), f"{wallet}: a gap in the sequence"
        for row in rows:
            if row.status == "SUCCESS":
                balance += row.amount if row.type == "CREDIT" else -row.amount
            else:
                assert row.amount > balance, f"{wallet}: #{row.sequence} failed though the money was there"
            assert row.balance_after == balance, f"{wallet}: #{row.sequence} does not follow from the one before"
            assert balance >= 0, f"{wallet}: #{row.sequence} went below zero"
        assert (wallet.balance, wallet.sequence) == (balance, len(rows)), f"{wallet}: is not what its rows say"

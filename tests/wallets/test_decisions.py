"""What becomes of an operation: pure, and in this order."""

from decimal import Decimal

import pytest

from ledger.exceptions import InvalidAmount
from ledger.models import Transaction
from ledger.money import MAX_MONEY
from wallets.decisions import Failed, Moved, Refused, Replay, decide
from wallets.exceptions import DuplicateReference, FailureReason, WalletNotFound
from wallets.models import Wallet
from wallets.operations import Credit, Debit, Operation


def wallet(balance: str = "100", **values: Decimal) -> Wallet:
    return Wallet(user_id=1, currency="INR", balance=Decimal(balance), **values)


def credit(amount: str = "30", user_id: int = 1) -> Operation:
    return Credit(user_id=user_id, amount=Decimal(amount), reference_id="r")


def debit(amount: str = "30") -> Operation:
    return Debit(user_id=1, amount=Decimal(amount), reference_id="r")


def known(kind: str = "CREDIT", **values: object) -> Transaction:
    defaults: dict[str, object] = {"wallet_id": 1, "amount": Decimal(30), "account_id": "external"}
    return Transaction(kind=kind, type="DEBIT" if kind == "DEBIT" else "CREDIT", **(defaults | values))


def test_a_credit_adds() -> None:
    assert decide(credit(), wallet(), None) == Moved(Decimal(130))


def test_a_debit_takes_away_down_to_nothing() -> None:
    assert decide(debit("100"), wallet(), None) == Moved(Decimal(0))


def test_a_debit_beyond_the_balance_fails() -> None:
    assert decide(debit("100.01"), wallet(), None) == Failed(FailureReason.INSUFFICIENT_BALANCE)


def test_held_money_cannot_be_spent() -> None:
    assert decide(debit("60.01"), wallet(held=Decimal(40)), None) == Failed(FailureReason.INSUFFICIENT_BALANCE)
    assert decide(debit("60"), wallet(held=Decimal(40)), None) == Moved(Decimal(40))


def test_an_overdraft_can_be_spent() -> None:
    assert decide(debit("150"), wallet(overdraft_limit=Decimal(50)), None) == Moved(Decimal(-50))
    assert decide(debit("150.01"), wallet(overdraft_limit=Decimal(50)), None) == Failed(
        FailureReason.INSUFFICIENT_BALANCE
    )


def test_a_credit_beyond_what_can_be_held_fails() -> None:
    full = wallet(str(MAX_MONEY - Decimal("29.99")))
    assert decide(credit("30"), full, None) == Failed(FailureReason.BALANCE_LIMIT_EXCEEDED)
    assert decide(credit("29.99"), full, None) == Moved(MAX_MONEY)


def test_the_same_operation_is_a_replay_before_funds_are_looked_at() -> None:
    row = known("DEBIT")
    assert decide(debit(), wallet("0"), row) == Replay(row)


@pytest.mark.parametrize(
    "other", [{"kind": "DEBIT"}, {"wallet_id": 2}, {"amount": Decimal(31)}, {"account_id": "adjustments"}]
)
def test_a_reference_of_another_operation_is_refused(other: dict[str, object]) -> None:
    decision = decide(credit(), wallet(), known(**other))  # type: ignore[arg-type]
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, DuplicateReference)


def test_a_wallet_that_is_not_there_is_refused() -> None:
    decision = decide(credit(), None, None)
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, WalletNotFound)


def test_an_amount_with_too_many_decimals_is_refused_before_the_reference_is_looked_at() -> None:
    decision = decide(credit("30.001"), wallet(), known())
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, InvalidAmount)


def test_deciding_changes_nothing() -> None:
    before = wallet()
    decide(debit(), before, None)
    assert (before.balance, before.sequence) == (100, 0)

"""What becomes of an operation: pure, and in this order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ledger.exceptions import InvalidAmount
from ledger.models import Transaction
from ledger.money import MAX_MONEY
from wallets.decisions import Decision, Done, Failed, Refused, Replay, State, decide
from wallets.exceptions import (
    DuplicateReference,
    FailureReason,
    InvalidHold,
    InvalidTransfer,
    WalletNotFound,
)
from wallets.limits import Spent
from wallets.models import Hold, Wallet
from wallets.operations import (
    Capture,
    Credit,
    Debit,
    DebitAdjustment,
    Operation,
    PlaceHold,
    ReverseCredit,
    ReverseDebit,
    Transfer,
)

NOW = datetime(2026, 2, 11, 10, tzinfo=UTC)
HOLD, ORIGINAL = UUID(int=1), UUID(int=2)


def wallet(balance: str = "100", user_id: int = 1, **values: Any) -> Wallet:
    return Wallet(user_id=user_id, **({"currency": "INR", "balance": Decimal(balance)} | values))


def credit(amount: str = "30", user_id: int = 1) -> Operation:
    return Credit(user_id=user_id, amount=Decimal(amount), reference_id="r")


def debit(amount: str = "30") -> Operation:
    return Debit(user_id=1, amount=Decimal(amount), reference_id="r")


def transfer(amount: str = "30") -> Operation:
    return Transfer(user_id=1, counterparty=2, amount=Decimal(amount), reference_id="r")


def place(amount: str = "30", **values: Any) -> Operation:
    return PlaceHold(user_id=1, amount=Decimal(amount), concerns=HOLD, reference_id="r", **values)


def capture(amount: str | None = "30", **values: Any) -> Operation:
    some = None if amount is None else Decimal(amount)
    return Capture(user_id=1, amount=some, concerns=HOLD, reference_id="r", **values)


def reverse(kind: type[ReverseCredit | ReverseDebit], amount: str | None = "30", **values: Any) -> Operation:
    some = None if amount is None else Decimal(amount)
    return kind(user_id=1, amount=some, concerns=ORIGINAL, original=Decimal(50), reference_id="r", **values)


def known(kind: str = "CREDIT", **values: object) -> Transaction:
    defaults: dict[str, object] = {"wallet_id": 1, "amount": Decimal(30), "account_id": "external"}
    return Transaction(kind=kind, type="CREDIT" if kind == "CREDIT" else "DEBIT", **(defaults | values))


def decided(operation: Operation, *wallets: Wallet, known: Transaction | None = None, **values: Any) -> Decision:
    """What becomes of `operation`, whose wallets these are."""
    by_reference = {} if known is None else {"r": known}
    return decide(operation, State(NOW, {each.pk: each for each in wallets}, by_reference, **values))


def failure(reason: FailureReason, amount: str = "30") -> Failed:
    return Failed(Decimal(amount), reason)


def refusal(decision: Decision) -> type[Exception]:
    assert isinstance(decision, Refused)
    return type(decision.error)


def test_a_credit_and_a_debit_are_done_down_to_nothing() -> None:
    assert decided(credit(), wallet()) == Done(Decimal(30))
    assert decided(debit("100"), wallet()) == Done(Decimal(100))


def test_a_debit_beyond_the_balance_fails() -> None:
    assert decided(debit("100.01"), wallet()) == failure(FailureReason.INSUFFICIENT_BALANCE, "100.01")


def test_held_money_cannot_be_spent() -> None:
    holding = wallet(held=Decimal(40))
    assert decided(debit("60.01"), holding) == failure(FailureReason.INSUFFICIENT_BALANCE, "60.01")
    assert decided(debit("60"), holding) == Done(Decimal(60))


def test_an_overdraft_can_be_spent() -> None:
    overdrawn = wallet(overdraft_limit=Decimal(50))
    assert decided(debit("150"), overdrawn) == Done(Decimal(150))
    assert decided(debit("150.01"), overdrawn) == failure(FailureReason.INSUFFICIENT_BALANCE, "150.01")


def test_a_credit_beyond_what_can_be_held_fails() -> None:
    full = wallet(str(MAX_MONEY - Decimal("29.99")))
    assert decided(credit("30"), full) == failure(FailureReason.BALANCE_LIMIT_EXCEEDED)
    assert decided(credit("29.99"), full) == Done(Decimal("29.99"))
    small = wallet(balance_limit=Decimal(120))
    assert decided(credit("20.01"), small) == failure(FailureReason.BALANCE_LIMIT_EXCEEDED, "20.01")
    assert decided(credit("20"), small) == Done(Decimal(20))


def test_the_same_operation_is_a_replay_before_funds_are_looked_at() -> None:
    row = known("DEBIT")
    assert decided(debit(), wallet("0"), known=row) == Replay(row)


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "DEBIT"},
        {"wallet_id": 2},
        {"amount": Decimal(31)},
        {"account_id": "adjustments"},
        {"counterparty": 2},
        {"concerns": HOLD},
    ],
)
def test_a_reference_of_another_operation_is_refused(other: dict[str, Any]) -> None:
    assert refusal(decided(credit(), wallet(), known=known(**other))) is DuplicateReference


def test_a_wallet_that_is_not_there_is_refused() -> None:
    assert refusal(decided(credit())) is WalletNotFound
    assert refusal(decided(transfer(), wallet())) is WalletNotFound
    assert refusal(decided(transfer(), wallet(user_id=2))) is WalletNotFound


def test_an_amount_with_too_many_decimals_is_refused_before_the_reference_is_looked_at() -> None:
    assert refusal(decided(credit("30.001"), wallet(), known=known())) is InvalidAmount


@pytest.mark.parametrize(
    ("status", "into", "out_of"),
    [
        ("DEBIT_FROZEN", None, FailureReason.WALLET_FROZEN),
        ("FROZEN", FailureReason.WALLET_FROZEN, FailureReason.WALLET_FROZEN),
        ("CLOSED", FailureReason.WALLET_CLOSED, FailureReason.WALLET_CLOSED),
    ],
)
def test_a_wallets_status_stops_what_it_says(status: str, into: FailureReason | None, out_of: FailureReason) -> None:
    stopped = wallet(status=status)
    holds = {HOLD: Hold(hold_id=HOLD, amount=Decimal(30))}
    for operation in (credit(), reverse(ReverseDebit)):
        assert decided(operation, stopped) == (failure(into) if into else Done(Decimal(30)))
    for operation in (debit(), transfer(), place(), capture(), reverse(ReverseCredit)):
        assert decided(operation, stopped, wallet(user_id=2), holds=holds) == failure(out_of)


def test_a_transfer_needs_a_receiver_that_may_take_it() -> None:
    assert decided(transfer(), wallet(), wallet(user_id=2)) == Done(Decimal(30))
    for status, reason in (
        ("FROZEN", FailureReason.RECEIVER_FROZEN),
        ("CLOSED", FailureReason.RECEIVER_CLOSED),
    ):
        assert decided(transfer(), wallet(), wallet(user_id=2, status=status)) == failure(reason)
    assert decided(transfer(), wallet(), wallet(user_id=2, status="DEBIT_FROZEN")) == Done(Decimal(30))
    full = wallet(user_id=2, balance_limit=Decimal(129))
    assert decided(transfer(), wallet(), full) == failure(FailureReason.RECEIVER_LIMIT_EXCEEDED)
    assert decided(transfer(), wallet("29"), full) == failure(FailureReason.INSUFFICIENT_BALANCE), "funds first"
    assert refusal(decided(transfer(), wallet(), wallet(user_id=2, currency="JPY"))) is InvalidTransfer


def test_limits_stop_spending_and_nothing_else() -> None:
    limited = wallet("1000", amount_limit=Decimal(29))
    for operation in (debit(), transfer(), place()):
        assert decided(operation, limited, wallet(user_id=2)) == failure(FailureReason.AMOUNT_LIMIT_EXCEEDED)
    adjustment = DebitAdjustment(user_id=1, amount=Decimal(30), reference_id="r")
    for operation in (credit(), adjustment, reverse(ReverseCredit)):
        assert decided(operation, limited) == Done(Decimal(30))
    assert decided(debit("29"), limited) == Done(Decimal(29))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"daily_limit": Decimal(99)}, FailureReason.DAILY_LIMIT_EXCEEDED),
        ({"monthly_limit": Decimal(199)}, FailureReason.MONTHLY_LIMIT_EXCEEDED),
        ({"daily_limit": Decimal(100), "monthly_limit": Decimal(200)}, None),
    ],
)
def test_what_was_spent_and_what_is_held_counts_towards_a_limit(
    limits: dict[str, Any], reason: FailureReason | None
) -> None:
    spent = {1: Spent(day=Decimal(50), month=Decimal(150))}
    for operation in (debit(), transfer(), place()):
        decision = decided(
            operation, wallet("1000", held=Decimal(20), **limits), wallet(user_id=2, balance="0"), spent=spent
        )
        assert decision == (failure(reason) if reason else Done(Decimal(30)))


def hold(**values: Any) -> dict[UUID, Hold]:
    return {HOLD: Hold(hold_id=HOLD, amount=Decimal(50), **values)}


def test_a_capture_takes_what_is_held_and_no_more() -> None:
    holding = wallet("50", held=Decimal(50))
    assert decided(capture(), holding, holds=hold()) == Done(Decimal(30))
    assert decided(capture(None), holding, holds=hold()) == Done(Decimal(50))
    assert decided(capture(None), holding, holds=hold(captured=Decimal(20))) == Done(Decimal(30))
    for captured, amount in (("0", "50.01"), ("20.01", "30")):
        assert decided(capture(amount), holding, holds=hold(captured=Decimal(captured))) == failure(
            FailureReason.CAPTURE_EXCEEDS_HOLD, amount
        )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("CAPTURED", FailureReason.HOLD_CAPTURED),
        ("RELEASED", FailureReason.HOLD_RELEASED),
        ("EXPIRED", FailureReason.HOLD_EXPIRED),
    ],
)
def test_a_hold_that_is_closed_cannot_be_captured(status: str, reason: FailureReason) -> None:
    assert decided(capture(), wallet(), holds=hold(status=status)) == failure(reason)
    captured = {"captured": Decimal(50)} if status == "CAPTURED" else {}
    assert decided(capture(None), wallet(), holds=hold(status=status, **captured)) == failure(reason, "50")


def test_a_hold_that_would_be_over_already_is_refused_but_a_replay_of_it_is_not() -> None:
    over = place(expires_at=NOW)
    assert refusal(decided(over, wallet())) is InvalidHold
    row = known("HOLD", concerns=UUID(int=9))
    assert decided(over, wallet(), known=row) == Replay(row)
    assert decided(place(expires_at=NOW + timedelta(microseconds=1)), wallet()) == Done(Decimal(30))


@pytest.mark.parametrize("kind", [ReverseCredit, ReverseDebit])
def test_reversals_together_never_go_above_the_original(kind: type[ReverseCredit | ReverseDebit]) -> None:
    twenty = {ORIGINAL: Decimal(20)}
    assert decided(reverse(kind), wallet(), reversed=twenty) == Done(Decimal(30))
    assert decided(reverse(kind, None), wallet(), reversed=twenty) == Done(Decimal(30))
    assert decided(reverse(kind, "30.01"), wallet(), reversed=twenty) == failure(
        FailureReason.REVERSAL_EXCEEDS_ORIGINAL, "30.01"
    )
    assert decided(reverse(kind, None), wallet(), reversed={ORIGINAL: Decimal(50)}) == failure(
        FailureReason.REVERSAL_EXCEEDS_ORIGINAL, "50"
    )


def test_a_credit_that_was_spent_cannot_be_reversed_beyond_what_is_there() -> None:
    assert decided(reverse(ReverseCredit), wallet("29.99")) == failure(FailureReason.INSUFFICIENT_BALANCE)


def test_without_an_amount_a_replay_is_known_by_having_had_none() -> None:
    row = known("CAPTURE", concerns=HOLD, terms="all")
    assert decided(capture(None), wallet(), known=row, holds=hold(status="CAPTURED")) == Replay(row)
    for amount in ("30", "31"):
        assert refusal(decided(capture(amount), wallet(), known=row, holds=hold())) is DuplicateReference
    named = known("CAPTURE", concerns=HOLD)
    assert refusal(decided(capture(None), wallet(), known=named, holds=hold())) is DuplicateReference
    assert decided(capture("30"), wallet(), known=named, holds=hold()) == Replay(named)


def test_deciding_changes_nothing() -> None:
    before = wallet()
    decided(debit(), before)
    assert (before.balance, before.sequence) == (100, 0)

"""What becomes of one operation. A pure function of what is known under the locks: no database, no clock, no exception.

The order of the checks is the specification: an operation that fails two of them gets the first one's answer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.callers import CLIENT
from accounts.exceptions import NotPermitted
from ledger.exceptions import LedgerError
from ledger.models import Transaction, Type
from ledger.money import MAX_MONEY, json_number, wrong_decimals
from wallets.exceptions import (
    DuplicateReference,
    FailureReason,
    HoldClosed,
    InvalidHold,
    InvalidTransfer,
    NeedsApproval,
    WalletNotFound,
    WalletsError,
)
from wallets.limits import Spent, limits_of
from wallets.models import Hold, HoldStatus, Wallet, WalletStatus
from wallets.operations import Capture, Operation, PlaceHold, Release, Reversal


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is stored, and the reference stays free."""

    error: LedgerError | WalletsError | NotPermitted


@dataclass(frozen=True, slots=True)
class Replay:
    """The operation was decided before; its row is the answer."""

    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Failed:
    """A FAILED row of `amount` with this reason. Nothing moves."""

    amount: Decimal
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class Done:
    """`amount` moves, or is set aside."""

    amount: Decimal


Decision = Refused | Replay | Failed | Done


@dataclass(slots=True)
class State:
    """What is known of the wallets that a posting has locked: nobody else changes it before the commit."""

    now: datetime
    wallets: dict[int, Wallet]
    known: dict[str, Transaction]  # what references wrote before
    holds: dict[UUID, Hold] = field(default_factory=dict)
    expired: dict[int, list[Hold]] = field(
        default_factory=dict
    )  # found to be over, by wallet, and not yet written down
    reversed: dict[UUID, Decimal] = field(default_factory=dict)  # how much of a transaction was reversed
    spent: dict[int, Spent] = field(default_factory=dict)  # of wallets that have a limit for it
    alone: Decimal | None = None  # the most that one person may correct; None: any amount


def decide(operation: Operation, state: State) -> Decision:
    """What becomes of `operation`."""
    wallet = state.wallets.get(operation.user_id)
    known = state.known.get(operation.reference_id)
    if wallet and operation.amount and (error := wrong_decimals(operation.amount, wallet.currency)):
        return Refused(error)
    if known is not None:
        return Replay(known) if _is_same(operation, known) else Refused(DuplicateReference())
    if wallet is None:
        return Refused(WalletNotFound())
    other = wallet if operation.counterparty is None else state.wallets.get(operation.counterparty)
    if other is None:
        return Refused(WalletNotFound())
    if other.currency != wallet.currency:
        return Refused(InvalidTransfer("The two wallets hold different currencies"))
    if isinstance(operation, PlaceHold) and operation.expires_at is not None and operation.expires_at <= state.now:
        return Refused(InvalidHold("expiresAt must be in the future"))
    if isinstance(operation, Release):
        hold = state.holds[operation.concerns]
        closed = _CLOSED_HOLD.get(hold.status)
        return Refused(HoldClosed(closed.value)) if closed else Done(hold.left)
    amount, left = _amount(operation, state)
    if operation.at_most is not None and amount > operation.at_most:
        return Refused(NotPermitted(f"This API key may move at most {json_number(operation.at_most)} at once"))
    if operation.corrects and not operation.approved and state.alone is not None and amount > state.alone:
        return Refused(NeedsApproval(state.alone))
    # From here on the answer is stored: money moves, or a FAILED row says why not.
    reason = _against_what_it_concerns(operation, amount, left, state)
    reason = reason or _against_wallets(operation, amount, wallet, other, state)
    return Done(amount) if reason is None else Failed(amount, reason)


def _is_same(operation: Operation, known: Transaction) -> bool:
    # What another client asked for is none of this one's business. A release is named by its hold, whoever asks.
    if operation.actor.startswith(CLIENT) and operation.is_named_by_its_caller and operation.actor != known.actor:
        return False
    if operation.amount not in {None, known.amount}:  # None: however much, and `terms` says so
        return False
    # A hold gets its number when it is placed: the second call for it comes with another one.
    concerns = known.concerns if isinstance(operation, PlaceHold) else operation.concerns
    return (
        (operation.kind, operation.type, operation.user_id, operation.account, operation.counterparty)
        == (known.kind, known.type, known.wallet_id, known.account_id, known.counterparty)
    ) and (operation.terms, concerns) == (known.terms, known.concerns)


def _amount(operation: Operation, state: State) -> tuple[Decimal, Decimal | None]:
    """How much it is about, and how much is left of what it concerns, if that is limited."""
    match operation:
        case Capture(concerns=hold_id):
            hold = state.holds[hold_id]
            left = hold.amount - hold.captured
            all_of_it = hold.amount
        case Reversal(concerns=transaction_id):
            left = operation.original - state.reversed.get(transaction_id, Decimal(0))
            all_of_it = operation.original
        case _:
            assert operation.amount is not None, "only what is limited may be asked for without an amount"
            return operation.amount, None
    return operation.amount or left or all_of_it, left


def _against_what_it_concerns(
    operation: Operation, amount: Decimal, left: Decimal | None, state: State
) -> FailureReason | None:
    if isinstance(operation, Capture):
        closed = _CLOSED_HOLD.get(state.holds[operation.concerns].status)
        return closed or (FailureReason.CAPTURE_EXCEEDS_HOLD if left is not None and amount > left else None)
    return FailureReason.REVERSAL_EXCEEDS_ORIGINAL if left is not None and amount > left else None


def _against_wallets(
    operation: Operation, amount: Decimal, wallet: Wallet, other: Wallet, state: State
) -> FailureReason | None:
    if operation.type is Type.CREDIT:
        return _against_credit(wallet, amount)
    if reason := _against_debit(operation, amount, wallet, state):
        return reason
    return None if other is wallet else _OF_THE_RECEIVER.get(_against_credit(other, amount))


def _against_credit(wallet: Wallet, amount: Decimal) -> FailureReason | None:
    if wallet.status == WalletStatus.CLOSED:
        return FailureReason.WALLET_CLOSED
    if wallet.status == WalletStatus.FROZEN:
        return FailureReason.WALLET_FROZEN
    most = limits_of(wallet).balance
    if amount > (MAX_MONEY if most is None else most) - wallet.balance:
        return FailureReason.BALANCE_LIMIT_EXCEEDED
    return None


def _against_debit(operation: Operation, amount: Decimal, wallet: Wallet, state: State) -> FailureReason | None:
    if wallet.status == WalletStatus.CLOSED:
        return FailureReason.WALLET_CLOSED
    if wallet.status in {WalletStatus.FROZEN, WalletStatus.DEBIT_FROZEN}:
        return FailureReason.WALLET_FROZEN
    if isinstance(operation, Capture):
        return None  # funds and limits were judged when the hold was placed, and the money set aside
    if operation.spends and (reason := _limit_exceeded(amount, wallet, state)):
        return reason
    if isinstance(operation, PlaceHold) and amount > MAX_MONEY - wallet.held:
        return FailureReason.INSUFFICIENT_BALANCE  # more than can be held, whatever the overdraft would allow
    return FailureReason.INSUFFICIENT_BALANCE if amount > wallet.available else None


def _limit_exceeded(amount: Decimal, wallet: Wallet, state: State) -> FailureReason | None:
    limits = limits_of(wallet)
    if limits.amount is not None and amount > limits.amount:
        return FailureReason.AMOUNT_LIMIT_EXCEEDED
    # What is held counts as spent: its capture asks no more.
    spent = state.spent.get(wallet.pk, Spent())
    if limits.daily is not None and spent.day + wallet.held + amount > limits.daily:
        return FailureReason.DAILY_LIMIT_EXCEEDED
    if limits.monthly is not None and spent.month + wallet.held + amount > limits.monthly:
        return FailureReason.MONTHLY_LIMIT_EXCEEDED
    return None


_CLOSED_HOLD = {
    HoldStatus.CAPTURED.value: FailureReason.HOLD_CAPTURED,
    HoldStatus.RELEASED.value: FailureReason.HOLD_RELEASED,
    HoldStatus.EXPIRED.value: FailureReason.HOLD_EXPIRED,
}
_OF_THE_RECEIVER = {
    None: None,
    FailureReason.WALLET_CLOSED: FailureReason.RECEIVER_CLOSED,
    FailureReason.WALLET_FROZEN: FailureReason.RECEIVER_FROZEN,
    FailureReason.BALANCE_LIMIT_EXCEEDED: FailureReason.RECEIVER_LIMIT_EXCEEDED,
}

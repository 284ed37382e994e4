"""What becomes of one operation. A pure function of the wallet's state: no database, no clock, no exception raised.

The order of the checks is the specification: an operation that fails two of them gets the first one's answer.
"""

from dataclasses import dataclass
from decimal import Decimal

from ledger.exceptions import InvalidAmount
from ledger.models import Transaction, Type
from ledger.money import MAX_MONEY, wrong_decimals
from wallets.exceptions import DuplicateReference, FailureReason, WalletNotFound
from wallets.models import Wallet, WalletStatus
from wallets.operations import Operation


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is stored, and the reference stays free."""

    error: DuplicateReference | WalletNotFound | InvalidAmount


@dataclass(frozen=True, slots=True)
class Replay:
    """The operation was decided before; its row is the answer."""

    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Failed:
    """A FAILED row with this reason. Nothing moves."""

    reason: FailureReason


@dataclass(frozen=True, slots=True)
class Moved:
    """A SUCCESS row, after which the wallet holds `balance`."""

    balance: Decimal


Decision = Refused | Replay | Failed | Moved


def decide(operation: Operation, wallet: Wallet | None, known: Transaction | None) -> Decision:
    """What becomes of `operation`, given the locked wallet it names and the row its reference wrote before, if any."""
    if wallet is not None and (error := wrong_decimals(operation.amount, wallet.currency)):
        return Refused(error)
    if known is not None:
        return Replay(known) if _is_same(operation, known) else Refused(DuplicateReference())
    if wallet is None:
        return Refused(WalletNotFound())
    # From here on the answer is stored: money moves, or a FAILED row says why not.
    if wallet.status == WalletStatus.CLOSED:
        return Failed(FailureReason.WALLET_CLOSED)
    if wallet.status == WalletStatus.FROZEN:
        return Failed(FailureReason.WALLET_FROZEN)
    if operation.type is Type.DEBIT:
        if operation.amount > wallet.available:
            return Failed(FailureReason.INSUFFICIENT_BALANCE)
        return Moved(wallet.balance - operation.amount)
    if operation.amount > MAX_MONEY - wallet.balance:
        return Failed(FailureReason.BALANCE_LIMIT_EXCEEDED)
    return Moved(wallet.balance + operation.amount)


def _is_same(operation: Operation, known: Transaction) -> bool:
    return (operation.kind, operation.type, operation.user_id, operation.amount, operation.account) == (
        known.kind,
        known.type,
        known.wallet_id,
        known.amount,
        known.account_id,
    )

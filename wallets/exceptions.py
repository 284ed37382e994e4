"""What can go wrong with a wallet.

WalletsError
├── WalletNotFound        no such wallet
├── WalletExists          the user has one already
├── DuplicateReference    the referenceId names another operation
├── TransactionFailed     decided, refused, recorded: a FAILED row with its reason
├── InvalidCorrection     an operator's correction that cannot be made as asked
└── OutcomeUnknown        the database cannot say what happened; asking again with the same referenceId can
"""

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.models import Transaction


class FailureReason(StrEnum):
    """Why money that was asked to move did not: the sentences that stand in FAILED rows."""

    INSUFFICIENT_BALANCE = "Insufficient balance"
    WALLET_FROZEN = "Wallet is frozen"
    WALLET_CLOSED = "Wallet is closed"
    BALANCE_LIMIT_EXCEEDED = "Balance limit exceeded"


class WalletsError(Exception):
    """Anything wallets refuse; its text is a sentence for the person who can act on it."""


class WalletNotFound(WalletsError):
    """There is no wallet of this user."""

    def __init__(self) -> None:
        super().__init__("Wallet not found")


class WalletExists(WalletsError):
    """This user has a wallet already."""

    def __init__(self) -> None:
        super().__init__("Wallet already exists")


class DuplicateReference(WalletsError):
    """The referenceId was used for an operation that differs in kind, wallet, amount or account. Nothing moved."""

    def __init__(self) -> None:
        super().__init__("Duplicate referenceId")


class TransactionFailed(WalletsError):
    """The operation was decided and refused. The FAILED row stays in the history, and is what a retry gets."""

    def __init__(self, transaction: "Transaction", *, replayed: bool) -> None:
        self.transaction = transaction
        self.replayed = replayed
        self.reason = FailureReason(transaction.failure_reason)
        super().__init__(self.reason.value)

    @property
    def facts(self) -> dict[str, Decimal]:
        """What was there and what it would have taken, in the wallet's currency, when funds were short."""
        if self.reason is not FailureReason.INSUFFICIENT_BALANCE:
            return {}
        return {"available": self.transaction.available_after, "required": self.transaction.amount}


class InvalidCorrection(WalletsError):
    """A correction without a reason or a name, or of a wallet that it cannot be made to."""


class OutcomeUnknown(WalletsError):
    """The database was lost, or its retries were used up, before it said what became of the operation."""

    def __init__(self) -> None:
        super().__init__("Outcome unknown, retry with the same referenceId")

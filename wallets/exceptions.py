"""What can go wrong with a wallet.

WalletsError
├── WalletNotFound        no such wallet
├── WalletExists          the user has one already
├── DuplicateReference    the referenceId names another operation
├── InvalidTransfer       not between two wallets of one currency
├── NotReversible         a transaction that cannot be reversed
├── HoldNotFound          no such hold
├── HoldClosed            the hold was captured or has expired, and cannot be released
├── InvalidHold           a hold that would be over already
├── InvalidLimits         limits that the wallet is beyond already
├── InvalidPeriod         a period that a statement cannot be of
├── TransactionNotFound   no such transaction
├── BatchRefused          one operation of a batch that is all or none cannot be carried out
├── TransactionFailed     decided, refused, recorded: a FAILED row with its reason
├── InvalidCorrection     an operator's correction that cannot be made as asked
├── NeedsApproval         a correction too large for one person
├── ProposalNotFound      no such proposal
├── AlreadyDecided        somebody approved or declined it before
├── NotAnother            whoever proposed it, or may not approve anything
├── TooBusy               nothing was done: too many operations wait already
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
    AMOUNT_LIMIT_EXCEEDED = "Amount limit exceeded"
    DAILY_LIMIT_EXCEEDED = "Daily limit exceeded"
    MONTHLY_LIMIT_EXCEEDED = "Monthly limit exceeded"
    RECEIVER_FROZEN = "Receiving wallet is frozen"
    RECEIVER_CLOSED = "Receiving wallet is closed"
    RECEIVER_LIMIT_EXCEEDED = "Balance limit of the receiving wallet exceeded"
    HOLD_CAPTURED = "Hold is captured"
    HOLD_RELEASED = "Hold is released"
    HOLD_EXPIRED = "Hold has expired"
    CAPTURE_EXCEEDS_HOLD = "Capture exceeds what is held"
    REVERSAL_EXCEEDS_ORIGINAL = "Reversal exceeds what is left of the transaction"


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
    """The referenceId was used for an operation that differs in kind, wallet, amount, account or
    other party. Nothing moved.
    """

    def __init__(self) -> None:
        super().__init__("Duplicate referenceId")


class InvalidTransfer(WalletsError):
    """Not a transfer between two wallets of one currency; the text says which."""


class TransactionNotFound(WalletsError):
    """There is no such transaction."""

    def __init__(self) -> None:
        super().__init__("Transaction not found")


class NotReversible(WalletsError):
    """A transaction that moved no money, or that is a reversal itself; the text says which."""


class HoldNotFound(WalletsError):
    """There is no such hold."""

    def __init__(self) -> None:
        super().__init__("Hold not found")


class HoldClosed(WalletsError):
    """The hold is captured, or has expired: there is nothing to release. The text says which."""


class InvalidHold(WalletsError):
    """A hold that cannot be placed as asked."""


class InvalidLimits(WalletsError):
    """Limits that cannot be set as asked, because of what the wallet holds or owes."""


class InvalidPeriod(WalletsError):
    """A period that ends before it begins, or is too long for a page; the text says which."""


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


class BatchRefused(WalletsError):
    """The operation `index` (from 0) of a batch cannot be carried out, because of `error`; so none was."""

    def __init__(self, index: int, error: Exception) -> None:
        self.index = index
        self.error = error
        super().__init__(f"Operation {index}: {error}")


class InvalidCorrection(WalletsError):
    """A correction without a reason or a name, or of a wallet that it cannot be made to."""


class NeedsApproval(WalletsError):
    """A correction of more than `limit`, which one person proposes and another approves."""

    def __init__(self, limit: Decimal) -> None:
        self.limit = limit
        super().__init__(f"Correcting more than {limit.normalize():f} needs two people: propose it in the back office")


class ProposalNotFound(WalletsError):
    """There is no such proposal."""

    def __init__(self) -> None:
        super().__init__("Proposal not found")


class AlreadyDecided(WalletsError):
    """The proposal was approved or declined before; the text says by whom."""


class NotAnother(WalletsError):
    """Not somebody who may decide this proposal; the text says why."""


class TooBusy(WalletsError):
    """So many operations wait already that this one was not begun."""

    def __init__(self) -> None:
        super().__init__("Too many requests at once, try again shortly")


class OutcomeUnknown(WalletsError):
    """The database was lost, or its retries were used up, before it said what became of the operation."""

    def __init__(self) -> None:
        super().__init__("Outcome unknown, retry with the same referenceId")

"""What can be done with a wallet. Views, commands and other Django code call these, and nothing below them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError
from uuid_utils.compat import uuid7

from accounts.selectors import require_user
from ledger.database_errors import is_duplicate
from ledger.models import Status, Transaction, Type
from ledger.money import check_currency, parse_amount
from ledger.retrying import insert
from ledger.selectors import require_account
from wallets.exceptions import NotReversible, TransactionFailed, WalletExists
from wallets.models import Hold, Wallet
from wallets.operations import (
    EXTERNAL,
    Capture,
    Credit,
    Debit,
    Operation,
    PlaceHold,
    Reversal,
    ReverseCredit,
    ReverseDebit,
    Transfer,
)
from wallets.posting import Posted, post, settled
from wallets.selectors import require_hold, require_transaction


def create_wallet(*, user_id: int, currency: str | None = None) -> Wallet:
    """A new, empty wallet in an ISO 4217 currency, or in the default one.

    Raises InvalidCurrency, UserNotFound, or WalletExists when the user has one.
    """
    if currency is not None:
        check_currency(currency)
    require_user(user_id)
    wallet = Wallet(user_id=user_id) if currency is None else Wallet(user_id=user_id, currency=currency)
    try:
        insert(wallet)
    except IntegrityError as error:
        if is_duplicate(error):
            raise WalletExists from error
        raise
    return wallet


def credit(
    *,
    user_id: int,
    amount: Decimal | int,
    reference_id: str,
    account: str = EXTERNAL,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Move `amount`, in the wallet's currency, from a ledger account into the wallet. See `debit` for the rest."""
    return carry_out(
        Credit(
            user_id=user_id,
            amount=_by_value(amount),
            reference_id=reference_id,
            account=account,
            description=description,
            metadata=metadata,
            actor=actor,
        )
    )


def debit(
    *,
    user_id: int,
    amount: Decimal | int,
    reference_id: str,
    account: str = EXTERNAL,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Move `amount`, in the wallet's currency, out of the wallet to a ledger account.

    `reference_id` names the operation for ever: the same call again answers the stored row, `replayed`, and moves
    nothing. Called inside `atomic()` it becomes part of that transaction: both or neither. `amount` counts by its
    value: Decimal("9.9000") has one decimal.

    Raises TransactionFailed when it was decided and refused, as for want of funds: the FAILED row is kept, unless a
    surrounding `atomic()` is left by the exception. Raises WalletNotFound, DuplicateReference, InvalidAmount,
    InvalidReference, InvalidDescription, InvalidMetadata or UnknownAccount, which store nothing; and OutcomeUnknown,
    after which the same call tells.
    """
    return carry_out(
        Debit(
            user_id=user_id,
            amount=_by_value(amount),
            reference_id=reference_id,
            account=account,
            description=description,
            metadata=metadata,
            actor=actor,
        )
    )


def transfer(
    *,
    from_user_id: int,
    to_user_id: int,
    amount: Decimal | int,
    reference_id: str,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Move `amount` from one wallet to another of the same currency; both sides are written, or one FAILED row.

    Answers the sender's transaction. Raises InvalidTransfer, and what `debit` raises.
    """
    return carry_out(
        Transfer(
            user_id=from_user_id,
            counterparty=to_user_id,
            amount=_by_value(amount),
            reference_id=reference_id,
            description=description,
            metadata=metadata,
            actor=actor,
        )
    )


def place_hold(
    *,
    user_id: int,
    amount: Decimal | int,
    reference_id: str,
    expires_at: datetime | None = None,
    account: str = EXTERNAL,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Set `amount` of a wallet aside, until it is captured, released, or `expires_at` has come.

    The transaction that it answers `concerns` the hold. Raises InvalidHold when `expires_at` is past, and what `debit`
    raises.
    """
    operation = PlaceHold(
        user_id=user_id,
        amount=_by_value(amount),
        reference_id=reference_id,
        concerns=uuid7(),
        expires_at=expires_at,
        account=account,
        description=description,
        metadata=metadata,
        actor=actor,
    )
    return carry_out(operation)


def capture_hold(
    *,
    hold_id: UUID,
    reference_id: str,
    amount: Decimal | int | None = None,
    final: bool = False,
    account: str | None = None,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Take `amount`, or all that is left, of a hold out of its wallet. With `final`, the rest is let go.

    The money goes to `account`, or to the one that the hold names. Raises HoldNotFound, and what `debit` raises.
    """
    return carry_out(
        capture(
            require_hold(hold_id),
            amount=None if amount is None else _by_value(amount),
            reference_id=reference_id,
            final=final,
            account=account,
            description=description,
            metadata=metadata,
            actor=actor,
        )
    )


def capture(
    hold: Hold,
    *,
    reference_id: str,
    amount: Decimal | None,
    final: bool = False,
    account: str | None = None,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Capture:
    """The operation that captures `amount`, or all that is left, of `hold`, to `account` or to the hold's own."""
    return Capture(
        user_id=hold.wallet_id,
        concerns=hold.pk,
        amount=amount,
        reference_id=reference_id,
        account=hold.account_id if account is None else account,
        final=final,
        description=description,
        metadata=metadata,
        actor=actor,
    )


def reverse(
    *,
    transaction_id: UUID,
    reference_id: str,
    amount: Decimal | int | None = None,
    reason: str = "",
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Posted:
    """Undo a transaction, or `amount` of it; without an amount, all that was not reversed before.

    A credit is reversed by a debit: when the money has been spent, that fails for want of funds. Of a transfer, either
    transaction names both. Raises TransactionNotFound, NotReversible, NeedsApproval, and what `debit` raises.
    """
    return carry_out(
        reversal(
            require_transaction(transaction_id),
            reference_id=reference_id,
            amount=None if amount is None else _by_value(amount),
            reason=reason,
            metadata=metadata,
            actor=actor,
        )
    )


def reversal(
    original: Transaction,
    *,
    reference_id: str,
    amount: Decimal | None,
    reason: str,
    metadata: Mapping[str, str] | None = None,
    actor: str = "",
) -> Reversal:
    """The operation that reverses `original`, or `amount` of it. Raises NotReversible."""
    if original.status != Status.SUCCESS:
        raise NotReversible("Only a transaction that moved money can be reversed")
    if original.kind == Reversal.kind:
        raise NotReversible("A reversal cannot be reversed")
    sent, received = original, None
    if original.counterparty is not None:
        sent, received = Transaction.objects.filter(reference_id=original.reference_id).order_by("leg")
    # What came in goes out again, what went out comes back; what was sent goes out of the receiver's wallet.
    takes_back = received is not None or original.type == Type.CREDIT
    return (ReverseCredit if takes_back else ReverseDebit)(
        user_id=sent.wallet_id if received is None else received.wallet_id,
        counterparty=None if received is None else sent.wallet_id,
        amount=amount,
        original=original.amount,
        concerns=sent.transaction_id if received is None else received.transaction_id,
        other_side=None if received is None else sent.transaction_id,
        account=original.account_id,
        reference_id=reference_id,
        description=reason,
        metadata=metadata,
        actor=actor,
    )


def carry_out(operation: Operation) -> Posted:
    """Post one operation. Raises what `debit` raises."""
    if operation.counterparty is None:  # between two wallets it is the clearing account, which no caller may name
        require_account(operation.account)
    posted = settled(post([operation])[0])
    if posted.transaction.status == Status.FAILED:
        raise TransactionFailed(posted.transaction, replayed=posted.replayed)
    return posted


def _by_value(amount: Decimal | int) -> Decimal:
    return parse_amount(amount).normalize()

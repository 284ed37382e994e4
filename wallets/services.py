"""What can be done with a wallet. Views, commands and other Django code call these, and nothing below them."""

from decimal import Decimal

from django.db import IntegrityError

from accounts.selectors import require_user
from ledger.database_errors import is_duplicate
from ledger.models import Status
from ledger.money import parse_amount
from ledger.retrying import insert
from ledger.selectors import require_account
from wallets.exceptions import TransactionFailed, WalletExists
from wallets.models import Wallet
from wallets.operations import EXTERNAL, Credit, Debit, Operation
from wallets.posting import Posted, post, settled


def create_wallet(*, user_id: int) -> Wallet:
    """A new, empty wallet in the default currency. Raises UserNotFound, or WalletExists when the user has one."""
    require_user(user_id)
    wallet = Wallet(user_id=user_id)
    try:
        insert(wallet)
    except IntegrityError as error:
        if is_duplicate(error):
            raise WalletExists from error
        raise
    return wallet


def credit(*, user_id: int, amount: Decimal | int, reference_id: str, account: str = EXTERNAL) -> Posted:
    """Move `amount`, in the wallet's currency, from a ledger account into the wallet. See `debit` for the rest."""
    return carry_out(Credit(user_id=user_id, amount=_by_value(amount), reference_id=reference_id, account=account))


def debit(*, user_id: int, amount: Decimal | int, reference_id: str, account: str = EXTERNAL) -> Posted:
    """Move `amount`, in the wallet's currency, out of the wallet to a ledger account.

    `reference_id` names the operation for ever: the same call again answers the stored row, `replayed`, and moves
    nothing. Called inside `atomic()` it becomes part of that transaction: both or neither. `amount` counts by its
    value: Decimal("9.9000") has one decimal.

    Raises TransactionFailed when it was decided and refused, as for want of funds: the FAILED row is kept, unless a
    surrounding `atomic()` is left by the exception. Raises WalletNotFound, DuplicateReference, InvalidAmount,
    InvalidReference or UnknownAccount, which store nothing; and OutcomeUnknown, after which the same call tells.
    """
    return carry_out(Debit(user_id=user_id, amount=_by_value(amount), reference_id=reference_id, account=account))


def carry_out(operation: Operation) -> Posted:
    """Post one operation. Raises what `debit` raises."""
    require_account(operation.account)
    posted = settled(post([operation])[0])
    if posted.transaction.status == Status.FAILED:
        raise TransactionFailed(posted.transaction, replayed=posted.replayed)
    return posted


def _by_value(amount: Decimal | int) -> Decimal:
    return parse_amount(amount).normalize()

"""Reading wallets."""

from dataclasses import dataclass
from decimal import Decimal

from wallets.exceptions import WalletNotFound
from wallets.models import Wallet

NEWEST = 10

_COLUMNS = ("transaction_id", "type", "amount", "status", "reference_id", "failure_reason", "created_at")


@dataclass(frozen=True, slots=True)
class WalletDetails:
    """A wallet's balance and its newest transactions, of one moment; each a dict of the columns the API shows."""

    balance: Decimal
    transactions: list[dict[str, object]]


def wallet_details(user_id: int) -> WalletDetails:
    """The balance and the 10 newest transactions, newest first. Raises WalletNotFound.

    One statement reads both, so that the balance is what the newest of these transactions left, also while others
    write: on every engine here a single statement sees a single moment.
    """
    rows = (
        Wallet.objects.filter(pk=user_id)
        .order_by("-transactions__sequence")
        .values_list("balance", *(f"transactions__{column}" for column in _COLUMNS))[:NEWEST]
    )
    found = list(rows)
    if not found:
        raise WalletNotFound
    return WalletDetails(
        balance=found[0][0],
        # A wallet without transactions gives one row, all of whose transaction columns are NULL.
        transactions=[dict(zip(_COLUMNS, row[1:], strict=True)) for row in found if row[1] is not None],
    )

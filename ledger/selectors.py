"""Reading the ledger."""

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Subquery

from ledger.exceptions import UnknownAccount
from ledger.models import Account, Transaction
from ledger.prepared import Prepared

# Codes of accounts seen to exist. Accounts are added, and never removed or turned into clearing accounts.
_known_accounts: set[str] = set()


def all_wallets() -> Any:
    """The wallets, as a QuerySet. The ledger knows them by its foreign key only."""
    wallet: Any = Transaction._meta.get_field("wallet").related_model
    return wallet.objects.all()


def currency_of_row() -> Subquery:
    """The currency of a transaction's wallet, to annotate transactions with: looked up for each, and not joined.

    Joined, the wallets would come first, and their rows by an index that jumps about the table: on MariaDB a million
    rows take 28 s so, and 2 s read as they lie.
    """
    return Subquery(all_wallets().filter(pk=OuterRef("wallet_id")).values("currency"))


def wallets_among(user_ids: Iterable[int]) -> set[int]:
    """Those of `user_ids` that have a wallet."""
    return set(all_wallets().filter(pk__in=list(user_ids)).values_list("pk", flat=True))


def by_reference(references: Iterable[str]) -> dict[str, Transaction]:
    """The first row (leg 0) that each of these references wrote, by reference; those never used are absent."""
    rows = (Transaction.from_db("default", _FIELDS, row) for row in _by_reference.rows(sorted(set(references))))
    return {row.reference_id: row for row in rows}


_FIELDS = [field.attname for field in Transaction._meta.concrete_fields]
_by_reference = Prepared(
    lambda references: Transaction.objects.filter(reference_id__in=references, leg=0).values_list(*_FIELDS), texts=True
)


def require_account(code: str) -> None:
    """Raise UnknownAccount unless `code` is an account that a caller may name: there, and not for clearing."""
    if code not in _known_accounts:
        _known_accounts.update(Account.objects.filter(must_be_zero=False).values_list("code", flat=True))
    if code not in _known_accounts:
        raise UnknownAccount(code)

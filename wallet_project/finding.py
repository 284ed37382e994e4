"""Whatever a person has in hand, a user id, e-mail, phone, transaction id, hold or referenceId, leads to its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.selectors import users_named
from ledger.models import Transaction
from ledger.typed import uuid_of
from wallets.models import Hold, Wallet

MOST = 20


@dataclass(frozen=True)
class Found:
    """A page, and what it is of."""

    what: str
    url: str


def find(term: str, staff: Any) -> list[Found]:
    """The pages of what `term` names exactly, as far as `staff` may look at them."""
    if not term or "\x00" in term:
        return []
    found = [
        *(_users(term) if staff.has_perm("accounts.view_user") else ()),
        *(_transactions(term) if staff.has_perm("ledger.view_transaction") else ()),
        *(_holds(term) if staff.has_perm("wallets.view_hold") else ()),
    ]
    return found[:MOST]


def _users(term: str) -> Iterator[Found]:
    """By their number, e-mail or phone: the wallet's page where there is a wallet, else the user's."""
    users = list(users_named(term)[:MOST])
    with_wallet = set(Wallet.objects.filter(pk__in=[user.pk for user in users]).values_list("pk", flat=True))
    for user in users:
        page = "admin:wallets_wallet_change" if user.pk in with_wallet else "admin:accounts_user_change"
        yield Found(f"User {user.pk}, {user.user_name}", reverse(page, args=[user.pk]))


def _transactions(term: str) -> Iterator[Found]:
    """By their transaction_id or reference; a transfer has two sides."""
    number = uuid_of(term)
    named = Q(reference_id=term) if number is None else Q(reference_id=term) | Q(transaction_id=number)
    for row in Transaction.objects.filter(named).order_by("leg", "pk")[:MOST]:
        what = f"{row.type.capitalize()} of user {row.wallet_id}, {row.reference_id}"
        yield Found(what, reverse("admin:ledger_transaction_change", args=[row.pk]))


def _holds(term: str) -> Iterator[Found]:
    number = uuid_of(term)
    if number is not None and Hold.objects.filter(pk=number).exists():
        yield Found(f"Hold {number}", reverse("admin:wallets_hold_change", args=[number]))

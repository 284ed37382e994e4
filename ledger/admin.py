"""The ledger in the back office: what happened, was done and was proved, to be looked at; accounts, to add to."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ledger.back_office import FastList, ReadOnly, link_to_wallet
from ledger.connections import connections
from ledger.models import Account, AuditRecord, Transaction, Verification
from ledger.money import for_people
from ledger.typed import uuid_of, whole_number

# Before a user id: the transactions of that user, also where somebody's reference is that number.
OF_USER = "user:"


@admin.register(Transaction)
class TransactionAdmin(ReadOnly, FastList):
    """Every line of every wallet's history."""

    list_display = ("created_at", "user_id", "type", "money", "outcome", "balance", "reference_id")
    list_filter = ("status", "type")
    search_help_text = "A transaction id, a reference or a user id (as user:7 too). The list ends after 1000 rows."
    change_form_template = "admin/ledger/transaction.html"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        row = self.get_object(request, object_id)
        # As pairs: a template would look for a key named `items` in it first.
        more = {"connections": connections(row), "metadata": [*(row.metadata or {}).items()]} if row else {}
        return super().change_view(request, object_id, form_url, more)

    @admin.display(description="user")
    def user_id(self, transaction: Transaction) -> str:
        return link_to_wallet(transaction.wallet_id)

    @admin.display(description="amount")
    def money(self, transaction: Transaction) -> str:
        return for_people(transaction.amount, transaction.wallet.currency)

    @admin.display(description="status")
    def outcome(self, transaction: Transaction) -> str:
        return transaction.failure_reason or transaction.status

    @admin.display(description="balance after")
    def balance(self, transaction: Transaction) -> str:
        return for_people(transaction.balance_after, transaction.wallet.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # For the currency; not joined, because MySQL then reads all wallets first and sorts all transactions.
        return super().get_queryset(request).prefetch_related("wallet")

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if number := uuid_of(term):
            return queryset.filter(transaction_id=number)
        user_id = whole_number(term.removeprefix(OF_USER))
        if user_id is None:
            return queryset.filter(reference_id=term)
        named = list(queryset.filter(reference_id=term).values_list("pk", flat=True))
        if named:  # a reference may be a number too
            return queryset.filter(Q(pk__in=named) | Q(wallet_id=user_id))
        # In the order of the index on (wallet, sequence): nothing is sorted.
        return queryset.filter(wallet_id=user_id).order_by("-sequence")


@admin.register(Account)
class AccountAdmin(FastList):
    """The other sides of the wallets' transactions. One can be added; its code is for ever."""

    list_display = ("code", "name", "purpose", "must_be_zero")
    search_fields = ()
    ordering = ("code",)
    fields = ("code", "name", "purpose", "must_be_zero")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A clearing account is one that the code clears: none is made here.
        return ("code", "must_be_zero") if obj else ("must_be_zero",)


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnly, FastList):
    """What people did to wallets, other than moving money."""

    list_display = ("created_at", "actor", "action", "wallet", "reason")
    search_help_text = "A user id. The list ends after 1000 rows."

    @admin.display(description="user id")
    def wallet(self, record: AuditRecord) -> str:
        return link_to_wallet(record.user_id)

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        user_id = whole_number(term)
        return queryset.none() if user_id is None else queryset.filter(user_id=user_id)


@admin.register(Verification)
class VerificationAdmin(ReadOnly, FastList):
    """What verify_ledger found each time it was run."""

    list_display = ("finished_at", "wallets", "rows", "findings")
    search_fields = ()

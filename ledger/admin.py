"""Transactions in the back office: to be looked at."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet

from ledger.back_office import FastList, ReadOnly, whole_number
from ledger.models import Transaction


@admin.register(Transaction)
class TransactionAdmin(ReadOnly, FastList):
    """Every line of every wallet's history."""

    list_display = (
        "transaction_id",
        "wallet_id",
        "sequence",
        "type",
        "amount",
        "status",
        "failure_reason",
        "balance_after",
        "reference_id",
        "created_at",
    )
    list_filter = ("status", "type")
    search_help_text = "A transaction id, a reference or a user id. The list ends after 1000 rows."

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        try:
            return queryset.filter(transaction_id=UUID(term))
        except ValueError:
            pass
        by_reference = queryset.filter(reference_id=term)
        user_id = whole_number(term)
        if user_id is None or by_reference.exists():
            return by_reference
        # In the order of the index on (wallet, sequence): nothing is sorted.
        return queryset.filter(wallet_id=user_id).order_by("-sequence")

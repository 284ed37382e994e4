"""Wallets in the back office: to be looked at. Money is moved by operations, never by a form."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ledger.back_office import FastList, ReadOnly, whole_number
from ledger.money import for_people
from wallets.models import Hold, Wallet


@admin.register(Wallet)
class WalletAdmin(ReadOnly, FastList):
    """What each user holds."""

    list_display = ("user_id", "user_name", "balance_now", "available_now", "status", "updated_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_help_text = "A user id, an e-mail or a phone. The list ends after 1000 rows."

    @admin.display(description="user name")
    def user_name(self, wallet: Wallet) -> str:
        return wallet.user.user_name

    @admin.display(description="balance")
    def balance_now(self, wallet: Wallet) -> str:
        return for_people(wallet.balance, wallet.currency)

    @admin.display(description="available")
    def available_now(self, wallet: Wallet) -> str:
        return for_people(wallet.available, wallet.currency)

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if "@" in term:
            return queryset.filter(user__user_email=term)
        by_phone = queryset.filter(user__user_phone=term)
        user_id = whole_number(term)
        if user_id is None or by_phone.exists():
            return by_phone
        return queryset.filter(pk=user_id)


@admin.register(Hold)
class HoldAdmin(ReadOnly, FastList):
    """What is set aside, and what became of it."""

    list_display = ("created_at", "user_id", "money", "captured_so_far", "status", "expires_at")
    list_filter = ("status",)
    ordering = ("-pk",)  # numbers that begin with the time
    search_help_text = "A hold's number or a user id. The list ends after 1000 rows."

    @admin.display(description="user")
    def user_id(self, hold: Hold) -> str:
        return str(hold.wallet_id)

    @admin.display(description="amount")
    def money(self, hold: Hold) -> str:
        return for_people(hold.amount, hold.wallet.currency)

    @admin.display(description="captured")
    def captured_so_far(self, hold: Hold) -> str:
        return for_people(hold.captured, hold.wallet.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("wallet")

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        try:
            return queryset.filter(pk=UUID(term))
        except ValueError:
            user_id = whole_number(term)
            return queryset.none() if user_id is None else queryset.filter(wallet_id=user_id)

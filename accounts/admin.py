"""Users and staff in the back office."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Staff, User
from ledger.back_office import FastList, whole_number

admin.site.site_header = "Mini Wallet Service"
admin.site.site_title = "Mini Wallet Service"
admin.site.index_title = "Back office"
admin.site.register(Staff, DjangoUserAdmin)


@admin.register(User)
class UserAdmin(FastList):
    """People who own wallets. Their number is for ever; how to reach them is not."""

    list_display = ("user_id", "user_name", "user_email", "user_phone", "created_at")
    readonly_fields = ("created_at",)
    search_help_text = "A user id, an e-mail, a phone, or how the name begins. The list ends after 1000 rows."

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if "@" in term:
            return queryset.filter(user_email=term)
        by_phone = queryset.filter(user_phone=term)
        if by_phone.exists():
            return by_phone
        user_id = whole_number(term)
        return queryset.filter(user_name__startswith=term) if user_id is None else queryset.filter(pk=user_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user_id", "created_at") if obj else ("created_at",)

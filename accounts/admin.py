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


LAST_CHARACTER = "\U0010ffff"


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
        if user_id is not None:
            return queryset.filter(pk=user_id)
        # What begins with `term`, as a range: LIKE does not use the index on every engine.
        return queryset.filter(user_name__gte=term, user_name__lt=term + LAST_CHARACTER).order_by("user_name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user_id", "created_at") if obj else ("created_at",)

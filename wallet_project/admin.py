"""Second factors in the back office: who has one, and the one of a lost phone removed. Secrets are not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.back_office import FastList, ReadOnly

admin.site.unregister(TOTPDevice)


@admin.register(TOTPDevice)
class SecondFactorAdmin(ReadOnly, FastList):
    """Removed here, and set up by its owner anew."""

    list_display = ("user", "confirmed", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ()

    def get_readonly_fields(self, request: object, obj: object = None) -> list[str]:
        return ["user", "confirmed", "created_at", "last_used_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TOTPDevice]:
        devices = super().get_queryset(request)
        user: Any = request.user
        return devices if user.is_superuser else devices.exclude(user__is_superuser=True)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

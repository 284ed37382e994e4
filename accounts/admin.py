"""Users, staff, and programs that call the API, in the back office."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import models
from django.db.models import Q, QuerySet
from django.forms import SplitDateTimeField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.api_keys import create_key, revoke_key
from accounts.forms import NewKeyForm
from accounts.masking import VIEW_CONTACT, masked_email, masked_phone
from accounts.models import ApiClient, ApiKey, Staff, User
from accounts.selectors import users_named
from ledger.back_office import FastList, ReadOnly
from ledger.typed import whole_number
from ledger.widgets import DayAndTime

if TYPE_CHECKING:
    _DjangoUserAdmin = DjangoUserAdmin[Staff]
else:
    _DjangoUserAdmin = DjangoUserAdmin

LAST_CHARACTER = "\U0010ffff"
CONTACT = {"user_email": "masked_email", "user_phone": "masked_phone"}


@admin.register(User)
class UserAdmin(FastList):
    """People who own wallets. Their number is for ever; how to reach them is not.

    Their e-mail and phone are masked for whoever has no right to them, who still finds a user by the whole of either.
    """

    list_display = ("user_id", "user_name", "user_email", "user_phone", "created_at")
    readonly_fields = ("created_at",)
    search_help_text = "A user id, an e-mail, a phone, or how the name begins. The list ends after 1000 rows."

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        named = [user.pk for user in users_named(term)]
        if named or "@" in term or whole_number(term):
            return queryset.filter(pk__in=named)
        # What begins with `term`, as a range: LIKE does not use the index on every engine.
        return queryset.filter(user_name__gte=term, user_name__lt=term + LAST_CHARACTER).order_by("user_name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        masked = [] if _sees_contact(request) else CONTACT.values()
        return ("user_id", "created_at", *masked) if obj else ("created_at",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Whoever adds a user knows what they type. Masks are shown, and cannot be typed over.
        masked = obj and not _sees_contact(request)
        return self._masked(self.list_display) if masked else super().get_fields(request, obj)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if _sees_contact(request) else self._masked(self.list_display)

    @staticmethod
    def _masked(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(CONTACT.get(name, name) for name in names)

    @admin.display(description="user email")
    def masked_email(self, user: User) -> str:
        return masked_email(user.user_email)

    @admin.display(description="user phone")
    def masked_phone(self, user: User) -> str:
        return masked_phone(user.user_phone)


def _sees_contact(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(VIEW_CONTACT))


@admin.register(Staff)
class StaffAdmin(_DjangoUserAdmin):
    """Who works here. Whoever is no superuser makes none, and changes none."""

    filter_horizontal = ()  # Django's has names that a screen reader is not told

    formfield_overrides = {models.DateTimeField: {"form_class": SplitDateTimeField, "widget": DayAndTime}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or not obj.is_superuser or _is_superuser(request)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What they did, and what they may not approve because they proposed it, is recorded under their name.
        fields = (*super().get_readonly_fields(request, obj), *(("username",) if obj else ()))
        if _is_superuser(request):
            return fields
        # Nor may they take up another role by themselves.
        own = ("groups",) if obj is not None and obj.pk == request.user.pk else ()
        return (*fields, "is_superuser", "user_permissions", *own)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


@admin.register(ApiClient)
class ApiClientAdmin(FastList):
    """Programs that call the API."""

    list_display = ("name", "purpose", "created_at")
    search_fields = ()
    fields = ("name", "purpose")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("name",) if obj else ()  # transactions say it


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, FastList):
    """Keys: made here and shown once, revoked, and never changed."""

    list_display = ("__str__", "client", "scopes", "created_at", "expires_at", "last_used_at", "state")
    list_select_related = ("client",)
    actions = ("revoke",)
    search_help_text = "The twelve characters after mws_, or a client's name. The list ends after 1000 rows."

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        prefix = term.removeprefix("mws_").partition("_")[0]
        return queryset.filter(Q(prefix=prefix) | Q(client__name=term))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may make keys may end them."""
        return bool(request.user.has_perm("accounts.change_apikey"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if change else NewKeyForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {"secret_hash"}
        if obj:
            return [name for name in super().get_fields(request, obj) if name not in hidden]
        return NewKeyForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        values = form.cleaned_data
        request.new_key = create_key(
            client=values["client"].name,
            scopes=values["scopes"].split(),
            accounts=values["accounts"].split(),
            largest_amount=values["largest_amount"],
            requests_per_minute=values["requests_per_minute"],
            expires_at=values["expires_at"],
            created_by=request.user.get_username(),
        )
        obj.pk, obj.prefix = request.new_key.key.pk, request.new_key.key.prefix

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        # Shown on the reply itself: a message would be kept in a cookie, and a redirect's address in a history.
        context = self.admin_site.each_context(request) | {"title": "New API key", "new": request.new_key}
        return render(request, "admin/new_api_key.html", context)

    @admin.action(description="Revoke the selected keys, for ever", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End keys: within a second nobody gets in with them."""
        for prefix in queryset.values_list("prefix", flat=True):
            revoke_key(prefix=prefix, revoked_by=request.user.get_username())
        self.message_user(request, f"Revoked: {queryset.count()}.")

"""The back office: Django's admin with a second factor, which staff set up, and a lock after wrong passwords."""

import sys
from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.views.defaults import server_error
from django_otp import login as note_second_factor
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import limiter
from accounts.exceptions import TooManyRequests
from wallet_project.api.proxies import address_of
from wallet_project.dashboard import dashboard
from wallet_project.finding import find
from wallets.approvals import APPROVE, pending


class SignIn(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Name, password and, for those who have a second factor, the code that it shows."""

    otp_error_messages = OTPAuthenticationFormMixin.otp_error_messages | {
        "token_required": "Enter the code that your authenticator shows.",
        "invalid_token": "This code is not right, or was used before. Wait for the next one.",
    }
    otp_token = forms.CharField(
        label="Code",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        """What was sent, when name and password are right, and the code too where there is a second factor."""
        name = self.cleaned_data.get("username", "")
        address = address_of(self.request) if self.request else None
        try:
            limiter.count_sign_in(name=name, address=address)
        except TooManyRequests as refused:
            raise forms.ValidationError(f"{refused}.") from refused
        cleaned: dict[str, Any] = super().clean()
        staff = self.get_user()
        if staff is not None and second_factor_of(staff):
            self.clean_otp(staff)
        return cleaned

    def _chosen_device(self, user: Any) -> TOTPDevice | None:
        return second_factor_of(user)


class BackOffice(AdminSite):
    """The admin site."""

    site_header = site_title = "Mini Wallet Service"
    index_title = "Back office"
    index_template = "admin/dashboard.html"
    login_form = SignIn
    login_template = "admin/sign_in.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff; with their second factor, once they have one."""
        if not super().has_permission(request):
            return False
        user: Any = request.user
        return user.is_verified() or not _has_second_factor(request)

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Send staff who need a second factor, and have none, to the page where they get it."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            needs_one = settings.SECOND_FACTOR_REQUIRED and self.has_permission(request) and not user.is_verified()
            if needs_one and view not in {self.second_factor, self.logout}:
                return redirect("admin:second_factor")
            return inner(request, *args, **kwargs)

        return guarded

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With how many proposals wait, for whoever may decide them."""
        user: Any = request.user
        waiting = pending() if user.is_active and user.has_perm(APPROVE) else 0
        return super().each_context(request) | {"proposals_waiting": waiting}

    def get_urls(self) -> list[Any]:
        own = [
            path("second-factor/", self.admin_view(self.second_factor), name="second_factor"),
            path("find/", self.admin_view(self.find), name="find"),
        ]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard, for whoever may look at wallets and transactions; and all pages there are."""
        may = all(map(request.user.has_perm, ("wallets.view_wallet", "ledger.view_transaction")))
        shown = dashboard(request.GET.get("currency", "")) if may else None
        return super().index(request, (extra_context or {}) | {"dashboard": shown})

    def find(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page of what was looked for; with several, or none, say so."""
        term = request.GET.get("q", "").strip()
        found = find(term, request.user)
        if len(found) == 1:
            return redirect(found[0].url)
        context = self.each_context(request) | {"title": "Find", "term": term, "found": found}
        return render(request, "admin/find.html", context)

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """The page on which staff set up their second factor: a QR code, and the code that it leads to."""
        user: Any = request.user
        existing = second_factor_of(user)
        device = existing or TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "phone"})[0]
        wrong = False
        if request.method == "POST" and not existing:
            wrong = not device.verify_token(request.POST.get("code", "").strip())
            if not wrong:
                device.confirmed = True
                device.save()
                note_second_factor(request, device)
                return redirect("admin:second_factor")
        context = self.each_context(request) | {"title": "Second factor", "existing": existing, "wrong": wrong}
        if not existing:
            image = segno.make(device.config_url, error="m")
            context |= {"image": image.svg_data_uri(scale=5), "secret": _readable(device.config_url)}
        return render(request, "admin/second_factor.html", context)


def second_factor_of(staff: Any) -> TOTPDevice | None:
    """The second factor that this member of staff has set up; everybody has one at most."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=staff, confirmed=True).first()
    return device


def _has_second_factor(request: Any) -> bool:
    """Whether who is signed in has one, looked up once for each request."""
    if not hasattr(request, "has_second_factor"):
        request.has_second_factor = second_factor_of(request.user) is not None
    return bool(request.has_second_factor)


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """What django-axes answers whoever has sent too many wrong passwords."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    reply = render(request, "admin/locked_out.html", {"minutes": minutes}, status=429)
    reply.headers["Retry-After"] = str(minutes * 60)
    return reply


def failed(request: HttpRequest) -> HttpResponseBase:
    """What somebody sees whose request failed: 503 when the database could not be reached, or was too busy."""
    if not isinstance(sys.exc_info()[1], OperationalError):
        return server_error(request)
    # Without the request: who is signed in would have to be read from the database.
    name = BackOffice.site_header
    page = render_to_string("503.html", {"title": "Busy", "site_header": name, "site_title": name})
    return HttpResponse(page, status=503, headers={"Retry-After": "1"})


def _readable(config_url: str) -> str:
    """The secret within, in groups of four, for those who cannot scan."""
    secret = config_url.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))

"""The whole URL space on one screen. No path ends in a slash, and none redirects to one (the admin is Django's own)."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import path, register_converter
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from accounts.api.converters import UserIdConverter
from accounts.api.views import UserViewSet
from wallet_project.api import openapi
from wallet_project.health import HealthViewSet
from wallets.api.batches import BatchViewSet
from wallets.api.holds import HoldViewSet
from wallets.api.oversight import OversightViewSet
from wallets.api.statements import StatementViewSet
from wallets.api.transactions import TransactionViewSet
from wallets.api.transfers import TransferViewSet
from wallets.api.views import WalletViewSet


def leads_to(name: str) -> Callable[..., HttpResponseBase]:
    """A view that redirects a reader to the page of this name, and refuses every other method."""
    return csrf_exempt(require_safe(RedirectView.as_view(pattern_name=name)))


handler500 = "wallet_project.back_office.failed"

register_converter(UserIdConverter, "user_id")

urlpatterns = [
    path("users", UserViewSet.as_view({"post": "create"})),
    path("users/<user_id:user_id>", UserViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("wallets", WalletViewSet.as_view({"post": "create"})),
    path("wallets/<user_id:user_id>", WalletViewSet.as_view({"get": "retrieve"})),
    path("wallets/<user_id:user_id>/credit", WalletViewSet.as_view({"post": "credit"})),
    path("wallets/<user_id:user_id>/debit", WalletViewSet.as_view({"post": "debit"})),
    path("wallets/<user_id:user_id>/balance", TransactionViewSet.as_view({"get": "balance"})),
    path("wallets/<user_id:user_id>/transactions", TransactionViewSet.as_view({"get": "of_wallet"})),
    path("wallets/<user_id:user_id>/statement", StatementViewSet.as_view({"get": "retrieve"})),
    path("wallets/<user_id:user_id>/holds", HoldViewSet.as_view({"post": "create"})),
    path("wallets/<user_id:user_id>/freeze", OversightViewSet.as_view({"post": "freeze"})),
    path("wallets/<user_id:user_id>/unfreeze", OversightViewSet.as_view({"post": "unfreeze"})),
    path("wallets/<user_id:user_id>/close", OversightViewSet.as_view({"post": "close"})),
    path("wallets/<user_id:user_id>/limits", OversightViewSet.as_view({"patch": "limits"})),
    path("holds/<uuid:hold_id>", HoldViewSet.as_view({"get": "retrieve"})),
    path("holds/<uuid:hold_id>/capture", HoldViewSet.as_view({"post": "capture"})),
    path("holds/<uuid:hold_id>/release", HoldViewSet.as_view({"post": "release"})),
    path("transfers", TransferViewSet.as_view({"post": "create"})),
    path("transactions", TransactionViewSet.as_view({"get": "find"})),
    path("transactions/<uuid:transaction_id>", TransactionViewSet.as_view({"get": "retrieve"})),
    path("transactions/<uuid:transaction_id>/reverse", TransactionViewSet.as_view({"post": "reverse"})),
    path("batches", BatchViewSet.as_view({"post": "create"})),
    path("health/live", HealthViewSet.as_view({"get": "live"})),
    path("health/ready", HealthViewSet.as_view({"get": "ready"})),
    path("schema", openapi.document, name="schema"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="docs/swagger_ui.html"),
        name="docs",
    ),
    path("", leads_to("docs")),
    path("admin", leads_to("admin:index")),
    path("admin/", admin.site.urls),
]

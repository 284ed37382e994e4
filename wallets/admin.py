"""Wallets, holds and proposals in the back office: looked at here, and acted on by `wallets.acting`.

No form writes a balance, a hold or a transaction: each action is a service, with a reason.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.urls import reverse as url_of
from django.views.decorators.http import require_POST

from accounts.masking import contact_of
from accounts.selectors import users_named
from ledger.back_office import FastList, ReadOnly, link_to_wallet
from ledger.exceptions import LedgerError
from ledger.models import Status
from ledger.money import for_people
from ledger.typed import uuid_of, whole_number
from wallets import acting
from wallets.approvals import APPROVE, approve, decline, preview
from wallets.exceptions import InvalidPeriod, WalletsError
from wallets.forms import StatementForm
from wallets.models import Hold, Proposal, ProposalStatus, Wallet
from wallets.overview import overview
from wallets.statement_files import statement_file
from wallets.statements import statement


@admin.register(Wallet)
class WalletAdmin(ReadOnly, FastList):
    """What each user holds."""

    list_display = ("user_id", "user_name", "balance_now", "available_now", "status", "updated_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_help_text = "A user id, an e-mail or a phone. The list ends after 1000 rows."
    change_form_template = "admin/wallets/wallet.html"

    def get_urls(self) -> list[Any]:
        pages = [
            path(f"<int:user_id>/{name}/", self.admin_site.admin_view(self._act), {"name": name}, f"wallets_{name}")
            for name in acting.WALLET
        ]
        reverse = path(
            "reverse/<uuid:transaction_id>/", self.admin_site.admin_view(self._reverse), name="wallets_reverse"
        )
        statement = path(
            "<int:user_id>/statement/", self.admin_site.admin_view(self._statement), name="wallets_statement"
        )
        return [*pages, reverse, statement, *super().get_urls()]

    def _act(self, request: HttpRequest, user_id: int, name: str) -> HttpResponse:
        wallet, back = acting.find(Wallet, user_id), acting.wallet_page(user_id)
        return acting.act(self.admin_site, request, acting.WALLET[name], wallet, back)

    def _reverse(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        found = acting.find_transaction(transaction_id)
        back = url_of("admin:ledger_transaction_change", args=[found.pk]) if found else ""
        return acting.act(self.admin_site, request, acting.REVERSE, found, back)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        wallet = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if wallet:
            may = [
                {"title": action.title, "url": f"admin:wallets_{name}"}
                for name, action in acting.WALLET.items()
                if request.user.has_perm(action.right) and wallet.status in action.statuses
            ]
            contact = contact_of(wallet.user, request.user)
            more = {"actions": may, "overview": overview(wallet), "contact": contact}
        return super().change_view(request, object_id, form_url, more)

    def _statement(self, request: HttpRequest, user_id: int) -> HttpResponseBase:
        if not self.has_view_permission(request) or not request.user.has_perm("ledger.view_transaction"):
            raise PermissionDenied
        if acting.find(Wallet, user_id) is None:
            raise Http404
        form = StatementForm(request.GET)
        try:
            if form.is_valid():
                found = statement(user_id, start=form.cleaned_data["from"], end=form.cleaned_data["to"])
                return statement_file(found, form.cleaned_data["format"])
            said = "Name days such as 2026-02-11."
        except InvalidPeriod as error:
            said = f"{error}."
        messages.error(request, said)
        return redirect(acting.wallet_page(user_id))

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
        return queryset.filter(pk__in=[user.pk for user in users_named(term)])


@admin.register(Hold)
class HoldAdmin(ReadOnly, FastList):
    """What is set aside, and what became of it."""

    list_display = ("created_at", "user_id", "money", "captured_so_far", "status", "expires_at")
    list_filter = ("status",)
    ordering = ("-pk",)  # numbers that begin with the time
    search_help_text = "A hold's number or a user id. The list ends after 1000 rows."
    change_form_template = "admin/wallets/hold.html"

    def get_urls(self) -> list[Any]:
        release = path("<uuid:hold_id>/release/", self.admin_site.admin_view(self._release), name="wallets_release")
        return [release, *super().get_urls()]

    def _release(self, request: HttpRequest, hold_id: UUID) -> HttpResponse:
        back = url_of("admin:wallets_hold_change", args=[hold_id])
        return acting.act(self.admin_site, request, acting.RELEASE, acting.find(Hold, hold_id), back)

    @admin.display(description="user")
    def user_id(self, hold: Hold) -> str:
        return link_to_wallet(hold.wallet_id)

    @admin.display(description="amount")
    def money(self, hold: Hold) -> str:
        return for_people(hold.amount, hold.wallet.currency)

    @admin.display(description="captured")
    def captured_so_far(self, hold: Hold) -> str:
        return for_people(hold.captured, hold.wallet.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("wallet")

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        if number := uuid_of(term):
            return queryset.filter(pk=number)
        user_id = whole_number(term)
        return queryset.none() if user_id is None else queryset.filter(wallet_id=user_id)


@admin.register(Proposal)
class ProposalAdmin(ReadOnly, FastList):
    """What was proposed, and what became of it: the queue of whoever approves."""

    list_display = ("pk", "proposed_at", "proposed_by", "user_id", "what", "reason", "status", "decided_by")
    list_filter = ("status",)
    search_help_text = "A proposal's number or a user id. The list ends after 1000 rows."
    change_form_template = "admin/wallets/proposal.html"

    @admin.display(description="user")
    def user_id(self, proposal: Proposal) -> str:
        return link_to_wallet(proposal.wallet_id)

    @admin.display(description="what")
    def what(self, proposal: Proposal) -> str:
        amount = (
            "all that is left" if proposal.amount is None else for_people(proposal.amount, proposal.wallet.currency)
        )
        return f"{proposal.type.capitalize() or 'Reverse'} {amount}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("wallet")

    def find(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        number = whole_number(term)
        return queryset.none() if number is None else queryset.filter(Q(pk=number) | Q(wallet_id=number))

    def get_urls(self) -> list[Any]:
        decide = path(
            "<int:number>/decide/", self.admin_site.admin_view(require_POST(self._decide)), name="wallets_decide"
        )
        return [decide, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        proposal = self.get_object(request, object_id)
        waits = proposal is not None and proposal.status == ProposalStatus.PENDING
        may = waits and request.user.has_perm(APPROVE)
        more = {"may_decide": may, "preview": preview(proposal) if waits else None}
        return super().change_view(request, object_id, form_url, more)

    def _decide(self, request: Any, number: int) -> HttpResponse:
        if not request.user.has_perm(APPROVE):
            raise PermissionDenied
        back = redirect("admin:wallets_proposal_change", number)
        try:
            decision = request.POST.get("decision")
            if decision == "approve":
                row = approve(proposal_id=number, staff=request.user).transaction
                if row.status == Status.FAILED:
                    messages.error(request, f"Recorded as FAILED: {row.failure_reason}.")
                else:
                    messages.success(request, "Approved and posted.")
            elif decision == "decline":
                decline(proposal_id=number, staff=request.user, reason=request.POST.get("reason", ""))
                messages.success(request, "Declined.")
        except (WalletsError, LedgerError) as error:
            messages.error(request, f"{error}.")
        return back

"""What staff do in the back office to wallets, holds and transactions: one page for each, with a form and a reason.

Each calls one service. What it refuses is said beside the form, and has changed nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse as url_of
from django.utils.html import format_html

from accounts.callers import STAFF
from ledger.exceptions import LedgerError
from ledger.models import Status, Transaction
from ledger.money import for_people
from wallets import approvals, corrections, holds, services
from wallets.exceptions import NeedsApproval, TransactionFailed, WalletsError
from wallets.forms import AdjustForm, FreezeForm, LimitsForm, NoteForm, ReasonForm, ReverseForm
from wallets.models import Hold, Wallet, WalletStatus
from wallets.posting import Posted


@dataclass(frozen=True)
class Action:
    """One thing that staff may do: the right that it takes, its form, and the service that does it."""

    title: str
    right: str
    form: type[ReasonForm]
    # Answers the sentence that says what was done.
    do: Callable[[Any, Mapping[str, Any], str], str]
    initial: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    # The statuses of a wallet in which there is any use for it.
    statuses: Collection[str] = tuple(WalletStatus.values)


def _freeze(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    changed = corrections.set_frozen(
        user_id=wallet.pk, frozen=True, debits_only=values["debits_only"], reason=values["reason"], actor=actor
    )
    return "The wallet is frozen." if changed else "The wallet was frozen like that already."


def _unfreeze(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    changed = corrections.set_frozen(user_id=wallet.pk, frozen=False, reason=values["reason"], actor=actor)
    return "Money may move again." if changed else "The wallet was not frozen."


def _close(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    corrections.close(user_id=wallet.pk, reason=values["reason"], actor=actor)
    return "The wallet is closed for ever."


def _note(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    corrections.note(user_id=wallet.pk, reason=values["reason"], actor=actor)
    return "The note is kept."


def _limits(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    limits = {name: values[name] for name in corrections.LIMITS}
    corrections.set_limits(user_id=wallet.pk, limits=limits, reason=values["reason"], actor=actor)
    return "The limits are set."


def _adjust(wallet: Wallet, values: Mapping[str, Any], actor: str) -> str:
    what: dict[str, Any] = {"user_id": wallet.pk, "amount": values["amount"], "reason": values["reason"]}
    try:
        return _posted(corrections.adjust(reference_id=f"adjust-{values['token']}", actor=actor, **what))
    except NeedsApproval:
        return _proposed(approvals.propose_adjustment(actor=actor, token=values["token"], **what).pk)


def _reverse(transaction: Transaction, values: Mapping[str, Any], actor: str) -> str:
    what: dict[str, Any] = {"transaction_id": transaction.transaction_id, "reason": values["reason"]}
    amount = None if values["amount"] is None else values["amount"].normalize()
    try:
        reference = f"reverse-{values['token']}"
        return _posted(services.reverse(amount=amount, reference_id=reference, actor=actor, **what))
    except NeedsApproval:
        return _proposed(approvals.propose_reversal(amount=amount, actor=actor, token=values["token"], **what).pk)


def _release(hold: Hold, values: Mapping[str, Any], actor: str) -> str:
    holds.release(hold_id=hold.pk, description=values["reason"], actor=actor)
    return "The hold is released."


def _posted(posted: Posted) -> str:
    row = posted.transaction
    if posted.replayed:
        return "This was posted before. Nothing was posted now."
    return f"Posted: {row.type} {for_people(row.amount, row.wallet.currency)}."


def _proposed(number: int) -> str:
    said = (
        'That is more than one person may do. It is proposed, as <a href="{}">number {}</a>: another has to approve it.'
    )
    return format_html(said, url_of("admin:wallets_proposal_change", args=[number]), number)


_FROZEN = (WalletStatus.FROZEN, WalletStatus.DEBIT_FROZEN)
_OPEN = (WalletStatus.ACTIVE, *_FROZEN)
WALLET = {
    "note": Action("Note", "wallets.note_wallet", NoteForm, _note),
    "freeze": Action("Freeze", "wallets.freeze_wallet", FreezeForm, _freeze, statuses=_OPEN),
    "unfreeze": Action("Unfreeze", "wallets.freeze_wallet", ReasonForm, _unfreeze, statuses=_FROZEN),
    "limits": Action(
        "Limits",
        "wallets.limit_wallet",
        LimitsForm,
        _limits,
        lambda wallet: {name: getattr(wallet, name) for name in corrections.LIMITS},
        statuses=_OPEN,
    ),
    "adjust": Action("Adjust", "wallets.propose_correction", AdjustForm, _adjust, statuses=_OPEN),
    "close": Action("Close for ever", "wallets.close_wallet", ReasonForm, _close, statuses=_OPEN),
}
RELEASE = Action("Release", "wallets.release_hold", ReasonForm, _release)
REVERSE = Action("Reverse", "wallets.propose_correction", ReverseForm, _reverse)


def actor_of(request: HttpRequest) -> str:
    """Whoever is signed in, as records say it."""
    return f"{STAFF}{request.user.get_username()}"


def act(site: AdminSite, request: HttpRequest, action: Action, on: Any, back: str) -> HttpResponse:
    """The page of `action` on a wallet, hold or transaction; when done, it leads `back`.

    Raises PermissionDenied, Http404.
    """
    if not request.user.has_perm(action.right):
        raise PermissionDenied
    if on is None:
        raise Http404
    form = action.form(request.POST or None, initial=dict(action.initial(on)))
    if request.method == "POST" and form.is_valid():
        said = _done(action, on, form, actor_of(request))
        if said is not None:
            messages.success(request, said)
            return redirect(back)
    context = site.each_context(request) | {
        "title": f"{action.title}: {on}",
        "form": form,
        "action": action,
        "back": back,
    }
    return render(request, "admin/act.html", context)


def _done(action: Action, on: Any, form: forms.Form, actor: str) -> str | None:
    try:
        return action.do(on, form.cleaned_data, actor)
    except TransactionFailed as failed:
        form.add_error(None, f"Recorded as FAILED: {failed}.")
        # That name is taken for ever. What is sent next is another attempt.
        if "token" in form.fields:
            form.data = {name: form.data[name] for name in form.data} | {"token": str(uuid4())}
    except (WalletsError, LedgerError) as error:
        form.add_error(None, f"{error}.")
    return None


def wallet_page(user_id: int) -> str:
    """Where a wallet is looked at."""
    return url_of("admin:wallets_wallet_change", args=[user_id])


def find(model: Any, key: Any) -> Any:
    """The row with this primary key, or None, also for a number that no row can have."""
    try:
        return model.objects.filter(pk=key).first()
    except OverflowError:
        return None


def find_transaction(transaction_id: UUID) -> Transaction | None:
    """A transaction that can be looked at and, when it moved money, be reversed."""
    return Transaction.objects.filter(transaction_id=transaction_id, status=Status.SUCCESS).first()

"""Every page of the back office, from the table of URLs, tried by every role: each sees what it may, and no form,
action or bulk deletion of any page touches money. A page that nobody has made a rule for fails here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.api_keys import create_key
from accounts.models import ApiClient, ApiKey, Staff, User
from accounts.scopes import Scope
from ledger.models import Account, AuditRecord, Transaction, Verification
from tests.conftest import NothingMoved
from tests.factories import StaffFactory, new_wallet
from wallet_project.roles import ROLES
from wallets import services
from wallets.approvals import propose_adjustment
from wallets.corrections import note
from wallets.models import Hold, Proposal, Wallet

pytestmark = pytest.mark.django_db

ROLE_NAMES = [*ROLES, "superuser", "nobody"]

# The right that each page of our own takes; None: being staff is enough.
OWN = {
    "index": None,
    "find": None,
    "second_factor": None,
    "password_change": None,
    "password_change_done": None,
    "jsi18n": None,
    "logout": None,
    "login": None,
    "wallets_note": "wallets.note_wallet",
    "wallets_freeze": "wallets.freeze_wallet",
    "wallets_unfreeze": "wallets.freeze_wallet",
    "wallets_limits": "wallets.limit_wallet",
    "wallets_adjust": "wallets.propose_correction",
    "wallets_close": "wallets.close_wallet",
    "wallets_reverse": "wallets.propose_correction",
    "wallets_release": "wallets.release_hold",
    "wallets_statement": "ledger.view_transaction",
    "auth_user_password_change": "accounts.change_staff",
}
# Pages that only take what was sent to them.
POSTED = {"wallets_decide": "wallets.approve_correction"}
# Django's own, which lead somewhere else, or answer with what the models' pages let be seen.
ELSEWHERE = {"autocomplete", "view_on_site", "app_list", None}


@dataclass(frozen=True)
class Page:
    """A page by its name, and its address for the rows that the test has made."""

    name: str
    url: str


@pytest.fixture
def rows() -> dict[str, Any]:
    """One row of each model, by its label; and the numbers that pages of our own are asked with."""
    wallet = new_wallet(1000)
    placed = services.place_hold(user_id=wallet.pk, amount=50, reference_id="hotel").transaction
    propose_adjustment(user_id=wallet.pk, amount=Decimal(500), reason="Paid twice", actor="staff:somebody")
    note(user_id=wallet.pk, reason="Called", actor="staff:somebody")
    someone = StaffFactory.create(username="someone", is_superuser=False)
    TOTPDevice.objects.create(user=someone, confirmed=True, name="phone")
    key = create_key(client="shop", scopes=[Scope.WALLETS_READ], created_by="asha").key
    now = timezone.now()
    verified = Verification.objects.create(started_at=now, finished_at=now, wallets=1, rows=1, findings=0)
    paid = Transaction.objects.get(kind="CREDIT")
    return {
        "accounts.user": wallet.pk,
        "accounts.staff": someone.pk,
        "accounts.apiclient": key.client_id,
        "accounts.apikey": key.pk,
        "auth.group": Group.objects.get(name="viewer").pk,
        "ledger.account": "external",
        "ledger.auditrecord": AuditRecord.objects.latest("pk").pk,
        "ledger.transaction": paid.pk,
        "ledger.verification": verified.pk,
        "otp_totp.totpdevice": TOTPDevice.objects.get().pk,
        "wallets.hold": placed.concerns,
        "wallets.proposal": Proposal.objects.get().pk,
        "wallets.wallet": wallet.pk,
        "id": someone.pk,
        "user_id": wallet.pk,
        "transaction_id": paid.transaction_id,
        "hold_id": placed.concerns,
        "number": Proposal.objects.get().pk,
    }


def patterns(found: Any, converters: tuple[str, ...] = ()) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """The name of every page below, and what its address is made of."""
    for pattern in found:
        names = (*converters, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, names)
        elif isinstance(pattern, URLPattern):
            yield pattern.name, names


def admin_patterns() -> set[tuple[str | None, tuple[str, ...]]]:
    [found] = [each for each in get_resolver().url_patterns if getattr(each, "app_name", None) == "admin"]
    return set(patterns([found]))


def model_of(name: str) -> tuple[Any, str] | None:
    """The model and the kind of page, for a page that Django makes for each model."""
    for model in admin.site._registry:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(prefix):
            return model, name.removeprefix(prefix)
    return None


def pages(rows: dict[str, Any]) -> list[Page]:
    made = []
    for name, names in sorted(admin_patterns(), key=str):
        if name is None or name in ELSEWHERE:
            continue
        known = model_of(name)
        if known:
            key = rows.get(known[0]._meta.label_lower)
            if names and key is None:
                continue  # a log of django-axes, of which there is no row yet
            made.append(Page(name, reverse(f"admin:{name}", args=[key] if names else [])))
        else:
            made.append(Page(name, reverse(f"admin:{name}", kwargs={each: rows[each] for each in names})))
    return made


def member(role: str) -> tuple[Client, Staff]:
    staff: Staff = StaffFactory.create(username=f"the-{role}", is_superuser=role == "superuser")
    if role in ROLES:
        staff.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(staff)
    return client, staff


def may(staff: Staff, page: Page) -> bool:
    """Whether this page is for this member of staff: by what the page says it takes, never by what it answers."""
    known = model_of(page.name)
    if known is None:
        right = {**OWN, **POSTED}[page.name]
        return right is None or staff.has_perm(right)
    model, kind = known
    label, name = model._meta.app_label, model._meta.model_name

    def has(what: str) -> bool:
        return staff.has_perm(f"{label}.{what}_{name}")

    if kind in {"changelist", "change", "history", "export"}:
        return has("view") or has("change")
    if kind == "add":
        return has("add") and model in ADDED_BY_HAND
    assert kind == "delete", f"no rule for {page.name}"
    return has("delete") and model in DELETED_BY_HAND


ADDED_BY_HAND = {User, Staff, ApiClient, ApiKey, Account, Group}
DELETED_BY_HAND = {AccessAttempt, TOTPDevice, Group, Staff}


def test_every_page_has_a_rule(rows: dict[str, Any]) -> None:
    for name, _ in admin_patterns():
        assert name in ELSEWHERE or name in {**OWN, **POSTED} or model_of(str(name)), f"who may see {name}?"
    assert len(pages(rows)) > 60


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_each_role_sees_what_it_may_and_nothing_else(role: str, rows: dict[str, Any]) -> None:
    client, staff = member(role)
    wrong = []
    for page in pages(rows):
        if page.name in {"logout", "login", *POSTED}:
            continue
        status = client.get(page.url).status_code
        # A page that may be seen is there, or says what is missing; one that may not be seen is 403.
        if (status in {200, 302}) != may(staff, page) or status not in {200, 302, 403}:
            wrong.append((page.name, status))
    assert wrong == []


# Whatever a form of any page could want, so that none fails for want of a field.
MONEY = ("balance", "held", "overdraft_limit", "amount", "balance_after", "captured", "sequence", "form-0-balance")
EVERYTHING = dict.fromkeys(MONEY, "999999") | {
    "status": "SUCCESS",
    "type": "CREDIT",
    "reason": "Because",
    "hash": "0" * 64,
    "head_hash": "0" * 64,
    "post": "yes",
    "_save": "Save",
    "decision": "approve",
    "format": "csv",
    "user": "1",
    "wallet": "1",
    "token": "01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
    "user_id": "1",
    "user_name": "X",
    "code": "x",
    "name": "x",
    "form-TOTAL_FORMS": "1",
    "form-INITIAL_FORMS": "1",
    "form-0-id": "1",
}

# Pages that are there to act on money, each by a service of its own.
ACTING = {
    f"wallets_{name}" for name in ("freeze", "unfreeze", "limits", "adjust", "close", "reverse", "release", "decide")
}


@pytest.mark.parametrize("role", ["viewer", "administrator", "nobody"])
def test_who_may_not_move_money_moves_none_whatever_they_send_to_whichever_page(
    role: str, rows: dict[str, Any], nothing_moved: NothingMoved
) -> None:
    client, staff = member(role)
    with nothing_moved():
        for page in pages(rows):
            if page.name in {"logout", "login"}:
                continue
            reply = client.post(page.url, EVERYTHING)
            assert reply.status_code in {403, 405} or may(staff, page), page
        _act_on_lists(client, rows)
    assert Proposal.objects.get().status == "PENDING"
    assert AuditRecord.objects.filter(action__in=["freeze", "close", "set limits"]).count() == 0


@pytest.mark.parametrize("role", ["operator", "supervisor", "superuser"])
def test_nobody_moves_money_but_by_the_services_of_the_pages_that_are_there_for_it(
    role: str, rows: dict[str, Any], nothing_moved: NothingMoved
) -> None:
    client, _ = member(role)
    with nothing_moved():
        for page in pages(rows):
            if page.name not in {"logout", "login", *ACTING}:
                client.post(page.url, EVERYTHING)
        _act_on_lists(client, rows)
    assert Transaction.objects.count() == 2
    assert Hold.objects.get().status == "OPEN"
    assert User.objects.filter(pk=rows["user_id"]).exists()
    assert Wallet.objects.get().balance == 1000


def _act_on_lists(client: Client, rows: dict[str, Any]) -> None:
    """Bulk actions, and fields of rows edited in a list, of every model."""
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        key = rows.get(model._meta.label_lower)
        for action in ("delete_selected", "delete", "adjust"):
            client.post(url, {"action": action, "_selected_action": key or 1, "post": "yes", "index": "0"})
        client.post(url, EVERYTHING)

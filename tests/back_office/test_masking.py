"""How a customer can be reached is seen by those who reach customers; all others learn no more than they know."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Staff, User
from ledger.models import Transaction
from tests.factories import StaffFactory, new_user, new_wallet
from wallets import services

pytestmark = pytest.mark.django_db

EMAIL, PHONE = "shefali@example.com", "+91 98765 43210"
USERS = reverse("admin:accounts_user_changelist")
SEE = {"operator", "supervisor"}
ROLES = ("viewer", "operator", "supervisor", "administrator")


@pytest.fixture
def shefali() -> User:
    user = new_user(user_name="Shefali Sethiya", user_email=EMAIL, user_phone=PHONE)
    new_wallet(500, user=user)
    services.place_hold(user_id=user.pk, amount=50, reference_id="h")
    return user


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def member(role: str) -> Client:
    staff: Staff = StaffFactory.create(username=role, is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    return signed_in(staff)


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def listed(client: Client, order: str = "") -> list[int]:
    return [user.pk for user in client.get(USERS, {"o": order}).context["cl"].result_list]


def user_page(user: User, name: str = "change") -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def pages_about(user: User) -> list[str]:
    """Every page of the back office on which something of a user may stand, and what is no page."""
    row, hold = Transaction.objects.latest("pk"), user.wallet.holds.get()
    objects = {
        "accounts_user": user.pk,
        "wallets_wallet": user.pk,
        "wallets_hold": hold.pk,
        "ledger_transaction": row.pk,
    }
    pages = ["/admin/", "/admin/accounts/", "/admin/wallets/", "/admin/wallets/proposal/"]
    for model, pk in objects.items():
        pages += [reverse(f"admin:{model}_{name}") for name in ("changelist", "export", "add")]
        pages += [reverse(f"admin:{model}_{name}", args=[pk]) for name in ("change", "history", "delete")]
    complete = "/admin/autocomplete/?app_label=wallets&model_name=wallet&field_name=user"
    pages += [complete, f"{complete}&term=Shefali", f"{USERS}?q=Shefali", f"{USERS}export/?q=Shefali"]
    return [*pages, f"{USERS}?_popup=1&_to_field=user_id", f"{USERS}?_popup=1&_to_field=user_email"]


def test_a_contact_is_masked_wherever_it_stands_for_whoever_does_not_need_it(shefali: User) -> None:
    # What was changed is in the history, by an operator and before.
    form = {"user_name": "Shefali Sethiya", "user_email": EMAIL, "user_phone": PHONE}
    assert member("operator").post(user_page(shefali), form | {"user_phone": "123"}).status_code == 302
    assert signed_in(StaffFactory.create()).post(user_page(shefali), form).status_code == 302
    for client in (member("viewer"), member("administrator")):
        seen = {url: text_of(client.get(url)) for url in pages_about(shefali)}
        for url, text in seen.items():
            for secret in (EMAIL, "shefali@", PHONE, "98765"):
                assert secret not in text, url
        for url in (USERS, f"{USERS}export/", user_page(shefali)):
            assert "s•••@example.com" in seen[url], url
            assert "•••••• 3210" in seen[url], url
            assert "Shefali Sethiya" in seen[url], "a name is needed to talk about a customer"


@pytest.mark.parametrize("role", ["operator", "supervisor", "superuser"])
def test_whoever_needs_it_sees_it(shefali: User, role: str) -> None:
    client = signed_in(StaffFactory.create()) if role == "superuser" else member(role)
    for url in (USERS, f"{USERS}export/", user_page(shefali)):
        text = text_of(client.get(url))
        assert EMAIL in text, url
        assert PHONE in text, url
        assert "•••" not in text, url


@pytest.mark.parametrize("role", ROLES)
def test_everybody_finds_a_user_by_what_the_customer_told_them(shefali: User, role: str) -> None:
    client = member(role)
    new_user()
    for term in (EMAIL, PHONE, f" {EMAIL} "):
        for model in ("accounts_user", "wallets_wallet"):
            found = client.get(reverse(f"admin:{model}_changelist"), {"q": term}).context["cl"].result_list
            assert [row.pk for row in found] == [shefali.pk], (model, term)
    for part in ("shefali@", "shefali@example.co", "43210", "SHEFALI@example.com", "@example.com", "+91 98765"):
        assert list(client.get(USERS, {"q": part}).context["cl"].result_list) == [], part


@pytest.mark.parametrize("role", ROLES)
def test_no_address_of_a_page_lets_anybody_guess_letter_by_letter(shefali: User, role: str) -> None:
    client = member(role)
    own = (
        "user_email__startswith=s",
        "user_email=x",
        "user_phone__regex=.",
        "user_phone__contains=9",
        "user_email__gt=s",
    )
    for lookup in own:
        for url in (USERS, f"{USERS}export/"):
            assert client.get(f"{url}?{lookup}").status_code == 400, lookup
    others = {
        "wallets_wallet": ("user__", "pk__", "user_id__"),
        "wallets_hold": ("wallet__user__", "wallet__pk__", "wallet_id__pk__"),
        "wallets_proposal": ("wallet__user__", "wallet__pk__"),
        "ledger_transaction": ("wallet__user__", "wallet__pk__", "wallet__user_id__"),
        "accounts_user": ("wallet__user__", "wallet__pk__"),
    }
    for model, ways in others.items():
        for name in ("changelist", "export"):
            for way in ways:
                url = f"{reverse(f'admin:{model}_{name}')}?{way}user_email__startswith=s"
                assert client.get(url).status_code == 400, url


def test_no_order_of_a_list_tells_what_is_masked() -> None:
    for number in (2, 3, 1):
        new_user(user_email=f"{number}@x.in", user_phone=f"{number}")
    client, all_seeing = member("viewer"), member("operator")
    default = listed(client)
    for order in ("2", "-2", "3", "-3"):
        assert listed(client, order) == default, order
        assert listed(all_seeing, order) != default, order


def test_whoever_may_change_users_and_not_see_contacts_leaves_them_as_they_are(shefali: User) -> None:
    clerk = StaffFactory.create(username="clerk", is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = signed_in(clerk)
    page = text_of(client.get(user_page(shefali)))
    assert 'name="user_name"' in page
    assert 'name="user_email"' not in page
    assert EMAIL not in page
    form = {"user_name": "Shefali S.", "user_email": "s•••@example.com", "user_phone": "1"}
    assert client.post(user_page(shefali), form).status_code == 302
    shefali.refresh_from_db()
    assert (shefali.user_name, shefali.user_email, shefali.user_phone) == ("Shefali S.", EMAIL, PHONE)


def test_an_added_user_is_typed_as_it_is() -> None:
    clerk = StaffFactory.create(username="clerk", is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "add_user"]))
    form = {"user_id": "7", "user_name": "Asha", "user_email": EMAIL, "user_phone": PHONE}
    assert signed_in(clerk).post(reverse("admin:accounts_user_add"), form).status_code == 302
    assert User.objects.values_list("user_email", "user_phone").get() == (EMAIL, PHONE)

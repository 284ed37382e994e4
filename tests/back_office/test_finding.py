"""One search box: whatever a person has in hand leads to its page."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from ledger.models import Transaction
from tests.factories import StaffFactory, new_user, new_wallet
from wallets import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    staff = StaffFactory.create(is_superuser=False)
    staff.groups.add(Group.objects.get(name="viewer"))
    client = Client()
    client.force_login(staff)
    return client


def found(client: Client, term: Any) -> str:
    """Where it leads, or the page that it stays on."""
    reply = client.get(f"/admin/find/?q={quote(str(term))}")
    return reply.headers["Location"] if reply.status_code == 302 else reply.content.decode()


def test_a_person_is_found_by_number_e_mail_and_phone_and_leads_to_the_wallet(viewer: Client) -> None:
    user = new_user(user_id=77, user_email="asha@example.com", user_phone="+91 98765 43210")
    new_wallet(user=user)
    for term in (77, "asha@example.com", "+91 98765 43210", "  77 "):
        assert found(viewer, term) == "/admin/wallets/wallet/77/change/", term


def test_who_has_no_wallet_leads_to_their_own_page(viewer: Client) -> None:
    new_user(user_id=78)
    assert found(viewer, 78) == "/admin/accounts/user/78/change/"


def test_a_transaction_is_found_by_its_id_and_its_reference(viewer: Client) -> None:
    wallet = new_wallet()
    row = services.credit(user_id=wallet.pk, amount=5, reference_id="order-1").transaction
    for term in (row.transaction_id, "order-1", str(row.transaction_id).upper()):
        assert found(viewer, term) == f"/admin/ledger/transaction/{row.pk}/change/", term
    assert "Nothing is called" in found(viewer, "ORDER-1"), "references are compared byte by byte"


def test_both_sides_of_a_transfer_are_offered(viewer: Client) -> None:
    asha, ravi = new_wallet(100), new_wallet()
    services.transfer(from_user_id=asha.pk, to_user_id=ravi.pk, amount=5, reference_id="rent")
    page = found(viewer, "rent")
    for row in Transaction.objects.filter(reference_id="rent"):
        assert f"/admin/ledger/transaction/{row.pk}/change/" in page
    assert f"Debit of user {asha.pk}, rent" in page


def test_a_hold_is_found_by_its_number(viewer: Client) -> None:
    wallet = new_wallet(100)
    hold = services.place_hold(user_id=wallet.pk, amount=5, reference_id="hotel").transaction.concerns
    assert found(viewer, hold) == f"/admin/wallets/hold/{hold}/change/"


def test_what_is_several_things_is_offered_as_all_of_them(viewer: Client) -> None:
    new_wallet(user=new_user(user_id=12345678))
    new_wallet(user=new_user(user_id=5, user_phone="12345678"))
    services.credit(user_id=5, amount=1, reference_id="12345678")
    page = found(viewer, "12345678")
    for url in (
        "/admin/wallets/wallet/12345678/change/",
        "/admin/wallets/wallet/5/change/",
        "/admin/ledger/transaction/",
    ):
        assert url in page


@pytest.mark.parametrize("term", ["", "nobody", "9" * 40, "\x00", "<script>alert(1)</script>", "é" * 300])
def test_what_is_nothing_is_said_to_be_nothing(viewer: Client, term: str) -> None:
    page = found(viewer, term)
    assert "Nothing is called" in page or "Enter a user id" in page
    assert "<script>alert" not in page


def test_nobody_finds_what_they_may_not_look_at() -> None:
    wallet = new_wallet(user=new_user(user_id=77))
    services.credit(user_id=wallet.pk, amount=5, reference_id="order-1")
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=False))
    for term in (77, "order-1"):
        assert "Nothing is called" in found(client, term)
    assert Client().get("/admin/find/?q=77").headers["Location"].startswith("/admin/login/")

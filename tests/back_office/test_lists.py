"""Users, wallets and transactions in the admin: searched and filtered, and read-only where money is concerned."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from ledger.models import Account, AuditRecord, Transaction, Verification
from tests.conftest import Api
from tests.factories import StaffFactory, new_user, new_wallet
from wallets import services
from wallets.corrections import set_frozen
from wallets.exceptions import TransactionFailed
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

USERS, WALLETS, TRANSACTIONS = (
    reverse(f"admin:{name}_changelist") for name in ("accounts_user", "wallets_wallet", "ledger_transaction")
)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(StaffFactory.create())
    return client


def found(staff: Client, url: str, **query: str) -> list[Any]:
    response = staff.get(url, query)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def test_a_stranger_is_asked_to_sign_in() -> None:
    for url in (USERS, WALLETS, TRANSACTIONS):
        response = Client().get(url)
        assert (response.status_code, response.headers["Location"]) == (302, f"/admin/login/?next={url}")


def test_users_are_found_by_number_email_phone_and_the_beginning_of_their_name(staff: Client) -> None:
    asha = new_user(user_id=501, user_name="Asha Rao", user_email="asha@rao.in", user_phone="9000000001").pk
    new_user(user_id=502, user_name="Bela Asha", user_email="bela@rao.in", user_phone="9000000002")
    for term in ("501", "asha@rao.in", "9000000001", "Asha", "Ash", " 501 "):
        assert found(staff, USERS, q=term) == [asha], term
    assert found(staff, USERS, q="nobody") == []
    assert found(staff, USERS, q="99999999999999999999999") == []
    assert len(found(staff, USERS)) == 2


def test_wallets_show_their_balance_and_are_found_by_their_user(staff: Client) -> None:
    wallet = new_wallet(1234)
    other = new_wallet(5)
    Wallet.objects.filter(pk=other.pk).update(status="FROZEN")
    assert "1,234.00\N{NO-BREAK SPACE}INR" in staff.get(WALLETS).content.decode()
    for term in (str(wallet.pk), wallet.user.user_email, wallet.user.user_phone):
        assert found(staff, WALLETS, q=term) == [wallet.pk], term
    assert found(staff, WALLETS, status__exact="FROZEN") == [other.pk]


def test_transactions_are_found_by_id_reference_and_user(staff: Client) -> None:
    wallet, other = new_wallet(), new_wallet()
    first = services.credit(user_id=wallet.pk, amount=5, reference_id="ref-1").transaction
    second = services.credit(user_id=wallet.pk, amount=5, reference_id="ref-2").transaction
    third = services.credit(user_id=other.pk, amount=5, reference_id="77").transaction
    with pytest.raises(TransactionFailed):
        services.debit(user_id=other.pk, amount=50, reference_id="short")
    failed = Transaction.objects.get(reference_id="short")
    assert found(staff, TRANSACTIONS, q=str(first.transaction_id)) == [first.pk]
    assert found(staff, TRANSACTIONS, q="ref-2") == [second.pk]
    assert found(staff, TRANSACTIONS, q=str(wallet.pk)) == [second.pk, first.pk]
    assert found(staff, TRANSACTIONS, q="77") == [third.pk]
    assert found(staff, TRANSACTIONS, q="REF-2") == []
    assert found(staff, TRANSACTIONS, status__exact="FAILED") == [failed.pk]
    assert found(staff, TRANSACTIONS) == [failed.pk, third.pk, second.pk, first.pk]


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize(("url", "number"), [(USERS, 6), (WALLETS, 6), (TRANSACTIONS, 7)])
def test_a_list_takes_a_few_queries_however_long_and_counts_no_table(
    staff: Client, rows: int, url: str, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        new_wallet(5)
    with django_assert_num_queries(number) as queries:  # session, staff, factor, proposals, keys, page (wallets)
        assert len(found(staff, url)) == rows
    assert isinstance(queries, CaptureQueriesContext)
    assert not [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()]


def test_a_page_shows_every_column_and_offers_no_counting(staff: Client) -> None:
    wallet = new_wallet(100)
    page = staff.get(reverse("admin:wallets_wallet_change", args=[wallet.pk])).content.decode()
    for name in ("Currency", "Status", "Balance", "Held", "Overdraft limit", "Sequence", "Created at", "Updated at"):
        assert name in page
    assert "Show counts" not in staff.get(TRANSACTIONS).content.decode()


def test_a_list_ends_where_it_says(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.back_office.MAX_LISTED", 5)
    for _ in range(8):
        new_user()
    response = staff.get(USERS)
    assert response.context["cl"].result_count == 5
    assert "The list ends after 1000 rows." in response.content.decode()


def urls_of(model: str, pk: object) -> list[str]:
    return [
        reverse(f"admin:{model}_{name}", args=args)
        for name, args in (("changelist", ()), ("add", ()), ("change", (pk,)), ("delete", (pk,)), ("history", (pk,)))
    ]


def test_money_cannot_be_changed_by_posting_to_any_page(staff: Client) -> None:
    wallet = new_wallet(100)
    transaction = Transaction.objects.get()
    before = (list(Wallet.objects.values()), list(Transaction.objects.values()))
    urls = urls_of("wallets_wallet", wallet.pk) + urls_of("ledger_transaction", transaction.pk)
    bodies = [
        {"balance": "1000000", "amount": "1000000", "status": "SUCCESS", "_save": "Save"},
        {"action": "delete_selected", "_selected_action": [str(wallet.pk), str(transaction.pk)], "post": "yes"},
        {"post": "yes"},
    ]
    for url in urls:
        for body in bodies:
            assert staff.post(url, body).status_code in {200, 302, 403, 405}
    assert (list(Wallet.objects.values()), list(Transaction.objects.values())) == before


def test_wallets_and_transactions_can_be_looked_at_and_nothing_else(staff: Client) -> None:
    wallet = new_wallet(100)
    for model, pk in (("wallets_wallet", wallet.pk), ("ledger_transaction", Transaction.objects.get().pk)):
        _, add, change, delete, history = urls_of(model, pk)
        assert [staff.get(url).status_code for url in (add, change, delete, history)] == [403, 200, 403, 200]
        assert '<input type="submit"' not in staff.get(change).content.decode()


def test_how_to_reach_a_user_can_be_changed_but_not_the_number_and_nobody_is_deleted(staff: Client) -> None:
    user = new_user()
    _, _, change, delete, _ = urls_of("accounts_user", user.pk)
    body = {"user_id": "999", "user_name": "New Name", "user_email": "new@example.com", "user_phone": "1"}
    assert staff.post(change, body).status_code == 302
    assert User.objects.values_list("user_id", "user_name").get() == (user.pk, "New Name")
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    assert User.objects.count() == 1


@pytest.mark.parametrize("model", ["accounts_user", "wallets_wallet", "ledger_transaction"])
def test_a_number_that_no_row_can_have_is_not_there(staff: Client, model: str) -> None:
    for number in ("9223372036854775808", "9" * 30):
        assert staff.get(reverse(f"admin:{model}_change", args=[number])).status_code == 302


def test_an_account_can_be_added_and_renamed_and_its_code_is_for_ever(staff: Client) -> None:
    _, add, change, delete, _ = urls_of("ledger_account", "bank")
    new = {"code": "bank", "name": "Bank", "purpose": "Our account at the bank", "must_be_zero": "on"}
    for code in ("Bank", "wallets", "external", "9", "", "b" * 33):
        assert staff.post(add, new | {"code": code}).status_code == 200, code
    assert staff.post(add, new).status_code == 302
    assert staff.post(change, new | {"code": "other", "name": "The bank"}).status_code == 302
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    assert list(Account.objects.exclude(code__in=["external", "transfers", "adjustments"]).values()) == [
        {"code": "bank", "name": "The bank", "purpose": "Our account at the bank", "must_be_zero": False}
    ]
    wallet = new_wallet()
    services.credit(user_id=wallet.pk, amount=5, reference_id="deposit", account="bank")
    assert Transaction.objects.get().account_id == "bank"


def test_what_people_did_and_what_was_proved_can_be_looked_at(staff: Client) -> None:
    wallet, other = new_wallet(100), new_wallet(100)
    for frozen in (wallet, other):
        set_frozen(user_id=frozen.pk, frozen=True, reason="A dispute", actor="asha")
    call_command("verify_ledger", stdout=StringIO())
    records = reverse("admin:ledger_auditrecord_changelist")
    assert found(staff, records, q=str(wallet.pk)) == [AuditRecord.objects.get(user_id=wallet.pk).pk]
    assert found(staff, records, q="nobody") == []
    verification = Verification.objects.get()
    assert found(staff, reverse("admin:ledger_verification_changelist")) == [verification.pk]
    for model, pk in (("ledger_auditrecord", AuditRecord.objects.first()), ("ledger_verification", verification)):
        _, add, change, delete, _ = urls_of(model, getattr(pk, "pk", None))
        assert [staff.get(url).status_code for url in (add, change, delete)] == [403, 200, 403]


def test_holds_are_found_by_number_and_user_and_can_be_looked_at(staff: Client) -> None:
    wallet, other = new_wallet(100), new_wallet(100)
    first, second = (
        services.place_hold(user_id=each.pk, amount=5, reference_id=f"h{each.pk}").transaction.concerns
        for each in (wallet, other)
    )
    holds = reverse("admin:wallets_hold_changelist")
    assert found(staff, holds) == [second, first]
    assert found(staff, holds, q=str(first)) == [first]
    assert found(staff, holds, q=str(other.pk)) == [second]
    assert found(staff, holds, q="nobody") == []
    assert found(staff, holds, status__exact="EXPIRED") == []
    _, add, change, delete, _ = urls_of("wallets_hold", first)
    assert [staff.get(url).status_code for url in (add, change, delete)] == [403, 200, 403]
    assert staff.post(change, {"amount": "1"}).status_code == 403


def test_staff_are_managed_where_django_has_them(staff: Client) -> None:
    assert staff.get(reverse("admin:accounts_staff_changelist")).status_code == 200
    assert staff.get(reverse("admin:accounts_staff_add")).status_code == 200


def test_the_admin_without_a_slash_leads_to_the_admin(api: Api) -> None:
    assert (api.get("/admin").status, api.get("/admin").headers["Location"]) == (302, "/admin/")


def test_an_unknown_page_of_the_admin_is_a_page_not_json(staff: Client) -> None:
    response = staff.get("/admin/nope/")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "query",
    [
        *("reference_id__regex=[", "created_at__year=99999", "metadata__contains=1", "pk__in=99999999999999999999"),
        *("pk=99999999999999999999", "wallet=1", "amount__gt=1", "created_at__gte=0001-01-01T00:00:00%2B14:00"),
    ],
)
def test_a_filter_that_no_page_offers_is_refused(staff: Client, query: str) -> None:
    for name in ("changelist", "export"):
        assert staff.get(f"{reverse(f'admin:ledger_transaction_{name}')}?{query}").status_code == 400


def test_a_search_that_makes_no_sense_downloads_nothing(staff: Client) -> None:
    new_wallet(5)
    assert staff.get("/admin/ledger/transaction/export/?q=%00").status_code == 302


def test_a_phone_that_is_anothers_number_hides_nobody(staff: Client) -> None:
    one = new_wallet(user=new_user(user_id=4711))
    other = new_wallet(user=new_user(user_id=5, user_phone="4711"))
    for url in (WALLETS, reverse("admin:accounts_user_changelist")):
        assert set(found(staff, url, q="4711")) == {one.pk, other.pk}

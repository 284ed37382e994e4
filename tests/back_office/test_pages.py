"""The pages of a wallet and of a transaction: all that somebody asks who is told "where is my money?"."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from ledger.models import AuditRecord, Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import StaffFactory, new_user, new_wallet
from wallets import services
from wallets.corrections import set_limits
from wallets.exceptions import TransactionFailed

pytestmark = pytest.mark.django_db

NBSP = "\N{NO-BREAK SPACE}"


def member(role: str) -> Client:
    staff = StaffFactory.create(username=f"the-{role}", is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def asha() -> User:
    return new_user(user_id=7, user_name="Asha Rao", user_email="asha@example.com", user_phone="+91 98765 43210")


def page(client: Client, url: str) -> str:
    reply = client.get(url)
    assert reply.status_code == 200, reply.status_code
    return reply.content.decode()


def wallet_page(client: Client, user_id: int) -> str:
    return page(client, f"/admin/wallets/wallet/{user_id}/change/")


def transaction_page(client: Client, row: Transaction) -> str:
    return page(client, f"/admin/ledger/transaction/{row.pk}/change/")


def test_a_wallet_says_who_it_is_of_what_is_there_and_what_happened(asha: User) -> None:
    new_wallet(1000, user=asha)
    services.place_hold(user_id=7, amount=300, reference_id="hotel")
    services.debit(user_id=7, amount=Decimal("99.50"), reference_id="lunch", description="Biryani")
    with pytest.raises(TransactionFailed):
        services.debit(user_id=7, amount=5000, reference_id="car")
    set_limits(user_id=7, limits={"daily_limit": Decimal(2000)}, reason="Asked for it", actor="staff:sara")
    text = wallet_page(member("operator"), 7)
    for shown in (
        *("Asha Rao", "asha@example.com", "+91 98765 43210"),
        *(f"900.50{NBSP}INR", f"300.00{NBSP}INR", f"600.50{NBSP}INR"),
        *(f"−99.50{NBSP}INR", "debit, Biryani", "failed: Insufficient balance", "hold"),
        f"99.50{NBSP}INR spent of 2,000.00{NBSP}INR",
        *("Balance over time: from 1,000.00 to 900.50 INR, at most 1,000.00, at least 900.50", "<polyline"),
        *("staff:sara", "Asked for it"),
    ):
        assert shown in text, shown


def test_a_wallet_in_which_nothing_has_happened_has_a_page_too() -> None:
    wallet = new_wallet()
    text = wallet_page(member("viewer"), wallet.pk)
    assert "None yet." in text
    assert "<polyline" not in text


def test_a_viewer_sees_no_contact_and_no_buttons(asha: User) -> None:
    new_wallet(10, user=asha)
    text = wallet_page(member("viewer"), 7)
    assert "Asha Rao" in text
    for hidden in ("asha@example.com", "98765", "/freeze/", "/adjust/", "/note/"):
        assert hidden not in text, hidden


def test_only_what_can_be_done_is_offered() -> None:
    wallet = new_wallet()
    supervisor = member("supervisor")
    url = f"/admin/wallets/wallet/{wallet.pk}"

    def offered() -> set[str]:
        text = wallet_page(supervisor, wallet.pk)
        names = ("note", "freeze", "unfreeze", "limits", "adjust", "close")
        return {name for name in names if f'{wallet.pk}/{name}/"' in text}

    assert offered() == {"note", "freeze", "limits", "adjust", "close"}
    supervisor.post(f"{url}/freeze/", {"reason": "A dispute"})
    assert "unfreeze" in offered()
    supervisor.post(f"{url}/close/", {"reason": "They left"})
    assert offered() == {"note"}


def test_a_note_is_kept_with_its_author_and_changes_nothing(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(10)
    url = f"/admin/wallets/wallet/{wallet.pk}/note/"
    operator = member("operator")
    with nothing_moved():
        assert member("viewer").post(url, {"reason": "Called"}).status_code == 403
        for empty in ("", "   ", "x" * 501):
            assert operator.post(url, {"reason": empty}).status_code == 200
        assert AuditRecord.objects.count() == 0
        assert operator.post(url, {"reason": "Called, will send an invoice"}).status_code == 302
    record = AuditRecord.objects.get()
    assert (record.action, record.actor, record.user_id) == ("note", "staff:the-operator", wallet.pk)
    assert "Called, will send an invoice" in wallet_page(operator, wallet.pk)


def test_the_page_of_a_long_history_takes_a_handful_of_queries(asha: User) -> None:
    new_wallet(user=asha)
    for number in range(205):
        services.credit(user_id=7, amount=1, reference_id=f"c{number}")
    client = member("viewer")
    wallet_page(client, 7)
    with CaptureQueriesContext(connection) as queries:
        text = wallet_page(client, 7)
    assert len(queries) <= 15
    assert "Balance over the last 200 transactions" in text
    row = Transaction.objects.order_by("-pk")[0]
    with CaptureQueriesContext(connection) as queries:
        transaction_page(client, row)
    assert len(queries) <= 15


def test_both_sides_of_a_transfer_lead_to_each_other() -> None:
    asha, ravi = new_wallet(100), new_wallet()
    row = services.transfer(from_user_id=asha.pk, to_user_id=ravi.pk, amount=30, reference_id="rent").transaction
    other = Transaction.objects.get(reference_id="rent", leg=1)
    client = member("viewer")
    for one, another in ((row, other), (other, row)):
        text = transaction_page(client, one)
        assert f"/admin/ledger/transaction/{another.pk}/change/" in text
        assert f"wallet of user {another.wallet_id}" in text
        assert "account transfers" in text


def test_a_reversal_and_what_it_reverses_lead_to_each_other() -> None:
    wallet = new_wallet(100)
    row = services.debit(user_id=wallet.pk, amount=30, reference_id="order").transaction
    refund = services.reverse(transaction_id=row.transaction_id, amount=10, reference_id="refund", reason="Broken")
    back = refund.transaction
    client = member("viewer")
    assert f"/admin/ledger/transaction/{back.pk}/change/" in transaction_page(client, row)
    assert "Reversed by" in transaction_page(client, row)
    text = transaction_page(client, back)
    assert f"/admin/ledger/transaction/{row.pk}/change/" in text
    assert "Reverses" in text


def test_a_transaction_says_which_request_asked_for_it(api: Api) -> None:
    wallet = new_wallet()
    api.post(
        f"/wallets/{wallet.pk}/credit",
        {"amount": 5, "referenceId": "c", "metadata": {"order": "A-7"}},
        **{"X-Request-Id": "checkout-7"},
    )
    text = transaction_page(member("viewer"), Transaction.objects.get())
    for shown in ("checkout-7", "127.0.0.1", "A-7", "holds"):
        assert shown in text


@pytest.mark.parametrize("metadata", [{"items": "abc"}, {"items": ""}, {"keys": "1", "values": "2"}])
def test_metadata_of_any_name_is_shown(api: Api, metadata: dict[str, str]) -> None:
    wallet = new_wallet()
    assert (
        api.post(f"/wallets/{wallet.pk}/credit", {"amount": 5, "referenceId": "c", "metadata": metadata}).status == 200
    )
    text = transaction_page(member("viewer"), Transaction.objects.get())
    for name, value in metadata.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text


def test_a_note_of_several_lines_is_kept_as_one() -> None:
    wallet = new_wallet()
    member("operator").post(f"/admin/wallets/wallet/{wallet.pk}/note/", {"reason": "Called.\r\n\r\nWill  write."})
    assert AuditRecord.objects.get().reason == "Called. Will write."


def test_all_transactions_of_a_wallet_are_its_own_whatever_others_are_called(api: Api) -> None:
    wallet, other = new_wallet(5), new_wallet()
    api.credit(other.pk, 1, str(wallet.pk))
    client = member("viewer")
    assert f"?q=user:{wallet.pk}" in wallet_page(client, wallet.pk)
    listed = client.get(f"/admin/ledger/transaction/?q=user:{wallet.pk}").context["cl"].result_list
    assert {row.wallet_id for row in listed} == {wallet.pk}
    both = client.get(f"/admin/ledger/transaction/?q={wallet.pk}").context["cl"].result_list
    assert {row.wallet_id for row in both} == {wallet.pk, other.pk}


@pytest.mark.engine("sqlite")
def test_a_hash_that_does_not_hold_is_said_to() -> None:
    wallet = new_wallet(100)
    row = services.debit(user_id=wallet.pk, amount=30, reference_id="order").transaction
    client = member("viewer")
    assert "does not hold" not in transaction_page(client, row)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER transactions_no_update")
        cursor.execute("UPDATE transactions SET actor = 'nobody' WHERE id = %s", [row.pk])
    assert "does not hold" in transaction_page(client, row)


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("pdf", "application/pdf"), ("html", "text/html")])
def test_a_statement_is_downloaded(form: str, kind: str, asha: User) -> None:
    new_wallet(100, user=asha)
    today = timezone.now().date()
    days = f"from={today}&to={today + timedelta(days=1)}"
    reply: Any = member("viewer").get(f"/admin/wallets/wallet/7/statement/?format={form}&{days}")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith(kind)
    content = b"".join(reply.streaming_content) if reply.streaming else reply.content
    assert b"%PDF" in content if form == "pdf" else b"100.00" in content


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("format=csv&from=yesterday", "Name days such as 2026-02-11."),
        ("format=exe", "Name days such as 2026-02-11."),
        ("", "Name days such as 2026-02-11."),
        ("format=csv&from=2026-03-01&to=2026-02-01", "must not be before from."),
    ],
)
def test_a_statement_that_makes_no_sense_is_refused_in_words(query: str, said: str, asha: User) -> None:
    new_wallet(user=asha)
    reply = member("viewer").get(f"/admin/wallets/wallet/7/statement/?{query}", follow=True)
    assert said in reply.content.decode()


def test_a_statement_is_for_those_who_may_see_transactions(asha: User) -> None:
    new_wallet(user=asha)
    url = "/admin/wallets/wallet/7/statement/?format=csv"
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=False))
    assert client.get(url).status_code == 403
    assert Client().get(url).status_code == 302
    assert member("viewer").get("/admin/wallets/wallet/8/statement/?format=csv").status_code == 404

"""POST /wallets/:userId/credit and …/debit."""

from decimal import Decimal

import pytest

from ledger.models import Transaction
from ledger.money import MAX_MONEY
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("direction", ["credit", "debit"])


def test_a_credit_adds_and_a_debit_takes_away(api: Api) -> None:
    wallet = new_wallet()
    assert api.credit(wallet.pk, 1000, "in").answer == (
        200,
        {"message": "Wallet credited successfully", "balance": 1000},
    )
    assert api.debit(wallet.pk, 300, "out").answer == (200, {"message": "Wallet debited successfully", "balance": 700})
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.sequence) == (700, 2)


def test_the_last_unit_can_be_spent(api: Api) -> None:
    wallet = new_wallet(Decimal("10.01"))
    assert api.debit(wallet.pk, 10.01, "all").body["balance"] == 0


def test_the_reply_names_its_transaction(api: Api) -> None:
    wallet = new_wallet()
    reply = api.credit(wallet.pk, 1, "in")
    assert reply.headers["Transaction-Id"] == str(Transaction.objects.get().transaction_id)
    assert "Idempotent-Replayed" not in reply.headers


def test_a_debit_beyond_the_balance_is_a_failed_transaction_that_moves_nothing(api: Api) -> None:
    wallet = new_wallet(100)
    reply = api.debit(wallet.pk, 100.01, "too-much")
    assert reply.answer == (400, {"error": "Insufficient balance"})
    row = Transaction.objects.get(reference_id="too-much")
    assert (row.status, row.failure_reason, row.amount) == ("FAILED", "Insufficient balance", Decimal("100.01"))
    assert (row.sequence, row.balance_after) == (2, 100)
    assert reply.headers["Transaction-Id"] == str(row.transaction_id)
    wallet.refresh_from_db()
    assert wallet.balance == 100


def test_a_credit_beyond_what_can_be_held_exactly_is_a_failed_transaction(api: Api) -> None:
    wallet = new_wallet(Decimal("99999999999999.99"))
    assert api.credit(wallet.pk, 0.01, "one-too-many").answer == (400, {"error": "Balance limit exceeded"})
    wallet.refresh_from_db()
    assert wallet.balance == Decimal("99999999999999.99") < MAX_MONEY
    assert Transaction.objects.get(reference_id="one-too-many").failure_reason == "Balance limit exceeded"


@BOTH
def test_an_unknown_wallet_is_not_found(api: Api, direction: str, nothing_moved: NothingMoved) -> None:
    with nothing_moved():
        reply = api.post(f"/wallets/99/{direction}", {"amount": 1, "referenceId": "r"})
        assert reply.answer == (404, {"error": "Wallet not found"})


@BOTH
@pytest.mark.parametrize("body", [{"referenceId": "r"}, {"amount": None, "referenceId": "r"}, {}])
def test_the_amount_is_required(api: Api, direction: str, body: dict[str, object], nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/{direction}", body)
        assert reply.answer == (400, {"error": "Amount must be greater than 0"})


@BOTH
@pytest.mark.parametrize("body", [{"amount": 1}, {"amount": 1, "referenceId": None}, {"amount": 1, "referenceId": ""}])
def test_the_reference_is_required(
    api: Api, direction: str, body: dict[str, object], nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/{direction}", body)
        assert reply.answer == (400, {"error": "referenceId is required"})


@BOTH
def test_an_unknown_field_is_refused(api: Api, direction: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        body = {"amount": 1, "referenceId": "r", "balance": 1000000}
        assert api.post(f"/wallets/{wallet.pk}/{direction}", body).answer == (400, {"error": "Unknown field: balance"})


@BOTH
@pytest.mark.parametrize(
    "user_id", ["0", "-1", "01", "+1", "1.0", "1e0", "abc", "%31%30%30%30x", "9223372036854775808", "9" * 30, "١", "1 "]
)
def test_a_path_that_is_no_user_id_is_not_found(
    api: Api, direction: str, user_id: str, nothing_moved: NothingMoved
) -> None:
    with nothing_moved():
        reply = api.post(f"/wallets/{user_id}/{direction}", {"amount": 1, "referenceId": "r"})
        assert reply.answer == (404, {"error": "Not found"})


def test_currencies_have_their_own_number_of_decimals(api: Api, nothing_moved: NothingMoved) -> None:
    rupee, yen, dinar = new_wallet(), new_wallet(currency="JPY"), new_wallet(currency="KWD")
    assert api.post(f"/wallets/{dinar.pk}/credit", '{"amount":1.234,"referenceId":"kwd"}').body["balance"] == Decimal(
        "1.234"
    )
    assert api.post(f"/wallets/{yen.pk}/credit", '{"amount":5,"referenceId":"jpy"}').body["balance"] == 5
    with nothing_moved():
        assert api.post(f"/wallets/{rupee.pk}/credit", '{"amount":1.234,"referenceId":"r"}').answer == (
            400,
            {"error": "Amount must have at most 2 decimals in INR"},
        )
        assert api.post(f"/wallets/{yen.pk}/credit", '{"amount":5.5,"referenceId":"r"}').answer == (
            400,
            {"error": "Amount must be a whole number in JPY"},
        )


def test_a_refused_amount_leaves_the_reference_free(api: Api) -> None:
    wallet = new_wallet()
    assert api.credit(wallet.pk, 1.234, "again").status == 400
    assert api.credit(wallet.pk, 1.23, "again").status == 200
    assert Wallet.objects.get().balance == Decimal("1.23")

"""A referenceId names one operation, for ever, across the whole service."""

import pytest

from ledger.models import Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet

pytestmark = pytest.mark.django_db

DUPLICATE = (409, {"error": "Duplicate referenceId"})


def test_the_same_call_again_is_answered_as_the_first_time_and_moves_nothing(
    api: Api, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet()
    first = api.credit(wallet.pk, 100, "r")
    api.credit(wallet.pk, 50, "another")
    with nothing_moved():
        again = api.credit(wallet.pk, 100, "r")
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Transaction-Id"] == first.headers["Transaction-Id"]


def test_a_refused_debit_is_refused_again_when_the_money_is_there(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(10)
    first = api.debit(wallet.pk, 100, "r")
    api.credit(wallet.pk, 1000, "salary")
    with nothing_moved():
        again = api.debit(wallet.pk, 100, "r")
    assert again.answer == first.answer == (400, {"error": "Insufficient balance"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Transaction-Id"] == first.headers["Transaction-Id"]


def test_a_refused_debit_gives_the_same_problem_details_again(api: Api) -> None:
    wallet = new_wallet(10)
    accept = {"Accept": "application/problem+json"}
    first = api.debit(wallet.pk, 100, "r", **accept)
    api.credit(wallet.pk, 1000, "salary")
    assert api.debit(wallet.pk, 100, "r", **accept).text == first.text


@pytest.mark.parametrize("amount", ["100", "100.0", "100.00", "1e2", '"100"', '"100.00"'])
def test_the_same_amount_in_another_form_is_the_same_operation(api: Api, amount: str) -> None:
    wallet = new_wallet()
    api.credit(wallet.pk, 100, "r")
    again = api.post(f"/wallets/{wallet.pk}/credit", f'{{"amount":{amount},"referenceId":"r"}}')
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")


def test_another_amount_is_a_conflict(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    api.credit(wallet.pk, 100, "r")
    with nothing_moved():
        assert api.credit(wallet.pk, 100.01, "r").answer == DUPLICATE


def test_another_direction_is_a_conflict(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    api.credit(wallet.pk, 100, "r")
    with nothing_moved():
        assert api.debit(wallet.pk, 100, "r").answer == DUPLICATE


def test_another_wallet_is_a_conflict(api: Api, nothing_moved: NothingMoved) -> None:
    wallet, other = new_wallet(), new_wallet()
    api.credit(wallet.pk, 100, "r")
    with nothing_moved():
        assert api.credit(other.pk, 100, "r").answer == DUPLICATE


def test_a_wallet_that_does_not_exist_is_a_conflict_too(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    api.credit(wallet.pk, 100, "r")
    with nothing_moved():
        assert api.credit(wallet.pk + 1000, 100, "r").answer == DUPLICATE


def test_a_conflict_says_nothing_of_the_other_operation(api: Api) -> None:
    wallet, other = new_wallet(), new_wallet()
    api.credit(wallet.pk, 100, "r")
    reply = api.credit(other.pk, 100, "r")
    assert "Transaction-Id" not in reply.headers
    assert "Idempotent-Replayed" not in reply.headers


def test_a_conflict_after_a_refusal_is_a_conflict(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    api.debit(wallet.pk, 100, "r")
    with nothing_moved():
        assert api.debit(wallet.pk, 99, "r").answer == DUPLICATE


@pytest.mark.parametrize("bad", [{"amount": 0}, {"amount": "x"}, {"extra": 1}, {"referenceId": "a b"}])
def test_malformed_input_leaves_the_reference_free(api: Api, bad: dict[str, object]) -> None:
    wallet = new_wallet()
    assert api.post(f"/wallets/{wallet.pk}/credit", {"amount": 5, "referenceId": "r"} | bad).status == 400
    reply = api.credit(wallet.pk, 7, "r")
    assert reply.answer == (200, {"message": "Wallet credited successfully", "balance": 7})
    assert "Idempotent-Replayed" not in reply.headers


def test_an_unknown_wallet_leaves_the_reference_free(api: Api) -> None:
    wallet = new_wallet()
    assert api.credit(wallet.pk + 1, 5, "r").status == 404
    assert "Idempotent-Replayed" not in api.credit(wallet.pk, 5, "r").headers


def test_references_are_compared_byte_by_byte(api: Api) -> None:
    wallet = new_wallet()
    for reference in ("ref-A", "ref-a", "REF-A", "ref-A.", "ref_A"):
        assert "Idempotent-Replayed" not in api.credit(wallet.pk, 1, reference).headers
    assert api.get(f"/wallets/{wallet.pk}").body["balance"] == 5


@pytest.mark.parametrize("reference", ["!", "~", "a" * 100, "0", "null", "{}'\"\\;--", "ref/1?x=%20"])
def test_any_visible_ascii_is_a_reference(api: Api, reference: str) -> None:
    wallet = new_wallet()
    assert api.credit(wallet.pk, 1, reference).status == 200
    assert Transaction.objects.get().reference_id == reference
    assert api.get(f"/wallets/{wallet.pk}").body["transactions"][0]["reference_id"] == reference


@pytest.mark.parametrize(
    "reference",
    ["a" * 101, "ref-A ", " ref-A", "a b", "a\tb", "a\n", "\0", "ré", "参照", "\x7f", 5, 5.5, True, ["r"], {"r": 1}, 0],
)
def test_what_is_no_reference_is_refused_never_trimmed_or_converted(
    api: Api, reference: object, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet()
    with nothing_moved():
        assert api.credit(wallet.pk, 1, reference).answer == (
            400,
            {"error": "referenceId must be a string of 1 to 100 visible ASCII characters without spaces"},
        )

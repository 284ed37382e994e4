"""POST /transfers."""

import pytest

from ledger.models import Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def body(sender: int, receiver: int, amount: object = 30, reference: object = "t", **more: object) -> dict[str, object]:
    return {"fromUserId": sender, "toUserId": receiver, "amount": amount, "referenceId": reference, **more}


def test_money_goes_from_one_to_the_other_once(api: Api) -> None:
    sender, receiver = new_wallet(100).pk, new_wallet(5).pk
    first = api.post("/transfers", body(sender, receiver, metadata={"orderId": "4711"}))
    again = api.post("/transfers", body(sender, receiver, "30.00"))
    assert first.answer == (200, {"message": "Transfer completed successfully", "balance": 70})
    assert again.answer == first.answer
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    row = Transaction.objects.get(reference_id="t", leg=0)
    assert first.headers["Transaction-Id"] == again.headers["Transaction-Id"] == str(row.transaction_id)
    assert row.metadata == {"orderId": "4711"}
    assert dict(Wallet.objects.values_list("pk", "balance")) == {sender: 70, receiver: 35}


def test_a_refused_transfer_is_one_failed_transaction_that_moves_nothing(api: Api) -> None:
    sender, receiver = new_wallet(20).pk, new_wallet().pk
    for _ in range(2):
        reply = api.post("/transfers", body(sender, receiver), Accept="application/problem+json")
        assert reply.status == 400
        assert (reply.body["code"], reply.body["available"], reply.body["required"]) == (
            *("insufficient_balance", 20),
            30,
        )
    assert Transaction.objects.filter(reference_id="t").count() == 1
    assert dict(Wallet.objects.values_list("pk", "balance")) == {sender: 20, receiver: 0}


def test_what_cannot_be_a_transfer_is_refused(api: Api, nothing_moved: NothingMoved) -> None:
    sender, receiver, yen = new_wallet(100).pk, new_wallet().pk, new_wallet(currency="JPY").pk
    refusals = [
        (body(sender, sender), 400, "fromUserId and toUserId must be two users"),
        (body(sender, yen), 400, "The two wallets hold different currencies"),
        (body(sender, 404404), 404, "Wallet not found"),
        (body(404404, receiver), 404, "Wallet not found"),
        (body(sender, receiver, 0), 400, "Amount must be greater than 0"),
        (body(sender, receiver, 1, None), 400, "referenceId is required"),
        (body(sender, receiver, account="external"), 400, "Unknown field: account"),
        (
            body(sender, receiver, description="\0"),
            400,
            "description must have at most 500 characters and no control characters",
        ),
        (body(sender, receiver, description=7), 400, "description must be a string"),
        (body(sender, receiver, metadata={"a": 1}), 400, None),
        (body(sender, receiver, metadata={"a b": "x"}), 400, None),
        (body(sender, receiver, metadata=[]), 400, "metadata must be an object of at most 20 keys"),
        (body(sender, receiver, metadata=None), 400, "metadata must be an object of at most 20 keys"),
        ({"toUserId": receiver, "amount": 1, "referenceId": "t"}, 400, None),
    ]
    with nothing_moved():
        for sent, status, sentence in refusals:
            reply = api.post("/transfers", sent)
            assert reply.status == status, sent
            assert sentence is None or reply.body == {"error": sentence}

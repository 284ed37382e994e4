"""What happened: GET /transactions, /wallets/:userId/transactions and …/balance; POST /transactions/:id/reverse."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from ledger.models import Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from wallets import services
from wallets.corrections import set_limits
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def history(api: Api, wallet: Wallet, query: str = "") -> Any:
    reply = api.get(f"/wallets/{wallet.pk}/transactions{query}")
    assert reply.status == 200, reply.text
    return reply.body


def references(page: Any) -> list[str]:
    return [row["reference_id"] for row in page["transactions"]]


def test_a_reference_tells_what_became_of_it(api: Api) -> None:
    sender, receiver = new_wallet(100), new_wallet()
    services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=30, reference_id="t")
    found = api.get("/transactions?referenceId=t").body["transactions"]
    assert [(row["user_id"], row["type"], row["counterparty"]) for row in found] == [
        (sender.pk, "DEBIT", receiver.pk),
        (receiver.pk, "CREDIT", sender.pk),
    ]
    assert api.get("/transactions?referenceId=T").answer == (200, {"transactions": []})
    assert api.get("/transactions").answer == (400, {"error": "referenceId is required"})
    assert api.get("/transactions?referenceId=t&referenceId=u").answer == (
        400,
        {"error": "referenceId is given more than once"},
    )
    assert api.get("/transactions?reference=t").answer == (400, {"error": "Unknown field: reference"})


def test_a_transaction_says_all_there_is_and_what_reversed_it(api: Api) -> None:
    wallet = new_wallet(100)
    original = services.debit(
        user_id=wallet.pk, amount=30, reference_id="d", description="Shoes", metadata={"orderId": "4711"}
    ).transaction
    path = f"/transactions/{original.transaction_id}"
    reply = api.post(f"{path}/reverse", {"amount": 10, "referenceId": "r", "reason": "Returned"})
    assert reply.answer == (200, {"message": "Transaction reversed successfully", "balance": 80})
    reversal = reply.headers["Transaction-Id"]
    found = api.get(path).body
    assert found["reversed_by"] == [reversal]
    assert (found["description"], found["metadata"], found["kind"]) == ("Shoes", {"orderId": "4711"}, "DEBIT")
    assert (found["balance_after"], found["sequence"], found["hash"]) == (70, 2, original.hash)
    assert api.get(f"/transactions/{reversal}").body["reverses"] == str(original.transaction_id)
    assert api.get(f"/transactions/{uuid4()}").answer == (404, {"error": "Transaction not found"})
    assert api.get("/transactions/1").answer == (404, {"error": "Not found"})


def test_reversals_are_bounded_and_each_takes_effect_once(api: Api) -> None:
    wallet = new_wallet(100)
    original = services.debit(user_id=wallet.pk, amount=30, reference_id="d").transaction
    path = f"/transactions/{original.transaction_id}/reverse"
    for _ in range(2):
        assert api.post(path, {"referenceId": "r", "reason": "Returned"}).body["balance"] == 100
    again = api.post(path, {"referenceId": "r2", "reason": "Returned twice"})
    assert again.answer == (400, {"error": "Reversal exceeds what is left of the transaction"})
    assert Transaction.objects.get(reference_id="r2").status == "FAILED"


def test_what_cannot_be_reversed_is_refused(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    original = services.debit(user_id=wallet.pk, amount=30, reference_id="d").transaction
    path = f"/transactions/{original.transaction_id}/reverse"
    reversal = api.post(path, {"amount": 1, "referenceId": "r", "reason": "Why"}).headers["Transaction-Id"]
    why = {"referenceId": "x", "reason": "Why"}
    with nothing_moved():
        for where, sent, status, sentence in (
            (path, {"referenceId": "x"}, 400, "reason is required"),
            (path, {"reason": "Why"}, 400, "referenceId is required"),
            (path, {"referenceId": "x", "reason": " "}, 400, "reason is required"),
            (path, {"referenceId": "r", "reason": "Why", "amount": 2}, 409, "Duplicate referenceId"),
            (
                f"/transactions/{reversal}/reverse",
                why,
                400,
                "A reversal cannot be reversed",
            ),
            (f"/transactions/{uuid4()}/reverse", why, 404, "Transaction not found"),
        ):
            assert api.post(where, sent).answer == (status, {"error": sentence})


def test_history_comes_in_pages_that_stay_as_they_are_while_rows_arrive(api: Api) -> None:
    wallet = new_wallet()
    for number in range(7):
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"r{number}")
    first = history(api, wallet, "?limit=3")
    assert references(first) == ["r6", "r5", "r4"]
    services.credit(user_id=wallet.pk, amount=1, reference_id="new")
    second = history(api, wallet, f"?limit=3&cursor={first['next']}")
    assert references(second) == ["r3", "r2", "r1"]
    last = history(api, wallet, f"?limit=3&cursor={second['next']}")
    assert (references(last), last["next"]) == (["r0"], None)
    assert first["userId"] == str(wallet.pk)
    assert len(references(history(api, wallet))) == 8


def test_history_is_filtered(api: Api) -> None:
    wallet = new_wallet()
    moments = [datetime(2026, 2, day, 10, tzinfo=UTC) for day in (1, 2, 3)]
    with time_machine.travel(moments[0], tick=False):
        services.credit(user_id=wallet.pk, amount=100, reference_id="salary", account="adjustments")
    with time_machine.travel(moments[1], tick=False):
        services.debit(user_id=wallet.pk, amount=30, reference_id="rent", metadata={"orderId": "1", "shop": "A"})
    with time_machine.travel(moments[2], tick=False):
        services.place_hold(user_id=wallet.pk, amount=20, reference_id="hold", metadata={"orderId": "2"})
        api.debit(wallet.pk, 1000, "failed")
    for query, expected in {
        "type=CREDIT": ["salary"],
        "status=FAILED": ["failed"],
        "status=HELD": ["hold"],
        "kind=DEBIT": ["failed", "rent"],
        "account=adjustments": ["salary"],
        "from=2026-02-02T10:00:00Z": ["failed", "hold", "rent"],
        "to=2026-02-02T10:00:00Z": ["salary"],
        "from=2026-02-02T15:30:00%2B05:30&to=2026-02-03T00:00:00Z": ["rent"],
        "minAmount=30&maxAmount=100.00": ["rent", "salary"],
        "metadata.orderId=1": ["rent"],
        "metadata.orderId=1&metadata.shop=A": ["rent"],
        "metadata.orderId=1&metadata.shop=B": [],
        "metadata.orderId=2&status=HELD": ["hold"],
        "type=DEBIT&status=SUCCESS&minAmount=31": [],
    }.items():
        assert references(history(api, wallet, f"?{query}")) == expected, query


def test_texts_of_metadata_are_compared_byte_by_byte(api: Api) -> None:
    wallet = new_wallet()
    for reference, text in {"plain": "a", "spaced": "a ", "capital": "A", "accent": "ä"}.items():
        services.credit(user_id=wallet.pk, amount=1, reference_id=reference, metadata={"k": text})
    for text, reference in {"a": "plain", "a%20": "spaced", "A": "capital", "%C3%A4": "accent"}.items():
        rows = api.get(f"/wallets/{wallet.pk}/transactions?metadata.k={text}").body["transactions"]
        assert [row["reference_id"] for row in rows] == [reference], text


def test_the_smallest_and_the_largest_amount_may_be_nothing(api: Api) -> None:
    wallet = new_wallet(1)
    for query, found in {"minAmount=0": 1, "minAmount=0.00": 1, "maxAmount=0": 0}.items():
        assert len(api.get(f"/wallets/{wallet.pk}/transactions?{query}").body["transactions"]) == found, query


def test_a_key_of_metadata_is_only_a_key(api: Api) -> None:
    wallet = new_wallet()
    services.credit(user_id=wallet.pk, amount=1, reference_id="both", metadata={"a": "1", "a__b": "2"})
    for query, expected in {
        "metadata.a=1&metadata.a__b=2": ["both"],
        "metadata.a=1&metadata.a__regex=(": [],
        "metadata.a=1&metadata.a__isnull=x": [],
        "metadata.a=1&metadata.a__startswith=1": [],
    }.items():
        assert references(history(api, wallet, f"?{query}")) == expected, query


def test_a_query_that_makes_no_sense_is_refused(api: Api) -> None:
    wallet = new_wallet(1)
    for query, sentence in {
        "limit=0": "limit must be a whole number from 1 to 100",
        "limit=101": "limit must be a whole number from 1 to 100",
        "limit=1_0": "limit must be a whole number from 1 to 100",
        "cursor=%20": "cursor must be the `next` of an earlier page",
        "cursor=LTE": "cursor must be the `next` of an earlier page",
        "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5": "cursor must be the `next` of an earlier page",
        "type=credit": "type must be one of CREDIT, DEBIT",
        "from=2026-02-30T10:00:00Z": "from must be a time such as 2026-02-11T10:00:00Z",
        "minAmount=x": "minAmount: Amount must be a number, or a string of plain digits such as 10.50",
        "page=2": "Unknown field: page",
        "metadata.=x": "A key of metadata must be a letter and up to 39 letters, digits and _",
        "metadata.a%27b=x": "A key of metadata must be a letter and up to 39 letters, digits and _",
    }.items():
        assert api.get(f"/wallets/{wallet.pk}/transactions?{query}").answer == (400, {"error": sentence}), query
    assert api.get("/wallets/404404/transactions").answer == (404, {"error": "Wallet not found"})
    assert api.get("/wallets/404404/balance").answer == (404, {"error": "Wallet not found"})
    assert api.get("/wallets/404404/balance?at=2026-02-11T10:00:00Z").answer == (404, {"error": "Wallet not found"})
    assert api.get(f"/wallets/{wallet.pk}/balance?at=now").answer == (
        400,
        {"error": "at must be a time such as 2026-02-11T10:00:00Z"},
    )


def test_a_wallet_remembers_what_it_held_at_any_moment(api: Api) -> None:
    wallet = new_wallet()
    start = datetime(2026, 2, 1, tzinfo=UTC)

    def later(hours: float) -> Any:
        return time_machine.travel(start + timedelta(hours=hours), tick=False)

    with later(1):
        services.credit(user_id=wallet.pk, amount=100, reference_id="c")
    with later(2):
        services.place_hold(user_id=wallet.pk, amount=40, reference_id="h", expires_at=start + timedelta(hours=5))
    with later(3):
        services.debit(user_id=wallet.pk, amount=10, reference_id="d")

    def assert_remembered() -> None:
        for hours, expected in {
            0.5: (0, 0, 0, 0),
            1: (100, 0, 100, 1),
            1.9: (100, 0, 100, 1),
            2: (100, 40, 60, 2),
            3: (90, 40, 50, 3),
            4.9: (90, 40, 50, 3),
            5: (90, 0, 90, 3),
        }.items():
            at = (start + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = api.get(f"/wallets/{wallet.pk}/balance?at={at}").body
            assert (body["balance"], body["held"], body["available"], body["sequence"]) == expected, hours

    with later(6):
        assert_remembered()
        services.credit(user_id=wallet.pk, amount=1, reference_id="notes-that-the-hold-is-over")
        assert_remembered()
        assert api.get(f"/wallets/{wallet.pk}/balance").body["held"] == 0


def test_what_was_available_follows_the_overdraft_limit_of_that_moment(api: Api) -> None:
    wallet = new_wallet()
    start = datetime(2026, 2, 1, tzinfo=UTC)
    for hours, limit in {1: 50, 3: 80, 5: None}.items():
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            limits: dict[str, Decimal | None] = {
                "overdraft_limit": None if limit is None else Decimal(limit),
                "daily_limit": None,
            }
            set_limits(user_id=wallet.pk, limits=limits, reason="Why", actor="asha")
    with time_machine.travel(start + timedelta(hours=2), tick=False):
        services.credit(user_id=wallet.pk, amount=10, reference_id="c")
    with time_machine.travel(start + timedelta(hours=4), tick=False):
        set_limits(user_id=wallet.pk, limits={"daily_limit": Decimal(5)}, reason="Another limit", actor="asha")
    for hours, available in {0: 0, 1: 50, 2: 60, 3: 90, 4: 90, 5: 10}.items():
        at = (start + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert api.get(f"/wallets/{wallet.pk}/balance?at={at}").body["available"] == available, hours

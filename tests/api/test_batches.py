"""POST /batches."""

from typing import Any

import pytest

from ledger.models import Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from wallets import services
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def credit(user_id: int, amount: object, reference: object, **more: object) -> dict[str, object]:
    return {"op": "credit", "userId": user_id, "amount": amount, "referenceId": reference, **more}


def transfer(sender: int, receiver: int, amount: object, reference: str) -> dict[str, object]:
    return {"op": "transfer", "fromUserId": sender, "toUserId": receiver, "amount": amount, "referenceId": reference}


def send(api: Api, *operations: object, atomic: bool) -> Any:
    return api.post("/batches", {"atomic": atomic, "operations": operations})


def balances() -> dict[int, Any]:
    return dict(Wallet.objects.values_list("pk", "balance"))


@pytest.mark.parametrize("atomic", [True, False])
def test_all_kinds_are_carried_out_in_order_and_once(api: Api, *, atomic: bool) -> None:
    one, two = new_wallet().pk, new_wallet(50).pk
    hold = services.place_hold(user_id=two, amount=20, reference_id="h").transaction.concerns
    operations = [
        credit(one, 100, "a", description="Salary", metadata={"month": "2"}),
        transfer(one, two, "60.50", "b"),
        credit(two, 5, "c") | {"op": "debit", "account": "adjustments"},
        {"op": "capture", "holdId": str(hold), "amount": 15, "referenceId": "d", "final": True},
    ]
    first, again = send(api, *operations, atomic=atomic), send(api, *operations, atomic=atomic)
    results = first.body["results"]
    assert [(each["referenceId"], each["status"], each["balance"], each["replayed"]) for each in results] == [
        ("a", "SUCCESS", 100, False),
        ("b", "SUCCESS", pytest.approx(39.5), False),
        ("c", "SUCCESS", pytest.approx(105.5), False),
        ("d", "SUCCESS", pytest.approx(90.5), False),
    ]
    assert again.body["results"] == [each | {"replayed": True} for each in results]
    assert {one: 39.5, two: 90.5} == balances()
    rows = Transaction.objects.filter(transaction_id__in=[each["transaction_id"] for each in results])
    assert sorted(rows.values_list("reference_id", flat=True)) == ["a", "b", "c", "d"]
    assert Transaction.objects.get(reference_id="a").metadata == {"month": "2"}


def test_each_for_itself_has_a_result_for_each(api: Api) -> None:
    one, two = new_wallet(10).pk, new_wallet().pk
    services.credit(user_id=one, amount=1, reference_id="used")
    reply = send(
        api,
        transfer(one, two, 100, "too-much"),
        credit(two, 1, "good"),
        credit(404404, 1, "nobody"),
        credit(one, -1, "negative"),
        credit(one, 2, "used"),
        credit(one, 1, "x", account="bank"),
        transfer(one, one, 1, "self"),
        {"op": "capture", "holdId": "01a208e7-0531-71d8-af99-10dffc33e5b0", "referenceId": "hold"},
        {"op": "capture", "holdId": 7, "referenceId": "hold"},
        {"op": "steal"},
        "nonsense",
        atomic=False,
    )
    assert reply.status == 200
    assert [(each["status"], each["error"]) for each in reply.body["results"]] == [
        ("FAILED", "Insufficient balance"),
        ("SUCCESS", None),
        ("REFUSED", "Wallet not found"),
        ("REFUSED", "Amount must be greater than 0"),
        ("REFUSED", "Duplicate referenceId"),
        ("REFUSED", "Unknown account: bank"),
        ("REFUSED", "fromUserId and toUserId must be two users"),
        ("REFUSED", "Hold not found"),
        ("REFUSED", "holdId must be a UUID"),
        ("REFUSED", "op must be one of credit, debit, transfer, capture"),
        ("REFUSED", "op must be one of credit, debit, transfer, capture"),
    ]
    assert balances() == {one: 11, two: 1}
    assert Transaction.objects.get(reference_id="too-much").status == "FAILED"


@pytest.mark.parametrize(
    ("bad", "status", "sentence", "code"),
    [
        (credit(0, 1, "x") | {"userId": 404404}, 404, "Wallet not found", "wallet_not_found"),
        (credit(0, 0, "x"), 400, "Amount must be greater than 0", "invalid_input"),
        (credit(0, 1, "used"), 409, "Duplicate referenceId", "duplicate_reference"),
        (credit(0, 1, "x", account="bank"), 400, "Unknown account: bank", "unknown_account"),
        (credit(0, 999, "x") | {"op": "debit"}, 400, "Insufficient balance", "insufficient_balance"),
    ],
)
def test_all_or_none_names_the_first_that_failed_and_stores_nothing(
    api: Api, nothing_moved: NothingMoved, bad: dict[str, object], status: int, sentence: str, code: str
) -> None:
    wallet = new_wallet(10)
    services.credit(user_id=wallet.pk, amount=2, reference_id="used")
    operations = [credit(wallet.pk, 1, "good"), bad | {"userId": bad["userId"] or wallet.pk}, credit(wallet.pk, 0, "y")]
    with nothing_moved():
        reply = api.post("/batches", {"atomic": True, "operations": operations[:2]})
        assert reply.answer == (status, {"error": f"Operation 1: {sentence}"})
        problem = api.post(
            "/batches", {"atomic": True, "operations": operations[:2]}, Accept="application/problem+json"
        ).body
        assert (problem["code"], problem["operation"]) == (code, 1)
    assert api.credit(wallet.pk, 1, "good").status == 200, "its reference is free"


def test_a_batch_that_is_none_is_refused(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(10)
    one = credit(wallet.pk, 1, "a")
    many = "operations must be a list of 1 to 1000"
    with nothing_moved():
        for sent, sentence in (
            ({"operations": [one]}, "atomic must be true or false"),
            ({"atomic": "yes", "operations": [one]}, "atomic must be true or false"),
            ({"atomic": True}, "operations is required"),
            ({"atomic": True, "operations": []}, many),
            ({"atomic": True, "operations": one}, many),
            ({"atomic": False, "operations": [one] * 1001}, many),
        ):
            assert api.post("/batches", sent).answer == (400, {"error": sentence})


def test_a_thousand_operations_go_in_one_request(api: Api) -> None:
    wallets = [new_wallet().pk for _ in range(10)]
    operations = [credit(wallets[number % 10], "1.25", f"salary-{number:04}") for number in range(1000)]
    reply = send(api, *operations, atomic=True)
    assert {each["status"] for each in reply.body["results"]} == {"SUCCESS"}
    assert set(balances().values()) == {125}
    too_long = api.post("/batches", {"atomic": True, "operations": [credit(1, 1, "x" * 10)], "x": "y" * 1024 * 1024})
    assert too_long.status == 413


def test_what_is_captured_in_a_batch_counts_towards_the_limits_of_the_rest(api: Api) -> None:
    wallet = new_wallet(1000)
    hold = services.place_hold(user_id=wallet.pk, amount=50, reference_id="h").transaction.concerns
    Wallet.objects.filter(pk=wallet.pk).update(daily_limit=100)
    capture = {"op": "capture", "holdId": str(hold), "referenceId": "c"}
    reply = send(api, capture, credit(wallet.pk, 51, "d") | {"op": "debit"}, atomic=False)
    assert [each["error"] for each in reply.body["results"]] == [None, "Daily limit exceeded"]
    assert send(api, credit(wallet.pk, 50, "e") | {"op": "debit"}, atomic=True).status == 200

"""GET /wallets/:userId."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from tests.conftest import Api
from tests.factories import new_wallet
from wallets import selectors
from wallets.api import newest
from wallets.selectors import NEWEST

pytestmark = pytest.mark.django_db


def test_a_wallet_shows_its_balance_and_its_transactions(api: Api) -> None:
    wallet = new_wallet()
    with time_machine.travel(datetime(2026, 2, 11, 10, 0, 0, 7999, tzinfo=UTC), tick=False):
        credited = api.credit(wallet.pk, 700.5, "in")
    reply = api.get(f"/wallets/{wallet.pk}")
    assert reply.answer == (
        200,
        {
            "userId": str(wallet.pk),
            "balance": Decimal("700.5"),
            "transactions": [
                {
                    "transaction_id": credited.headers["Transaction-Id"],
                    "type": "CREDIT",
                    "amount": Decimal("700.5"),
                    "status": "SUCCESS",
                    "reference_id": "in",
                    "failure_reason": None,
                    "created_at": "2026-02-11T10:00:00.007Z",
                }
            ],
        },
    )


def test_keys_stand_in_the_documented_order(api: Api) -> None:
    wallet = new_wallet(5)
    reply = api.get(f"/wallets/{wallet.pk}")
    assert list(reply.body) == ["userId", "balance", "transactions"]
    assert list(reply.body["transactions"][0]) == [
        "transaction_id",
        "type",
        "amount",
        "status",
        "reference_id",
        "failure_reason",
        "created_at",
    ]


def test_the_ten_newest_are_shown_newest_first_failed_ones_included(api: Api) -> None:
    wallet = new_wallet()
    for number in range(1, 13):
        call = api.debit if number % 3 == 0 else api.credit
        call(wallet.pk, 1000 if number % 3 == 0 else 1, f"r{number}")
    shown = api.get(f"/wallets/{wallet.pk}").body["transactions"]
    assert [line["reference_id"] for line in shown] == [f"r{number}" for number in range(12, 2, -1)]
    assert [line["status"] for line in shown[:3]] == ["FAILED", "SUCCESS", "SUCCESS"]
    assert shown[0]["failure_reason"] == "Insufficient balance"


def test_the_order_is_that_of_deciding_not_of_a_clock_that_ties_or_runs_back(api: Api) -> None:
    wallet = new_wallet()
    for number, second in enumerate([30, 30, 30, 10, 20]):
        with time_machine.travel(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC), tick=False):
            api.credit(wallet.pk, 1, f"r{number}")
    shown = api.get(f"/wallets/{wallet.pk}").body["transactions"]
    assert [line["reference_id"] for line in shown] == ["r4", "r3", "r2", "r1", "r0"]


def test_what_was_seen_before_is_read_by_one_statement_and_what_is_new_by_another(
    api: Api, django_assert_num_queries: Any
) -> None:
    wallet = new_wallet(5)
    for statements in (2, 1, 1):
        with django_assert_num_queries(statements):
            assert api.get(f"/wallets/{wallet.pk}").body["balance"] == 5
    api.credit(wallet.pk, 2, "more")
    for statements in (2, 1):
        with django_assert_num_queries(statements):
            body = api.get(f"/wallets/{wallet.pk}").body
        assert (body["balance"], body["transactions"][0]["reference_id"]) == (7, "more")


def test_a_wallet_in_which_nothing_moved_is_read_by_one_statement(api: Api, django_assert_num_queries: Any) -> None:
    wallet = new_wallet()
    with django_assert_num_queries(1):
        body = api.get(f"/wallets/{wallet.pk}").body
    assert (body["balance"], body["transactions"]) == (0, [])


def test_what_is_remembered_is_what_would_be_read(api: Api) -> None:
    wallet = new_wallet(100)
    path = f"/wallets/{wallet.pk}"
    for number, (action, amount) in enumerate([("credit", 3), ("debit", 1000), ("debit", 7), ("holds", 5)] * 4):
        api.post(f"{path}/{action}", {"amount": amount, "referenceId": f"r{number}"})
        first, again = api.get(path).body, api.get(path).body
        newest._written.clear()
        assert first == again == api.get(path).body


def test_no_more_is_remembered_than_there_is_room_for_and_what_is_asked_for_stays(
    api: Api, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(newest, "MOST", 2)
    newest._written.clear()
    often, once, late = (new_wallet(amount) for amount in (1, 2, 3))
    for wallet in (often, once, often, late):
        api.get(f"/wallets/{wallet.pk}")
    assert len(newest._written) == 2
    for wallet, statements in ((often, 1), (late, 1), (once, 2)):
        with django_assert_num_queries(statements):
            assert api.get(f"/wallets/{wallet.pk}").body["balance"] == wallet.balance


def test_times_are_utc_with_milliseconds(api: Api) -> None:
    wallet = new_wallet(5)
    created_at = api.get(f"/wallets/{wallet.pk}").body["transactions"][0]["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created_at)


def test_an_unknown_wallet_is_not_found(api: Api) -> None:
    assert api.get("/wallets/404").answer == (404, {"error": "Wallet not found"})


@pytest.mark.parametrize("user_id", ["0", "-1", "01", "1.0", "abc", "9223372036854775808", "1/", "١", "%00", "1%00"])
def test_a_path_that_is_no_user_id_is_not_found(api: Api, user_id: str) -> None:
    new_wallet()
    assert api.get(f"/wallets/{user_id}").answer == (404, {"error": "Not found"})


def test_the_largest_user_id_is_looked_up(api: Api) -> None:
    assert api.get("/wallets/9223372036854775807").answer == (404, {"error": "Wallet not found"})


def test_a_get_with_a_json_content_type_is_fine(api: Api) -> None:
    wallet = new_wallet()
    assert api.request("GET", f"/wallets/{wallet.pk}").status == 200


def test_another_users_transactions_are_not_shown(api: Api) -> None:
    mine, other = new_wallet(5), new_wallet(7)
    assert [line["amount"] for line in api.get(f"/wallets/{mine.pk}").body["transactions"]] == [5]
    assert [line["amount"] for line in api.get(f"/wallets/{other.pk}").body["transactions"]] == [7]


@pytest.mark.parametrize("before", [5, 0])
def test_what_moves_while_a_wallet_is_read_is_shown_with_its_balance_or_not_at_all(
    api: Api, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    wallet = new_wallet(before)
    real = selectors.wallet_head

    def meanwhile(user_id: int) -> selectors.WalletHead:
        head = real(user_id)
        api.credit(wallet.pk, 7, "meanwhile")
        return head

    monkeypatch.setattr(selectors, "wallet_head", meanwhile)
    body = api.get(f"/wallets/{wallet.pk}").body
    assert body["balance"] == sum(line["amount"] for line in body["transactions"]) == (12 if before else 0)


def test_ten_are_shown_however_many_holds_lie_between_them(api: Api, django_assert_num_queries: Any) -> None:
    wallet = new_wallet(100)
    for number in range(12):
        api.debit(wallet.pk, 1, f"debit-{number}")
    for number in range(NEWEST + 3):
        api.post(f"/wallets/{wallet.pk}/holds", {"amount": 1, "referenceId": f"hold-{number}"})
    api.debit(wallet.pk, 1, "last")
    with django_assert_num_queries(3):
        body = api.get(f"/wallets/{wallet.pk}").body
    assert [line["reference_id"] for line in body["transactions"]] == [
        "last",
        *(f"debit-{number}" for number in range(11, 2, -1)),
    ]
    assert body["balance"] == 87

"""POST /wallets/:userId/freeze, …/unfreeze and …/close; PATCH /wallets/:userId/limits."""

import json
from decimal import Decimal

import pytest

from ledger.models import AuditRecord, Transaction
from tests.conftest import Api, NothingMoved, Reply
from tests.factories import new_wallet
from wallets import services
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def limits(api: Api, wallet: Wallet, body: object) -> Reply:
    return api.request("PATCH", f"/wallets/{wallet.pk}/limits", json.dumps(body))


def test_a_wallet_is_frozen_for_debits_or_for_all_and_thawed(api: Api) -> None:
    wallet = new_wallet(100)
    path = f"/wallets/{wallet.pk}"
    reply = api.post(f"{path}/freeze", {"reason": "A dispute", "debitsOnly": True})
    assert reply.answer == (200, {"message": "Wallet frozen successfully", "status": "DEBIT_FROZEN"})
    assert api.credit(wallet.pk, 1, "in").status == 200
    assert api.debit(wallet.pk, 1, "out").answer == (400, {"error": "Wallet is frozen"})
    assert api.post(f"{path}/freeze", {"reason": "Worse"}).body["status"] == "FROZEN"
    assert api.credit(wallet.pk, 1, "in2").answer == (400, {"error": "Wallet is frozen"})
    assert api.post(f"{path}/unfreeze", {"reason": "Settled"}).answer == (
        200,
        {"message": "Wallet unfrozen successfully", "status": "ACTIVE"},
    )
    assert api.debit(wallet.pk, 1, "out2").status == 200
    assert api.debit(wallet.pk, 1, "out").answer == (400, {"error": "Wallet is frozen"}), "what was decided stays"
    records = AuditRecord.objects.order_by("pk").values_list("action", "actor", "reason")
    assert list(records) == [("freeze", "api", "A dispute"), ("freeze", "api", "Worse"), ("unfreeze", "api", "Settled")]


def test_only_an_empty_wallet_can_be_closed_and_it_stays_closed(api: Api) -> None:
    wallet = new_wallet(100)
    path = f"/wallets/{wallet.pk}"
    not_empty = (400, {"error": "A wallet can be closed when its balance is 0 and nothing is held"})
    assert api.post(f"{path}/close", {"reason": "Gone"}).answer == not_empty
    services.debit(user_id=wallet.pk, amount=100, reference_id="d")
    limits(api, wallet, {"overdraftLimit": 10, "reason": "Why"})
    services.place_hold(user_id=wallet.pk, amount=10, reference_id="h")
    assert api.post(f"{path}/close", {"reason": "Gone"}).answer == not_empty
    services.capture_hold(hold_id=Transaction.objects.get(reference_id="h").concerns, reference_id="c")  # type: ignore[arg-type]
    assert api.post(f"{path}/close", {"reason": "Gone"}).answer == not_empty, "it owes"
    services.credit(user_id=wallet.pk, amount=10, reference_id="paid-back")
    for _ in range(2):
        assert api.post(f"{path}/close", {"reason": "Gone"}).body["status"] == "CLOSED"
    assert api.credit(wallet.pk, 1, "late").answer == (400, {"error": "Wallet is closed"})
    before = AuditRecord.objects.count()
    closed = (400, {"error": "The wallet is closed"})
    assert limits(api, wallet, {"dailyLimit": 5, "reason": "Why"}).answer == closed
    assert AuditRecord.objects.count() == before
    for action in ("freeze", "unfreeze"):
        assert api.post(f"{path}/{action}", {"reason": "Why"}).answer == (400, {"error": "The wallet is closed"})


def test_limits_are_set_and_hold(api: Api) -> None:
    wallet = new_wallet(100)
    body = {"overdraftLimit": 50, "amountLimit": "80", "dailyLimit": 120, "balanceLimit": 200.5, "reason": "Policy"}
    assert limits(api, wallet, body).answer == (
        200,
        {
            "message": "Limits set successfully",
            "overdraftLimit": 50,
            "amountLimit": 80,
            "dailyLimit": 120,
            "monthlyLimit": None,
            "balanceLimit": pytest.approx(200.5),
        },
    )
    assert api.debit(wallet.pk, 81, "a").answer == (400, {"error": "Amount limit exceeded"})
    assert api.credit(wallet.pk, 100.51, "b").answer == (400, {"error": "Balance limit exceeded"})
    assert api.debit(wallet.pk, 80, "c").body["balance"] == 20
    assert api.debit(wallet.pk, 41, "d").answer == (400, {"error": "Daily limit exceeded"})
    assert api.debit(wallet.pk, 40, "e").body["balance"] == -20
    again = limits(api, wallet, {"dailyLimit": None, "monthlyLimit": 120, "reason": "Policy"})
    assert (again.body["dailyLimit"], again.body["monthlyLimit"], again.body["overdraftLimit"]) == (None, 120, 50)
    assert api.debit(wallet.pk, 1, "f").answer == (400, {"error": "Monthly limit exceeded"})
    record = AuditRecord.objects.order_by("pk")[0]
    assert (record.action, record.before["daily_limit"], record.after["daily_limit"]) == ("set limits", None, "120")


def test_the_largest_overdraft_and_the_largest_balance_go_together(api: Api) -> None:
    wallet = new_wallet()
    limits(api, wallet, {"overdraftLimit": "99999999999999.99", "reason": "Policy"})
    assert api.credit(wallet.pk, "99999999999999.99", "in").status == 200
    assert api.post(f"/wallets/{wallet.pk}/holds", {"amount": 1, "referenceId": "h"}).status == 201
    more = api.post(f"/wallets/{wallet.pk}/holds", {"amount": "99999999999999.99", "referenceId": "h2"})
    assert more.answer == (400, {"error": "Insufficient balance"}), "more than can be held"
    assert api.debit(wallet.pk, "99999999999999.99", "out").status == 200
    assert api.debit(wallet.pk, "99999999999998.99", "out2").body["balance"] == Decimal("-99999999999998.99")
    assert api.debit(wallet.pk, "0.01", "out3").answer == (400, {"error": "Insufficient balance"})
    assert api.get(f"/wallets/{wallet.pk}/balance").body["available"] == 0


def test_limits_that_the_wallet_is_beyond_already_are_refused(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    limits(api, wallet, {"overdraftLimit": 50, "reason": "Policy"})
    services.debit(user_id=wallet.pk, amount=130, reference_id="d")
    other = new_wallet(100)
    with nothing_moved():
        for which, body, sentence in (
            (wallet, {"overdraftLimit": 29}, "The overdraft limit must cover what the wallet owes and holds now"),
            (wallet, {"overdraftLimit": None}, "The overdraft limit must cover what the wallet owes and holds now"),
            (other, {"balanceLimit": 99}, "The balance limit must cover what the wallet has now"),
            (other, {"amountLimit": 1.234}, "A limit must have no more decimals than INR has"),
            (other, {"amountLimit": -1}, "amountLimit: Amount must be greater than 0"),
            (other, {"amountLimit": True}, None),
            (other, {"limit": 1}, "Unknown field: limit"),
        ):
            reply = limits(api, which, body | {"reason": "Policy"})
            assert reply.status == 400, body
            assert sentence is None or reply.body == {"error": sentence}
        assert limits(api, other, {"amountLimit": 1}).answer == (400, {"error": "reason is required"})


def test_the_services_own_limits_hold_where_a_wallet_has_none(api: Api, settings: object) -> None:
    settings.WALLET_LIMITS = {"amount": 50, "daily": None, "monthly": None, "balance": 120}  # type: ignore[attr-defined]
    wallet, other, yen = new_wallet(100), new_wallet(100), new_wallet(100, currency="JPY")
    limits(api, other, {"amountLimit": 60, "reason": "Policy"})
    assert api.debit(wallet.pk, 51, "a").answer == (400, {"error": "Amount limit exceeded"})
    assert api.credit(wallet.pk, 21, "b").answer == (400, {"error": "Balance limit exceeded"})
    assert api.debit(other.pk, 51, "c").status == 200
    assert api.debit(yen.pk, 51, "d").status == 200


@pytest.mark.parametrize("action", ["freeze", "unfreeze", "close"])
def test_an_operators_act_needs_a_reason_and_a_wallet(api: Api, action: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet()
    with nothing_moved():
        assert api.post(f"/wallets/{wallet.pk}/{action}", {}).answer == (400, {"error": "reason is required"})
        assert api.post(f"/wallets/{wallet.pk}/{action}", {"reason": " "}).status == 400
        assert api.post(f"/wallets/404404/{action}", {"reason": "Why"}).answer == (404, {"error": "Wallet not found"})
    assert not AuditRecord.objects.exists()

"""Each transaction says which request asked for it and from where, and its hash covers that."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ledger.hashing import chain_hash
from ledger.models import Transaction
from tests.conftest import Api
from tests.factories import StaffFactory, new_wallet
from wallets import services

pytestmark = pytest.mark.django_db


def origin(reference: str) -> list[tuple[str, str]]:
    rows = Transaction.objects.filter(reference_id=reference).order_by("leg")
    return [(row.request_id, row.address) for row in rows]


def test_a_transaction_knows_the_request_that_asked_for_it(api: Api) -> None:
    asha, ravi = new_wallet(100), new_wallet()
    sent = {"X-Request-Id": "checkout-7"}
    api.debit(asha.pk, 5, "ok", **sent)
    api.debit(asha.pk, 500, "too-much", **sent)
    api.post("/transfers", {"fromUserId": asha.pk, "toUserId": ravi.pk, "amount": 1, "referenceId": "rent"}, **sent)
    operation = {"op": "credit", "userId": asha.pk, "amount": 1, "referenceId": "in-a-batch"}
    api.post("/batches", {"atomic": False, "operations": [operation]}, **sent)
    for reference in ("ok", "too-much", "in-a-batch"):
        assert origin(reference) == [("checkout-7", "127.0.0.1")]
    assert origin("rent") == [("checkout-7", "127.0.0.1")] * 2, "both sides of it"


def test_a_request_sent_again_leaves_the_first_ones_origin(api: Api) -> None:
    wallet = new_wallet(100)
    api.debit(wallet.pk, 5, "once", **{"X-Request-Id": "first"})
    assert api.debit(wallet.pk, 5, "once", **{"X-Request-Id": "second"}).headers["Idempotent-Replayed"] == "true"
    assert origin("once") == [("first", "127.0.0.1")]


def test_what_staff_do_in_the_back_office_has_an_origin_too() -> None:
    wallet = new_wallet(100)
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(StaffFactory.create())
    token = client.get(f"/admin/wallets/wallet/{wallet.pk}/adjust/").context["form"]["token"].value()
    client.post(
        f"/admin/wallets/wallet/{wallet.pk}/adjust/",
        {"amount": "5", "reason": "Goodwill", "token": token},
        headers={"X-Request-Id": "at-the-desk"},
    )
    assert origin(f"adjust-{token}") == [("at-the-desk", "192.0.2.7")]


def test_what_no_request_asked_for_has_none(api: Api) -> None:
    wallet = new_wallet(100)
    soon = timezone.now() + timedelta(seconds=5)
    services.place_hold(user_id=wallet.pk, amount=5, reference_id="hotel", expires_at=soon)
    with time_machine.travel(soon + timedelta(seconds=1)):
        api.debit(wallet.pk, 5, "later")
    assert Transaction.objects.get(kind="EXPIRY").address == "", "nobody asked for it: time has passed"
    assert origin("hotel") == [("", "")]
    assert origin("later") != [("", "")]
    api.get(f"/wallets/{wallet.pk}")
    services.credit(user_id=wallet.pk, amount=1, reference_id="by-hand")
    assert origin("by-hand") == [("", "")], "the request before it is over"


def test_the_hash_covers_it(api: Api) -> None:
    wallet = new_wallet()
    api.credit(wallet.pk, 5, "c")
    row = Transaction.objects.get()
    good = chain_hash("0" * 64, row)
    assert good == row.hash
    for name in ("request_id", "address"):
        changed = Transaction.objects.get()
        setattr(changed, name, "another")
        assert chain_hash("0" * 64, changed) != good, name

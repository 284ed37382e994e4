"""POST /wallets/:userId/holds, GET /holds/:holdId, POST /holds/:holdId/capture and …/release."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def place(api: Api, wallet: Wallet, amount: object = 60, reference: str = "h", **more: object) -> str:
    reply = api.post(f"/wallets/{wallet.pk}/holds", {"amount": amount, "referenceId": reference, **more})
    assert reply.status == 201, reply.text
    assert set(reply.body) == {"message", "holdId", "available"}
    return str(reply.body["holdId"])


def test_a_hold_from_placing_to_release(api: Api) -> None:
    wallet = new_wallet(100)
    hold = place(api, wallet, expiresAt="2099-01-01T00:00:00+05:30")
    assert place(api, wallet, "60.00", expiresAt="2099-01-01T00:00:00+05:30") == hold
    reply = api.post(f"/holds/{hold}/capture", {"amount": 25, "referenceId": "c"})
    assert reply.answer == (200, {"message": "Hold captured successfully", "balance": 75})
    assert api.get(f"/holds/{hold}").body | {"createdAt": None} == {
        "holdId": hold,
        "userId": wallet.pk,
        "amount": 60,
        "captured": 25,
        "left": 35,
        "status": "OPEN",
        "account": "external",
        "expiresAt": "2098-12-31T18:30:00.000Z",
        "createdAt": None,
    }
    balance = {"userId": str(wallet.pk), "balance": 75, "held": 35, "available": 40, "sequence": 3}
    assert api.get(f"/wallets/{wallet.pk}/balance").answer == (200, balance)
    for replayed in (None, "true"):
        reply = api.post(f"/holds/{hold}/release", {"reason": "Order cancelled"})
        assert reply.answer == (200, {"message": "Hold released successfully", "holdId": hold, "available": 75})
        assert reply.headers.get("Idempotent-Replayed") == replayed
    late = api.post(f"/holds/{hold}/capture", {"referenceId": "late"})
    assert late.answer == (400, {"error": "Hold is released"})
    assert "Transaction-Id" in late.headers
    newest = api.get(f"/wallets/{wallet.pk}").body["transactions"]
    assert [row["status"] for row in newest] == ["FAILED", "SUCCESS", "SUCCESS"], "what was set aside is none of them"


def test_a_hold_that_is_over_says_so_and_counts_no_more(api: Api) -> None:
    wallet = new_wallet(100)
    hold = place(api, wallet, expiresAt=(timezone.now() + timedelta(hours=1)).isoformat())
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        found = api.get(f"/holds/{hold}").body
        assert (found["status"], found["left"]) == ("EXPIRED", 0)
        assert api.get(f"/wallets/{wallet.pk}/balance").body["available"] == 100
        assert api.post(f"/holds/{hold}/release", {}).answer == (409, {"error": "Hold has expired"})
        assert api.debit(wallet.pk, 100, "all").status == 200


def test_captures_are_bounded_and_final_ones_let_the_rest_go(api: Api) -> None:
    wallet = new_wallet(100)
    hold = place(api, wallet)
    too_much = api.post(f"/holds/{hold}/capture", {"amount": 60.01, "referenceId": "c1"})
    assert too_much.answer == (400, {"error": "Capture exceeds what is held"})
    final = api.post(f"/holds/{hold}/capture", {"amount": 10, "referenceId": "c2", "final": True})
    assert final.body["balance"] == 90
    assert api.post(f"/holds/{hold}/release", {}).answer == (409, {"error": "Hold is captured"})
    assert api.get(f"/wallets/{wallet.pk}/balance").body["available"] == 90


def test_what_cannot_be_held_or_captured_is_refused(api: Api, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    hold = place(api, wallet)
    holds, capture = f"/wallets/{wallet.pk}/holds", f"/holds/{hold}/capture"
    past = "expiresAt must be in the future"
    moment = "expiresAt must be a time such as 2026-02-11T10:00:00Z"
    refusals: list[tuple[str, dict[str, object], int, str]] = [
        (
            holds,
            {"amount": 1, "referenceId": "x", "expiresAt": "2020-01-01T00:00:00Z"},
            400,
            past,
        ),
        (holds, {"amount": 1, "referenceId": "x", "expiresAt": "tomorrow"}, 400, moment),
        (holds, {"amount": 1, "referenceId": "x", "expiresAt": "2099-01-01"}, 400, moment),
        (holds, {"amount": 1, "referenceId": "x", "expiresAt": "2099-01-01T00:00:00"}, 400, moment),
        (holds, {"amount": 1, "referenceId": "x", "expiresAt": "2099-13-01T00:00:00Z"}, 400, moment),
        (holds, {"amount": 1, "referenceId": "x", "expiresAt": 4102444800}, 400, moment),
        (holds, {"amount": 0, "referenceId": "x"}, 400, "Amount must be greater than 0"),
        (holds, {"amount": 1, "referenceId": "x", "account": "transfers"}, 400, "Unknown account: transfers"),
        (holds, {"amount": 61, "referenceId": "h"}, 409, "Duplicate referenceId"),
        ("/wallets/404404/holds", {"amount": 1, "referenceId": "x"}, 404, "Wallet not found"),
        (capture, {"amount": 1}, 400, "referenceId is required"),
        (capture, {"amount": 1, "referenceId": "c", "final": "yes"}, 400, "final must be true or false"),
        (capture, {"amount": 1, "referenceId": "h"}, 409, "Duplicate referenceId"),
        (f"/holds/{uuid4()}/capture", {"referenceId": "c"}, 404, "Hold not found"),
        (f"/holds/{uuid4()}/release", {}, 404, "Hold not found"),
        ("/holds/nonsense/release", {}, 404, "Not found"),
        (f"/holds/{hold}/release", {"amount": 1}, 400, "Unknown field: amount"),
    ]
    with nothing_moved():
        for path, sent, status, sentence in refusals:
            assert api.post(path, sent).answer == (status, {"error": sentence}), (path, sent)
    assert api.get(f"/holds/{uuid4()}").answer == (404, {"error": "Hold not found"})

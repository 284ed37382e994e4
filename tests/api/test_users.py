"""GET and PATCH /users/:userId; the currency of a wallet."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import User
from tests.conftest import Api, Reply
from tests.factories import new_user
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def patch(api: Api, user_id: int, body: object) -> Reply:
    return api.request("PATCH", f"/users/{user_id}", json.dumps(body))


def test_a_user_is_read_and_changed(api: Api) -> None:
    with time_machine.travel(datetime(2026, 2, 11, 10, tzinfo=UTC), tick=False):
        user = new_user(user_id=7, user_name="Asha", user_email="asha@rao.in", user_phone="1")
    written = {"userId": 7, "user_name": "Asha", "user_email": "asha@rao.in", "user_phone": "1"}
    assert api.get("/users/7").answer == (200, written | {"createdAt": "2026-02-11T10:00:00.000Z"})
    changed = written | {"user_name": "Asha Rao", "user_phone": "2"}
    assert patch(api, 7, {"user_name": "Asha Rao", "user_phone": "2"}).answer == (
        200,
        {"message": "User updated successfully", "user": changed},
    )
    user.refresh_from_db()
    assert (user.user_name, user.user_email, user.user_phone) == ("Asha Rao", "asha@rao.in", "2")


def test_what_cannot_be_changed_so_is_refused(api: Api) -> None:
    new_user(user_id=7, user_email="a@b.cd", user_phone="1")
    new_user(user_id=8, user_email="taken@b.cd", user_phone="2")
    before = list(User.objects.order_by("pk").values())
    taken = (409, {"error": "User with same userId, email, or phone already exists"})
    assert patch(api, 7, {"user_email": "taken@b.cd"}).answer == taken
    assert patch(api, 7, {"user_phone": "2"}).answer == taken
    for body, sentence in (
        ({}, "Name at least one of user_name, user_email and user_phone"),
        ({"userId": 9}, "Unknown field: userId"),
        ({"user_email": "nonsense"}, None),
        ({"user_name": ""}, None),
        ({"user_name": None}, "user_name must not be null"),
        ({"user_phone": 5}, None),
    ):
        reply = patch(api, 7, body)
        assert reply.status == 400, body
        assert sentence is None or reply.body == {"error": sentence}
    for reply in (api.get("/users/404"), patch(api, 404, {"user_name": "N"})):
        assert reply.answer == (404, {"error": "User not found"})
    assert list(User.objects.order_by("pk").values()) == before


def test_a_wallets_currency_is_chosen_when_it_is_created(api: Api) -> None:
    for number, (body, currency) in enumerate([({}, "INR"), ({"currency": "JPY"}, "JPY")], start=1):
        user = new_user(user_id=number)
        reply = api.post("/wallets", {"userId": user.pk, **body})
        assert reply.answer == (201, {"message": "Wallet created successfully", "balance": 0})
        assert Wallet.objects.get(pk=user.pk).currency == currency
    new_user(user_id=3)
    for unknown in ("inr", "XAU", "RUPEES", "", 5, None):
        reply = api.post("/wallets", {"userId": 3, "currency": unknown})
        assert reply.answer == (400, {"error": "currency must be an ISO 4217 code such as INR"}), unknown
    assert not Wallet.objects.filter(pk=3).exists()
    assert api.credit(2, 1.5, "yen").answer == (400, {"error": "Amount must be a whole number in JPY"})

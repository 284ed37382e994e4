"""POST /wallets."""

import pytest

from tests.conftest import Api
from tests.factories import new_user
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_a_new_wallet_is_empty(api: Api) -> None:
    user = new_user()
    assert api.post("/wallets", {"userId": user.user_id}).answer == (
        201,
        {"message": "Wallet created successfully", "balance": 0},
    )
    assert api.get(f"/wallets/{user.user_id}").body == {
        "userId": str(user.user_id),
        "balance": 0,
        "transactions": [],
    }


@pytest.mark.parametrize("body", [{}, {"userId": None}])
def test_the_user_id_is_required(api: Api, body: object) -> None:
    assert api.post("/wallets", body).answer == (400, {"error": "userId is required"})


@pytest.mark.parametrize("user_id", [0, -5, "1", 1.5, True, 2**63])
def test_a_user_id_of_another_form_is_refused(api: Api, user_id: object) -> None:
    new_user(user_id=1)
    assert api.post("/wallets", {"userId": user_id}).answer == (
        400,
        {"error": "userId must be a whole number from 1 to 9223372036854775807"},
    )
    assert not Wallet.objects.exists()


def test_a_wallet_needs_a_user(api: Api) -> None:
    assert api.post("/wallets", {"userId": 404}).answer == (404, {"error": "User not found"})
    assert not Wallet.objects.exists()


def test_a_user_has_one_wallet(api: Api) -> None:
    user = new_user()
    api.post("/wallets", {"userId": user.user_id})
    api.credit(user.user_id, 5, "before")
    assert api.post("/wallets", {"userId": user.user_id}).answer == (409, {"error": "Wallet already exists"})
    assert api.get(f"/wallets/{user.user_id}").body["balance"] == 5


def test_the_balance_cannot_be_chosen(api: Api) -> None:
    user = new_user()
    reply = api.post("/wallets", {"userId": user.user_id, "balance": 1000})
    assert reply.answer == (400, {"error": "Unknown field: balance"})
    assert not Wallet.objects.exists()

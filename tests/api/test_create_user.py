"""POST /users."""

from typing import Any

import pytest

from accounts.models import User
from tests.conftest import Api

pytestmark = pytest.mark.django_db

ASHA = {"userId": 7, "user_name": "Asha Rao", "user_email": "asha@example.com", "user_phone": "9000000007"}
REQUIRED = {"error": "userId, user_name, user_email and user_phone are required"}
TAKEN = {"error": "User with same userId, email, or phone already exists"}


def test_a_user_is_created_and_answered_as_sent(api: Api) -> None:
    assert api.post("/users", ASHA).answer == (201, {"message": "User created successfully", "user": ASHA})
    assert list(User.objects.values_list("user_id", "user_name", "user_email", "user_phone")) == [
        (7, "Asha Rao", "asha@example.com", "9000000007")
    ]


@pytest.mark.parametrize("user_id", [1, 2**63 - 1])
def test_a_user_id_is_a_whole_number_up_to_2_to_the_63_minus_1(api: Api, user_id: int) -> None:
    reply = api.post("/users", ASHA | {"userId": user_id})
    assert (reply.status, reply.body["user"]["userId"]) == (201, user_id)


@pytest.mark.parametrize("field", list(ASHA))
@pytest.mark.parametrize("absent", ["missing", None, ""])
def test_all_four_fields_are_required(api: Api, field: str, absent: object) -> None:
    body: dict[str, Any] = dict(ASHA)
    if absent == "missing":
        del body[field]
    else:
        body[field] = absent
    assert api.post("/users", body).answer == (400, REQUIRED)
    assert not User.objects.exists()


@pytest.mark.parametrize("user_id", [0, -1, 2**63, 1.5, 1.0, "1", True, [1], {"id": 1}, 10**63])
def test_a_user_id_that_is_no_whole_number_in_range_is_refused(api: Api, user_id: object) -> None:
    reply = api.post("/users", ASHA | {"userId": user_id})
    assert reply.answer == (400, {"error": "userId must be a whole number from 1 to 9223372036854775807"})
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("user_name", 5, "user_name must be a string of 1 to 200 characters"),
        ("user_name", "x" * 201, "user_name must be a string of 1 to 200 characters"),
        ("user_name", "   ", "user_name must be a string of 1 to 200 characters"),
        ("user_name", "NUL \0", "user_name must be a string of 1 to 200 characters"),
        ("user_name", ["Asha"], "user_name must be a string of 1 to 200 characters"),
        ("user_email", "not an address", "user_email must be an e-mail address"),
        ("user_email", "a@b@c", "user_email must be an e-mail address"),
        ("user_email", "@example.com", "user_email must be an e-mail address"),
        ("user_email", "x" * 250 + "@b.cd", "user_email must be a string of 1 to 254 characters"),
        ("user_phone", 9000000007, "user_phone must be a string of 1 to 32 characters"),
        ("user_phone", "9" * 33, "user_phone must be a string of 1 to 32 characters"),
    ],
)
def test_a_field_of_another_form_is_refused_by_name(api: Api, field: str, value: object, error: str) -> None:
    reply = api.post("/users", ASHA | {field: value})
    assert reply.status == 400
    assert reply.body["error"].startswith(error)
    assert not User.objects.exists()


def test_names_keep_every_character(api: Api) -> None:
    name = "आशा \N{ZERO WIDTH JOINER}राव 🦊 O'Neil-Müller"
    assert api.post("/users", ASHA | {"user_name": name}).body["user"]["user_name"] == name
    assert User.objects.get().user_name == name


@pytest.mark.parametrize("same", ["userId", "user_email", "user_phone"])
def test_a_taken_user_id_email_or_phone_is_a_conflict(api: Api, same: str) -> None:
    api.post("/users", ASHA)
    other = {"userId": 8, "user_name": "Bela", "user_email": "bela@example.com", "user_phone": "9000000008"}
    assert api.post("/users", other | {same: ASHA[same]}).answer == (409, TAKEN)
    assert User.objects.count() == 1


def test_two_emails_are_the_same_only_byte_by_byte(api: Api) -> None:
    api.post("/users", ASHA)
    other = ASHA | {"userId": 8, "user_email": "ASHA@example.com", "user_phone": "9000000008"}
    assert api.post("/users", other).status == 201


def test_an_unknown_field_is_refused_by_name(api: Api) -> None:
    assert api.post("/users", ASHA | {"is_admin": True}).answer == (400, {"error": "Unknown field: is_admin"})
    assert not User.objects.exists()

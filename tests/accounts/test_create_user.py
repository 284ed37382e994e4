"""The rules for people hold for every way in, not only for the API."""

import pytest

from accounts.exceptions import InvalidUser, UserExists
from accounts.models import User
from accounts.services import create_user

pytestmark = pytest.mark.django_db

ASHA = {"user_name": "Asha", "user_email": "asha@example.com", "user_phone": "9"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", 0),
        ("user_id", -1),
        ("user_id", 2**63),
        ("user_name", ""),
        ("user_name", "x" * 201),
        ("user_name", "bell \x07"),
        ("user_email", "no address"),
        ("user_phone", " "),
    ],
)
def test_the_service_refuses_what_cannot_be_taken_and_names_the_field(field: str, value: object) -> None:
    values: dict[str, object] = {"user_id": 1, **ASHA, field: value}
    with pytest.raises(InvalidUser, match=f"^{field}: "):
        create_user(**values)  # type: ignore[arg-type]
    assert not User.objects.exists()


def test_a_taken_number_is_said_to_be_taken() -> None:
    create_user(user_id=1, **ASHA)
    with pytest.raises(UserExists):
        create_user(user_id=1, user_name="B", user_email="b@example.com", user_phone="8")
    assert User.objects.count() == 1

"""The first operator: made once, with a password that is kept nowhere."""

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from accounts.models import Staff
from accounts.services import create_first_operator

pytestmark = pytest.mark.django_db


def test_the_first_operator_can_sign_in_with_the_password_that_was_made() -> None:
    password = create_first_operator(username="operator")
    assert password is not None
    assert len(password) == 16
    operator = authenticate(RequestFactory().post("/admin/login/"), username="operator", password=password)
    assert isinstance(operator, Staff)
    assert operator.is_superuser


def test_there_is_no_second_first_operator() -> None:
    create_first_operator(username="operator")
    assert create_first_operator(username="another") is None
    assert Staff.objects.count() == 1

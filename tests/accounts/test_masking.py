"""What is left of an e-mail and a phone tells somebody who knows them that it is they, and nobody else anything."""

import pytest

from accounts.masking import masked_email, masked_phone


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("shefali@example.com", "s•••@example.com"),
        ("ab@example.com", "a•••@example.com"),
        ("a@example.com", "•••@example.com"),
        ("@example.com", "•••@example.com"),
        ("शेफाली@उदाहरण.भारत", "श•••@उदाहरण.भारत"),
        ('"a@b"@example.com', '"•••@example.com'),
        ("shefali", "•••"),
        ("", "•••"),
    ],
)
def test_of_an_email_the_first_letter_and_the_domain_are_left(email: str, shown: str) -> None:
    assert masked_email(email) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("9876543210", "•••••• 3210"),
        ("+91 98765 43210", "•••••• 3210"),
        ("(022) 2345-678", "•••••• 5678"),
        ("12345678", "•••••• 5678"),
        ("1234567", "••••••"),
        ("3210", "••••••"),
        ("ask for Shefali", "••••••"),
        ("", "••••••"),
    ],
)
def test_of_a_phone_the_last_four_digits_are_left_and_of_a_short_one_none(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_the_mask_does_not_tell_how_long_they_are() -> None:
    assert masked_email("shefali@example.com") == masked_email("sid@example.com")
    assert masked_phone("9876543210") == masked_phone("+91 98765 43210")

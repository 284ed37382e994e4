"""Amounts in JSON: what is taken, to the last digit, and what is refused, with nothing stored."""

import re
from decimal import Decimal

import pytest

from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("amount", "balance"),
    [
        ("700", "700"),
        ("700.5", "700.5"),
        ("700.50", "700.5"),
        ("0.1", "0.1"),
        ("0.01", "0.01"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1.5e1", "15"),
        ("5e-1", "0.5"),
        ("1000e-3", "1"),
        ("10000E-4", "1"),
        ("10.00", "10"),
        ("99999999999999.99", "99999999999999.99"),
        ("99999999999999", "99999999999999"),
        ('"700"', "700"),
        ('"700.50"', "700.5"),
        ('"99999999999999.99"', "99999999999999.99"),
        ('"0000.10"', "0.1"),
    ],
)
def test_an_amount_is_taken_and_answered_digit_by_digit(api: Api, amount: str, balance: str) -> None:
    wallet = new_wallet()
    reply = api.post(f"/wallets/{wallet.pk}/credit", f'{{"amount":{amount},"referenceId":"r"}}')
    assert (reply.status, reply.text) == (
        200,
        f'{{"message":"Wallet credited successfully","balance":{balance}}}',
    )
    details = api.get(f"/wallets/{wallet.pk}").text
    assert f'"balance":{balance},' in details
    assert f'"amount":{balance},' in details


def test_a_tenth_and_two_tenths_are_three_tenths(api: Api) -> None:
    wallet = new_wallet()
    api.post(f"/wallets/{wallet.pk}/credit", '{"amount":0.1,"referenceId":"a"}')
    reply = api.post(f"/wallets/{wallet.pk}/credit", '{"amount":0.2,"referenceId":"b"}')
    assert reply.text.endswith('"balance":0.3}')


def test_a_thousand_paise_are_ten_rupees(api: Api) -> None:
    wallet = new_wallet()
    for number in range(100):
        reply = api.post(f"/wallets/{wallet.pk}/credit", f'{{"amount":0.01,"referenceId":"paisa-{number}"}}')
    assert reply.text.endswith('"balance":1}')
    assert api.post(f"/wallets/{wallet.pk}/debit", '{"amount":1,"referenceId":"all"}').text.endswith('"balance":0}')


def test_the_largest_amount_goes_in_and_out_exactly(api: Api) -> None:
    wallet = new_wallet()
    api.post(f"/wallets/{wallet.pk}/credit", '{"amount":99999999999999.99,"referenceId":"a"}')
    reply = api.post(f"/wallets/{wallet.pk}/debit", '{"amount":0.01,"referenceId":"b"}')
    assert reply.text.endswith('"balance":99999999999999.98}')


NOT_POSITIVE = "Amount must be greater than 0"
NOT_A_NUMBER = "Amount must be a number, or a string of plain digits such as 10.50"
TOO_LARGE = "Amount must be less than 100000000000000"


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("0", NOT_POSITIVE),
        ("0.00", NOT_POSITIVE),
        ("-0", NOT_POSITIVE),
        ("-0.0", NOT_POSITIVE),
        ("-1", NOT_POSITIVE),
        ("-0.01", NOT_POSITIVE),
        ("0e999999", NOT_POSITIVE),
        ("null", NOT_POSITIVE),
        ('"0"', NOT_POSITIVE),
        ("NaN", "Body is not valid JSON: NaN is not a number"),
        ("Infinity", "Body is not valid JSON: Infinity is not a number"),
        ("-Infinity", "Body is not valid JSON: -Infinity is not a number"),
        ("1e400", TOO_LARGE),
        ("1e999999999", TOO_LARGE),
        ("1e99999999999999999999", "Body holds a number out of range: 1e99999999999999999999"),
        ("1e-999999999", "Amount must have at most 4 decimals"),
        ("100000000000000", TOO_LARGE),
        ("9007199254740993.01", TOO_LARGE),
        ("9" * 64, TOO_LARGE),
        ("9" * 65, "Body holds a number of more than 64 digits"),
        ("9" * 5000, "Body holds a number of more than 64 digits"),
        ("0." + "0" * 5000 + "1", "Body holds a number of more than 64 digits"),
        ("0.001", "Amount must have at most 2 decimals in INR"),
        ("1.000", "Amount must have at most 2 decimals in INR"),
        ("0.00001", "Amount must have at most 4 decimals"),
        ("true", NOT_A_NUMBER),
        ("false", NOT_A_NUMBER),
        ("[1]", NOT_A_NUMBER),
        ("[]", NOT_A_NUMBER),
        ('{"value":1}', NOT_A_NUMBER),
        ('""', NOT_A_NUMBER),
        ('"1_000"', NOT_A_NUMBER),
        ('"1,000"', NOT_A_NUMBER),
        ('" 1 "', NOT_A_NUMBER),
        ('"1 "', NOT_A_NUMBER),
        ('"1\\n"', NOT_A_NUMBER),
        ('"+1"', NOT_A_NUMBER),
        ('"-1"', NOT_A_NUMBER),
        ('"-0"', NOT_A_NUMBER),
        ('"1e3"', NOT_A_NUMBER),
        ('"1."', NOT_A_NUMBER),
        ('".5"', NOT_A_NUMBER),
        ('"0x10"', NOT_A_NUMBER),
        ('"NaN"', NOT_A_NUMBER),
        ('"Infinity"', NOT_A_NUMBER),
        ('"١٢"', NOT_A_NUMBER),
        ('"１２"', NOT_A_NUMBER),
        ('"abc"', NOT_A_NUMBER),
        ('"100000000000000"', TOO_LARGE),
    ],
)
@pytest.mark.parametrize("direction", ["credit", "debit"])
def test_what_is_no_amount_is_refused_and_says_why(
    api: Api, direction: str, amount: str, error: str, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/{direction}", f'{{"amount":{amount},"referenceId":"r"}}')
        assert reply.answer == (400, {"error": error})


@pytest.mark.parametrize("amount", ["01", "1.", ".5", "+1", "0x10", "1_000", "1e", "--1", "१"])
def test_what_is_no_json_number_is_no_json(api: Api, amount: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        reply = api.post(f"/wallets/{wallet.pk}/credit", f'{{"amount":{amount},"referenceId":"r"}}')
        assert reply.status == 400
        assert re.match(r"Body is not valid JSON: .* at character \d+", reply.body["error"])


def test_a_balance_is_never_written_with_an_exponent(api: Api) -> None:
    wallet = new_wallet(Decimal(10000000000000))
    assert '"balance":10000000000000,' in api.get(f"/wallets/{wallet.pk}").text

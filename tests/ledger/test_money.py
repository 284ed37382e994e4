"""The one definition of an amount, for callers in Python."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.api.written import as_json
from ledger.exceptions import InvalidAmount
from ledger.money import MAX_MONEY, decimals_of_currency, json_number, parse_amount, wrong_decimals
from wallet_project.api.exact_json import parse_object


@pytest.mark.parametrize("value", [1, Decimal("0.0001"), Decimal("1E3"), "1", MAX_MONEY])
def test_ints_decimals_and_plain_digits_are_amounts(value: object) -> None:
    assert parse_amount(value) == Decimal(str(value))


@pytest.mark.parametrize("value", [1.0, 0.1, float("nan"), True, b"1", None, Decimal("Infinity"), Decimal("-0"), [1]])
def test_a_float_is_no_amount_and_neither_is_anything_else(value: object) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(value)


@pytest.mark.parametrize(("currency", "decimals"), [("INR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("EUR", 2)])
def test_a_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert decimals_of_currency(currency) == decimals
    finest = Decimal(1).scaleb(-decimals)
    assert wrong_decimals(finest, currency) is None
    assert isinstance(wrong_decimals(finest / 10, currency), InvalidAmount)


@pytest.mark.parametrize("code", ["XXX", "XAU", "ABC", ""])
def test_what_has_no_decimals_is_no_currency_of_a_wallet(code: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the enum's own message)
        decimals_of_currency(code)


@given(st.decimals(0, MAX_MONEY, places=4, allow_nan=False))
def test_money_survives_the_way_out_and_in_again(money: Decimal) -> None:
    written = as_json({"amount": json_number(money)})
    assert parse_object(written)["amount"] == money
    assert b"E" not in written.upper().replace(b"AMOUNT", b"")

"""The one definition of an amount of money: which are taken, how large, with how many decimals, and how it is written.

Money is a `Decimal` in the wallet's currency, never a float.
"""

import re
from decimal import Decimal
from functools import cache

import iso4217

from ledger.exceptions import InvalidAmount, InvalidCurrency

MONEY_DIGITS = 18
MONEY_DECIMALS = 4
# The largest value that DECIMAL(18,4) holds. No amount and no balance goes beyond it.
MAX_MONEY = Decimal("99999999999999.9999")
_TOO_LARGE = "Amount must be less than 100000000000000"

_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def parse_amount(value: object) -> Decimal:
    """The positive amount that a caller sent: an int, a Decimal, or a string of plain digits.

    Raises InvalidAmount, with a sentence that says what is wrong, for anything else; a float is refused because it
    may have lost the amount already. The currency's own number of decimals is for `wrong_decimals`.
    """
    if value is None:
        raise InvalidAmount("Amount must be greater than 0")
    if isinstance(value, str):
        if not _PLAIN_NUMBER.fullmatch(value):
            raise InvalidAmount("Amount must be a number, or a string of plain digits such as 10.50")
        amount = Decimal(value)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        amount = Decimal(value)
    else:
        raise InvalidAmount("Amount must be a number, or a string of plain digits such as 10.50")
    if not amount.is_finite():
        raise InvalidAmount("Amount must be a finite number")
    if amount <= 0:
        raise InvalidAmount("Amount must be greater than 0")
    if amount > MAX_MONEY:
        raise InvalidAmount(_TOO_LARGE)
    if _decimals_of(amount) > MONEY_DECIMALS:
        raise InvalidAmount(f"Amount must have at most {MONEY_DECIMALS} decimals")
    return amount


def wrong_decimals(amount: Decimal, currency: str) -> InvalidAmount | None:
    """What is wrong when `amount` is written with more decimals than `currency` has (INR 2, JPY 0, KWD 3)."""
    allowed = decimals_of_currency(currency)
    if _decimals_of(amount) <= allowed:
        return None
    return InvalidAmount(
        f"Amount must be a whole number in {currency}"
        if allowed == 0
        else f"Amount must have at most {allowed} decimals in {currency}"
    )


@cache
def decimals_of_currency(currency: str) -> int:
    """How many decimals an ISO 4217 currency has. Raises ValueError for a code that is not one."""
    exponent = iso4217.Currency(currency).exponent
    if exponent is None:
        raise ValueError(f"{currency} is not a currency that amounts are held in")
    return exponent


def check_currency(code: object) -> str:
    """`code` itself, when it is an ISO 4217 currency that amounts are held in. Raises InvalidCurrency."""
    known = iso4217.Currency.__members__.get(code) if isinstance(code, str) else None
    if known is None or known.name != code or known.exponent is None:
        raise InvalidCurrency("currency must be an ISO 4217 code such as INR")
    return known.name


def json_number(money: Decimal) -> int | Decimal:
    """`money` in its shortest plain form, as the API writes it: 700, 700.5, 0.1; no exponent, no trailing zeros."""
    whole = int(money)
    return whole if whole == money else money.normalize()


def figure(money: Decimal, currency: str) -> str:
    """`money` as a person reads it where the currency is said elsewhere: 1,234.50."""
    return f"{money:,.{decimals_of_currency(currency)}f}"


def for_people(money: Decimal, currency: str) -> str:
    """`money` as a person reads it: 1,234.50 INR."""
    return f"{figure(money, currency)}\N{NO-BREAK SPACE}{currency}"


def _decimals_of(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int), "only finite amounts get here"
    return max(0, -exponent)

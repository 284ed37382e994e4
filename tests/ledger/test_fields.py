"""MoneyField and ExactCharField mean the same on every engine."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection
from django.db.models import F
from django.db.transaction import atomic
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from ledger.fields import MoneyField, MoneySum
from ledger.models import Transaction
from ledger.money import MAX_MONEY
from tests.conftest import Api
from tests.factories import new_user, new_wallet
from wallets import services
from wallets.models import Hold, Wallet

pytestmark = pytest.mark.django_db

EXACT = [
    "0",
    "0.0001",
    "0.1",
    "700",
    "700.5",
    "99999999999999.99",
    "99999999999999.9999",
    "-99999999999999.9999",
    "12345678901234.5678",
]


@pytest.mark.parametrize("value", EXACT)
def test_money_comes_back_as_it_went_in(value: str) -> None:
    wallet = new_wallet()
    Wallet.objects.filter(pk=wallet.pk).update(overdraft_limit=MAX_MONEY, balance=Decimal(value))
    wallet.refresh_from_db()
    assert wallet.balance == Decimal(value)
    assert isinstance(wallet.balance, Decimal)
    assert Wallet.objects.filter(balance=Decimal(value)).exists()


class MoneyRoundTrip(TestCase):
    """Any amount that the column can hold."""

    @given(st.decimals(-MAX_MONEY, MAX_MONEY, places=4, allow_nan=False))
    def test_any_money_comes_back_as_it_went_in(self, value: Decimal) -> None:
        wallet = new_wallet()
        Wallet.objects.filter(pk=wallet.pk).update(overdraft_limit=MAX_MONEY, balance=value)
        wallet.refresh_from_db()
        assert wallet.balance == value


@pytest.mark.parametrize("value", [0.1, 1.0, True, "abc", "0.00001", MAX_MONEY + 1, Decimal("NaN"), Decimal("1E+400")])
def test_what_cannot_be_held_exactly_is_refused_not_rounded(value: object) -> None:
    with pytest.raises(ValidationError):
        MoneyField().get_prep_value(value)


def test_sums_and_comparisons_are_exact() -> None:
    wallet = new_wallet()
    Wallet.objects.filter(pk=wallet.pk).update(balance=Decimal("99999999999999.98"))
    other = new_wallet()
    Wallet.objects.filter(pk=other.pk).update(balance=Decimal("0.01"))
    assert Wallet.objects.aggregate(total=MoneySum("balance"))["total"] == Decimal("99999999999999.99")
    assert Wallet.objects.filter(balance__gt=Decimal("99999999999999.97")).count() == 1
    assert Wallet.objects.filter(balance__gt=Decimal("99999999999999.98")).count() == 0
    assert Wallet.objects.filter(balance__gte=F("held")).count() == 2


def test_a_total_may_be_larger_than_any_balance() -> None:
    for _ in range(20):
        Wallet.objects.filter(pk=new_wallet().pk).update(balance=Decimal("99999999999999.99"))
    below = new_wallet()
    Wallet.objects.filter(pk=below.pk).update(balance=Decimal("-0.03"), overdraft_limit=Decimal(1))
    assert Wallet.objects.aggregate(total=MoneySum("balance"))["total"] == Decimal("1999999999999999.77")
    assert Wallet.objects.filter(pk=below.pk).aggregate(total=MoneySum("balance"))["total"] == Decimal("-0.03")
    assert Wallet.objects.filter(pk=0).aggregate(total=MoneySum("balance"))["total"] is None


def test_a_thousand_paise_are_exactly_ten_rupees(api: Api) -> None:
    wallet = new_wallet()
    balance = Decimal(0)
    for _ in range(1000):
        balance += Decimal("0.01")
    Wallet.objects.filter(pk=wallet.pk).update(balance=balance)
    assert Wallet.objects.filter(pk=wallet.pk, balance__gte=10).exists()


def test_arithmetic_on_money_in_a_query_has_no_type_to_be_read_by() -> None:
    new_wallet()
    with pytest.raises(FieldError):
        list(Wallet.objects.annotate(less=F("balance") - Decimal(1)))


def test_text_is_compared_byte_by_byte() -> None:
    emails = ["ref-A", "ref-a", "ref-a ", "réf-a", "ref-a\u0301", "🦊", "🐻", "strasse", "straße", "ı", "i"]
    for number, email in enumerate(emails, start=1):
        new_user(user_id=number, user_email=email, user_phone=str(number))
    for number, email in enumerate(emails, start=1):
        assert User.objects.get(user_email=email).user_id == number
        with pytest.raises(IntegrityError), atomic():
            new_user(user_id=100 + number, user_email=email, user_phone=f"x{number}")


def row(**changed: object) -> Transaction:
    """A transaction that breaks no rule, but for what the test changes."""
    wallet = new_wallet()
    values: dict[str, object] = {
        "transaction_id": "01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
        "wallet": wallet,
        "sequence": 1,
        "type": "CREDIT",
        "kind": "CREDIT",
        "amount": Decimal(1),
        "status": "SUCCESS",
        "balance_after": Decimal(1),
        "available_after": Decimal(1),
        "account_id": "external",
        "hash": "0" * 64,
        "reference_id": "r",
        "created_at": "2026-01-01T00:00:00Z",
    }
    return Transaction(**(values | changed))


def test_a_row_that_breaks_no_rule_is_written() -> None:
    row().save(force_insert=True)
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"amount": Decimal(0)},
        {"amount": Decimal(-1)},
        {"sequence": 0},
        {"type": "credit"},
        {"type": "OTHER"},
        {"status": "success"},
        {"status": "OTHER"},
        {"leg": 2},
        {"status": "FAILED"},
        {"status": "HELD"},
        {"status": "HELD", "kind": "HOLD", "failure_reason": "Insufficient balance"},
        {"failure_reason": "Insufficient balance"},
    ],
)
def test_the_database_refuses_a_transaction_that_breaks_a_rule(broken: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), atomic():
        row(**broken).save(force_insert=True)
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"balance": Decimal(-1)},
        {"held": Decimal("0.01")},
        {"held": Decimal(-1)},
        {"balance": Decimal("-50.01"), "overdraft_limit": Decimal(50)},
        {"balance": Decimal(5), "overdraft_limit": Decimal(-1)},
        {"balance": Decimal(5), "balance_limit": Decimal("4.99")},
        {"amount_limit": Decimal(-1)},
        {"daily_limit": Decimal(-1)},
        {"monthly_limit": Decimal(-1)},
        {"sequence": -1},
        {"status": "active"},
        {"status": "OTHER"},
    ],
)
def test_the_database_refuses_a_wallet_that_breaks_a_rule(broken: dict[str, object]) -> None:
    wallet = new_wallet()
    with pytest.raises(IntegrityError), atomic():
        Wallet.objects.filter(pk=wallet.pk).update(**broken)
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.held, wallet.status) == (0, 0, "ACTIVE")


@pytest.mark.parametrize(
    "broken",
    [
        {"amount": Decimal(0)},
        {"captured": Decimal("-0.01")},
        {"captured": Decimal("10.01")},
        {"status": "open"},
    ],
)
def test_the_database_refuses_a_hold_that_breaks_a_rule(broken: dict[str, object]) -> None:
    wallet = new_wallet(100)
    services.place_hold(user_id=wallet.pk, amount=10, reference_id="h")
    with pytest.raises(IntegrityError), atomic():
        Hold.objects.update(**broken)
    assert Hold.objects.values_list("amount", "captured", "status").get() == (10, 0, "OPEN")


def test_the_database_refuses_a_second_row_of_a_sequence_and_of_a_reference() -> None:
    first = row()
    first.save(force_insert=True)
    for same in ({"sequence": 1, "reference_id": "s"}, {"sequence": 2, "reference_id": "r"}):
        second = row(wallet=first.wallet, transaction_id="01a2043c-6ce1-753f-aa55-b0807cdd7ac4", **same)
        with pytest.raises(IntegrityError), atomic():
            second.save(force_insert=True)
    assert Transaction.objects.count() == 1


def test_the_database_refuses_a_user_id_below_one() -> None:
    with pytest.raises(IntegrityError), atomic():
        new_user(user_id=0)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("ten_thousandths", [10**18, -(10**18)])
def test_a_balance_beyond_mysqls_decimal_is_refused_by_sqlite_too(ten_thousandths: int) -> None:
    wallet = new_wallet()
    with pytest.raises(IntegrityError, match="wallets_balance_in_range"), atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wallets SET balance = %s, overdraft_limit = %s WHERE user_id = %s",
            [ten_thousandths, 10**18, wallet.pk],
        )


@pytest.mark.engine("mysql")
def test_money_is_the_seeds_decimal_on_mysql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW COLUMNS FROM wallets LIKE 'balance'")
        assert cursor.fetchone()[1] == "decimal(18,4)"


@pytest.mark.engine("sqlite")
def test_money_is_a_whole_number_on_sqlite() -> None:
    wallet = new_wallet(Decimal("12.34"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT balance, typeof(balance) FROM wallets WHERE user_id = %s", [wallet.pk])
        assert cursor.fetchone() == (123400, "integer")

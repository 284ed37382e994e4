"""Two model fields that mean the same on SQLite, MariaDB and MySQL: exact money, with a total that is exact too, and
text compared byte by byte.

They live in the ledger because it is the lowest app: accounts and wallets use them too.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ledger.money import MAX_MONEY, MONEY_DECIMALS, MONEY_DIGITS

if TYPE_CHECKING:
    _MoneyBase = models.Field[Decimal | int, Decimal]
    _CharBase = models.CharField[str, str]
    OptionalMoney = models.Field[Decimal | int | None, Decimal | None]  # what a MoneyField that may be null is
else:
    _MoneyBase = models.Field
    _CharBase = models.CharField
    OptionalMoney = Any

_SCALE = 10**MONEY_DECIMALS
_UNIT = Decimal(1).scaleb(-MONEY_DECIMALS)
_LOW_PART = 10**9  # half the digits that money has on SQLite


class MoneyField(_MoneyBase):
    """Money as DECIMAL(18,4), and on SQLite as a whole number of ten-thousandths.

    SQLite has no decimal type: Django's DecimalField is a float there, and 99999999999999.99 comes back as
    100000000000000.00. The field has an internal type of its own because SQLite's backend rounds what it reads from
    anything named DecimalField to 15 digits.

    Takes Decimal, int and their text; a float, or more than four decimals, is refused rather than rounded. Balances
    are computed in Python under the wallet's lock and written as absolute values; arithmetic with F() is not for this
    field.
    """

    description = "Exact money"

    def get_internal_type(self) -> str:
        return "MoneyField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bigint" if connection.vendor == "sqlite" else f"decimal({MONEY_DIGITS}, {MONEY_DECIMALS})"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
            raise ValidationError(f"{value!r} is not exact money: use Decimal")
        try:
            money = Decimal(value)
            exact = money.quantize(_UNIT)
        except ArithmeticError as error:
            raise ValidationError(f"{value!r} is not money") from error
        if exact != money or abs(money) > MAX_MONEY:
            raise ValidationError(f"{value!r} cannot be held exactly: at most 14 digits and {MONEY_DECIMALS} decimals")
        return exact

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if hasattr(value, "as_sql") else self.to_python(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        if isinstance(value, Decimal):
            return int(value * _SCALE) if connection.vendor == "sqlite" else f"{value:f}"
        return value

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-MONEY_DECIMALS if connection.vendor == "sqlite" else 0)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{"form_class": forms.DecimalField, "decimal_places": MONEY_DECIMALS, "max_digits": MONEY_DIGITS, **kwargs}
        )


class MoneySum(models.Sum):
    """The exact total of a MoneyField, however large; None over no rows.

    SQLite adds whole numbers in 64 bits, which ten balances at the limit overflow: there the upper and the lower digits
    are added apart, and put together in Python.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        parts = f"SUM(%(expressions)s / {_LOW_PART}) || ' ' || SUM(%(expressions)s %%%% {_LOW_PART})"
        sql, params = super().as_sql(compiler, connection, template=parts)
        return sql, (*params, *params)

    def convert_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        if not isinstance(value, str):
            return value
        upper, lower = map(int, value.split())
        return upper * _LOW_PART + lower


class ExactCharField(_CharBase):
    """Text compared byte by byte: `ref-A`, `ref-a` and `ref-A ` are three values, and `success` is not `SUCCESS`.

    MySQL's default collation takes the first two for one key, MariaDB's all three, and even any two emoji.
    """

    description = "Text compared byte by byte"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        return {**super().db_parameters(connection), "collation": exact_collation(connection)}


class ExactText(models.Func):
    """Text that an expression gives, compared byte by byte like an ExactCharField; for texts within JSON."""

    output_field = models.CharField()
    template = "%(expressions)s"

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        collation = exact_collation(connection)
        return self.as_sql(compiler, connection, template=f"CONVERT(%(expressions)s USING utf8mb4) COLLATE {collation}")


def exact_collation(connection: Any) -> str | None:
    """The collation that compares bytes and pads nothing, or None where that is what the engine does anyway."""
    if connection.vendor != "mysql":
        return None
    return "utf8mb4_nopad_bin" if connection.mysql_is_mariadb else "utf8mb4_0900_bin"

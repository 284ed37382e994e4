"""What a story is made of: somebody joins, a program asks for an operation, a member of staff does something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ledger.models import Transaction
from tests.demo.people import Person
from wallets.operations import Operation

Make = Callable[[datetime], Operation]


@dataclass(frozen=True, slots=True)
class Join:
    """A person gets a wallet."""

    person: Person
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Then:
    """What follows a transaction that went well, some time later."""

    after: timedelta
    make: Callable[[Transaction], Operation]


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation, made at its moment; `rows` is how many transactions it is likely to leave, with what follows."""

    make: Make
    then: Then | None = None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done alone, and not in a batch."""

    do: Callable[[], object]
    rows: int = 0


Event = Join | Ask | Deed


def ask(operation: Operation, then: Then | None = None, *, rows: int = 1) -> Ask:
    """To ask for `operation`, whenever it is."""
    return Ask(lambda _: operation, then, rows)


def money(paise: int) -> Decimal:
    """Amounts of the demo are counted in hundredths; a multiple of 100 has no decimals, whatever the currency."""
    return Decimal(paise).scaleb(-2).normalize()

"""What a caller asks for. An operation is a plain value: checked when it is made, and good for any number of tries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ledger.models import Type
from ledger.money import parse_amount
from ledger.references import check_reference

EXTERNAL = "external"
ADJUSTMENTS = "adjustments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Money to move between one wallet and one ledger account, under a name of its own.

    `amount` is in the wallet's currency. Raises InvalidAmount or InvalidReference when it is made of anything else.
    """

    kind: ClassVar[str]
    type: ClassVar[Type]

    user_id: int
    amount: Decimal
    reference_id: str
    account: str = EXTERNAL
    description: str = ""
    actor: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", parse_amount(self.amount))
        check_reference(self.reference_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Operation):
    """Money into a wallet."""

    kind = "CREDIT"
    type = Type.CREDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit(Operation):
    """Money out of a wallet."""

    kind = "DEBIT"
    type = Type.DEBIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAdjustment(Credit):
    """A correction in the user's favour, that a person made."""

    kind = "ADJUSTMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitAdjustment(Debit):
    """A correction to the user's cost, that a person made."""

    kind = "ADJUSTMENT"

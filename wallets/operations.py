"""What a caller asks for. An operation is a plain value: checked when it is made, and good for any number of tries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ledger.models import Type
from ledger.money import parse_amount
from ledger.references import MAX_ACTOR_LENGTH, MAX_DESCRIPTION_LENGTH, check_reference, check_words

EXTERNAL = "external"
ADJUSTMENTS = "adjustments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Money to move between one wallet and one ledger account, under a name of its own.

    `amount` is in the wallet's currency. Made of anything else, it raises InvalidAmount, InvalidReference or
    InvalidDescription.
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
        check_words("description", self.description, most=MAX_DESCRIPTION_LENGTH)
        check_words("actor", self.actor, most=MAX_ACTOR_LENGTH)


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

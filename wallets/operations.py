"""What a caller asks for. An operation is a plain value: checked when it is made, and good for any number of tries.

Each moves money, or sets it aside, between one wallet and one ledger account; a transfer names a second wallet, the
counterparty, and goes through the account `transfers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from ledger.models import EXPIRY, HOLD, RELEASE, Type
from ledger.money import parse_amount
from ledger.origin import Origin, current_origin
from ledger.references import (
    MAX_ACTOR_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    check_metadata,
    check_reference,
    check_words,
)
from wallets.exceptions import InvalidHold, InvalidTransfer

EXTERNAL = "external"
ADJUSTMENTS = "adjustments"
TRANSFERS = "transfers"

# Terms of an operation: all that was left, however much; and what is left after it let go.
ALL, FINAL = "all", "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is asked of one wallet, under a name of its own.

    `amount` is in the wallet's currency; None, where a kind allows it, is all that is left. Made of anything else, it
    raises InvalidAmount, InvalidReference, InvalidDescription, InvalidMetadata or InvalidTransfer.
    """

    kind: ClassVar[str]
    type: ClassVar[Type]
    # Whether it is the user's spending, which daily and monthly limits count.
    spends: ClassVar[bool] = False
    may_take_all: ClassVar[bool] = False
    # Whether it undoes or corrects: above a limit, what one person asks for another has to approve.
    corrects: ClassVar[bool] = False
    # What has no name of its caller's has one that no caller could give it: it has a space in it.
    is_named_by_its_caller: ClassVar[bool] = True

    user_id: int
    amount: Decimal | None
    reference_id: str
    account: str = EXTERNAL
    counterparty: int | None = None
    concerns: UUID | None = None
    description: str = ""
    metadata: Mapping[str, str] | None = None
    actor: str = ""
    at_most: Decimal | None = None  # what whoever asks may move at once; None: any amount
    approved: bool = False  # by another person than the one who asked
    origin: Origin = field(default_factory=current_origin, compare=False)

    def __post_init__(self) -> None:
        if self.amount is not None or not self.may_take_all:
            object.__setattr__(self, "amount", parse_amount(self.amount))
        if self.is_named_by_its_caller:
            check_reference(self.reference_id)
        check_words("description", self.description, most=MAX_DESCRIPTION_LENGTH)
        check_words("actor", self.actor, most=MAX_ACTOR_LENGTH)
        if self.metadata is not None:
            check_metadata(self.metadata)
        if self.counterparty == self.user_id:
            raise InvalidTransfer("fromUserId and toUserId must be two users")

    @property
    def user_ids(self) -> tuple[int, ...]:
        """Whose wallets it takes."""
        return (self.user_id,) if self.counterparty is None else (self.user_id, self.counterparty)

    @property
    def terms(self) -> str:
        """What its amount and its other columns do not say, and makes it another operation when it differs."""
        return ALL if self.amount is None and self.is_named_by_its_caller else ""


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
    spends = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Operation):
    """Money from a wallet to the counterparty's."""

    kind = "TRANSFER"
    type = Type.DEBIT
    spends = True

    counterparty: int
    account: str = TRANSFERS


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Operation):
    """Money of a wallet to be set aside under the number `concerns`, until it is captured, let go or over."""

    kind = HOLD
    type = Type.DEBIT
    spends = True

    concerns: UUID
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        super(PlaceHold, self).__post_init__()
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise InvalidHold("expiresAt must name its time zone, such as Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Operation):
    """Money out of a wallet that the hold `concerns` has set aside; without an amount, all that it has left.

    With `final`, what the hold has left afterwards is let go.
    """

    kind = "CAPTURE"
    type = Type.DEBIT
    may_take_all = True

    concerns: UUID
    final: bool = False

    @property
    def terms(self) -> str:
        return " ".join(filter(None, (super(Capture, self).terms, FINAL if self.final else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo(Operation):
    """All that the hold `concerns` has left, available again."""

    type = Type.CREDIT
    may_take_all = True
    is_named_by_its_caller = False

    concerns: UUID
    amount: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(LetGo):
    """A hold let go because somebody wants it."""

    kind = RELEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry(LetGo):
    """A hold let go because it is over."""

    kind = EXPIRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Operation):
    """The transaction `concerns` undone, or `amount` of it; of a transfer, `concerns` is the sender's transaction.

    `original` is what the transaction moved: all its reversals together move no more. `other_side` is the receiver's
    transaction of a transfer.
    """

    kind = "REVERSAL"
    may_take_all = True
    corrects = True

    concerns: UUID
    original: Decimal
    other_side: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseCredit(Reversal):
    """Money out of the wallet that it had come into. Of a transfer: from the receiver, back to the counterparty."""

    type = Type.DEBIT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseDebit(Reversal):
    """Money back into the wallet that it had gone out of."""

    type = Type.CREDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAdjustment(Credit):
    """A correction in the user's favour, that a person made."""

    kind = "ADJUSTMENT"
    corrects = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitAdjustment(Debit):
    """A correction to the user's cost, that a person made."""

    kind = "ADJUSTMENT"
    spends = False
    corrects = True

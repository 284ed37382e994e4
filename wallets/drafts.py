"""What one posting is going to write: rows, and wallets and holds brought to the state after each decision.

All in memory; wallets.posting reads before, and writes after.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from uuid_utils.compat import uuid7

from ledger.hashing import chain_hash
from ledger.models import Status, Transaction, Type
from ledger.origin import Origin
from ledger.services import new_row
from wallets import holding
from wallets.decisions import Done, Failed, State
from wallets.models import Hold, HoldStatus, Wallet
from wallets.operations import Capture, Expiry, LetGo, Operation, PlaceHold, Reversal


@dataclass(slots=True)
class Draft:
    """The rows in the order of their decisions; the wallets are those of `state`."""

    state: State
    rows: list[Transaction] = field(default_factory=list)
    placed: list[Hold] = field(default_factory=list)
    changed: dict[UUID, Hold] = field(default_factory=dict)

    def write(self, operation: Operation, decision: Failed | Done, ids: tuple[UUID, UUID]) -> Transaction:
        """Add what follows from `decision`. Answers the row of the wallet that was asked."""
        wallet = self.state.wallets[operation.user_id]
        self.note_expired(wallet)
        match decision:
            case Failed(amount, reason):
                row = _row(operation, amount, Status.FAILED, ids[0])
                row.failure_reason = reason.value
                if isinstance(operation, PlaceHold):
                    row.concerns = None  # there is no such hold
            case Done(amount):
                row = self._carry_out(operation, amount, wallet, ids[0])
            case _:
                assert_never(decision)
        self._append(row, wallet)
        self.state.known[operation.reference_id] = row
        if operation.counterparty is not None and row.status == Status.SUCCESS:
            other = self.state.wallets[operation.counterparty]
            self.note_expired(other)
            other.balance += row.amount
            self._append(_other_side(operation, row, ids[1]), other)
        return row

    def note_expired(self, wallet: Wallet) -> None:
        """Write down which of the wallet's holds were found to be over, before anything else is written of it."""
        expired = self.state.expired.pop(wallet.pk, [])
        still_held = wallet.held
        wallet.held += sum((hold.amount - hold.captured for hold in expired), Decimal(0))
        for hold in expired:
            left = hold.amount - hold.captured
            wallet.held -= left
            self._append(_row(_expiry(hold), left, Status.HELD, uuid7()), wallet)
            self.changed[hold.pk] = hold
        assert wallet.held == still_held, "what expired was taken out of what the wallet holds before"

    def _carry_out(self, operation: Operation, amount: Decimal, wallet: Wallet, transaction_id: UUID) -> Transaction:
        state = self.state
        match operation:
            case PlaceHold():
                wallet.held += amount
                self.placed.append(_placed(operation, amount, state))
                return _row(operation, amount, Status.HELD, transaction_id)
            case LetGo():
                hold = self.changed[operation.concerns] = state.holds[operation.concerns]
                wallet.held -= holding.close(hold, HoldStatus.RELEASED, state.now)
                return _row(operation, amount, Status.HELD, transaction_id)
            case Capture():
                hold = self.changed[operation.concerns] = state.holds[operation.concerns]
                wallet.held -= holding.capture(hold, amount, final=operation.final, now=state.now)
            case Reversal():
                state.reversed[operation.concerns] = state.reversed.get(operation.concerns, Decimal(0)) + amount
        wallet.balance += amount if operation.type is Type.CREDIT else -amount
        if (operation.spends or isinstance(operation, Capture)) and (spent := state.spent.get(wallet.pk)):
            spent.day += amount
            spent.month += amount
        return _row(operation, amount, Status.SUCCESS, transaction_id)

    def _append(self, row: Transaction, wallet: Wallet) -> None:
        """Make `row` the wallet's newest, as the wallet is now."""
        row.created_at = self.state.now
        wallet.sequence += 1
        row.sequence = wallet.sequence
        row.balance_after, row.held_after, row.available_after = wallet.balance, wallet.held, wallet.available
        row.hash = wallet.head_hash = chain_hash(wallet.head_hash, row)
        self.rows.append(row)


def _row(operation: Operation, amount: Decimal, status: Status, transaction_id: UUID) -> Transaction:
    return new_row(
        transaction_id=transaction_id,
        wallet_id=operation.user_id,
        type=operation.type,
        kind=operation.kind,
        amount=amount,
        status=status,
        account_id=operation.account,
        reference_id=operation.reference_id,
        counterparty=operation.counterparty,
        concerns=operation.concerns,
        terms=operation.terms,
        description=operation.description,
        metadata=dict(operation.metadata) if operation.metadata else None,
        actor=operation.actor,
        request_id=operation.origin.request_id,
        address=operation.origin.address,
    )


def _other_side(operation: Operation, row: Transaction, transaction_id: UUID) -> Transaction:
    """The receiver's row of what `row` took from the sender."""
    return new_row(
        transaction_id=transaction_id,
        wallet_id=operation.counterparty,
        type=Type.CREDIT,
        kind=row.kind,
        amount=row.amount,
        status=Status.SUCCESS,
        account_id=row.account_id,
        reference_id=row.reference_id,
        leg=1,
        counterparty=operation.user_id,
        concerns=operation.other_side if isinstance(operation, Reversal) else None,
        description=row.description,
        metadata=row.metadata,
        actor=row.actor,
        request_id=row.request_id,
        address=row.address,
    )


def _placed(operation: PlaceHold, amount: Decimal, state: State) -> Hold:
    return Hold(
        hold_id=operation.concerns,
        wallet_id=operation.user_id,
        amount=amount,
        expires_at=operation.expires_at,
        account_id=operation.account,
        created_at=state.now,
        updated_at=state.now,
    )


def _expiry(hold: Hold) -> Expiry:
    """Of no request: time has passed, whoever came upon it."""
    return Expiry(
        user_id=hold.wallet_id,
        concerns=hold.pk,
        reference_id=f"expiry {hold.pk}",
        account=hold.account_id,
        origin=Origin(),
    )

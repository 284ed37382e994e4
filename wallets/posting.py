"""The one door that money goes through: deciding a batch of operations and writing what follows, in one commit.

The order is what makes it right and keeps it from deadlocks. First the locks, in user_id order, so that no two
postings can wait for each other; then the look-up of references, which is current because it comes after the lock
(READ COMMITTED); then the decisions; then the rows and the wallets' new state. Inserting first would deadlock: the
foreign key's check takes a shared lock on the wallet, which a second insert holds too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection
from django.db.transaction import atomic
from django.utils import timezone
from uuid_utils.compat import uuid7

from ledger import selectors as ledger
from ledger.database_errors import is_duplicate, is_transient
from ledger.hashing import chain_hash
from ledger.models import Status, Transaction, Type
from ledger.retrying import retried
from ledger.services import record
from wallets.decisions import Done, Failed, Refused, Replay, State, decide
from wallets.exceptions import OutcomeUnknown
from wallets.holding import capture, expire
from wallets.holding import store as store_holds
from wallets.limits import limits_of
from wallets.models import Hold, Wallet
from wallets.operations import Capture, Operation, PlaceHold, Reversal
from wallets.selectors import reversed_amounts, spent_by


@dataclass(frozen=True, slots=True)
class Posted:
    """The row that answers an operation; `replayed` when an earlier request wrote it."""

    transaction: Transaction
    replayed: bool


Outcome = Posted | Refused

_STATE = ("balance", "held", "sequence", "head_hash", "updated_at")  # of a wallet, what a posting changes


def post(operations: Sequence[Operation]) -> list[Outcome]:
    """Decide `operations` in their order, write what follows in one database transaction, and answer each.

    One operation's refusal or failure is its own answer and touches no other. Outside of any `atomic()`, a transaction
    that the database gave up is tried again as a whole; raises OutcomeUnknown when that does not help. Inside a
    caller's `atomic()` it becomes part of it: no retry, its commit decides, and a database error dooms it.
    """
    # Made before the first try: when a commit's answer is lost, the next try finds the row and knows it as its own.
    transaction_ids = [(uuid7(), uuid7()) for _ in operations]

    def once() -> list[Outcome]:
        with atomic(savepoint=False):
            return _decide_and_write(operations, transaction_ids)

    if connection.in_atomic_block:
        return once()
    try:
        return retried(once, worth_another=_is_worth_another)
    except (DatabaseError, InterfaceError) as error:
        if _is_worth_another(error):
            raise OutcomeUnknown from error
        raise


def _is_worth_another(error: BaseException) -> bool:
    # A duplicate is a reference, or a sequence, that another process wrote first: the next try sees its row.
    return is_transient(error) or is_duplicate(error)


@dataclass(slots=True)
class _Writes:
    """What a posting has decided to write."""

    rows: list[Transaction] = field(default_factory=list)
    placed: list[Hold] = field(default_factory=list)
    holds: dict[UUID, Hold] = field(default_factory=dict)  # changed ones


def _decide_and_write(operations: Sequence[Operation], transaction_ids: Sequence[tuple[UUID, UUID]]) -> list[Outcome]:
    wallets = _lock({user_id for operation in operations for user_id in operation.user_ids})
    writes = _Writes()
    state = _state(operations, wallets, writes)
    outcomes: list[Outcome] = []
    for operation, ids in zip(operations, transaction_ids, strict=True):
        match decide(operation, state):
            case Refused() as refused:
                outcomes.append(refused)
            case Replay(transaction):
                outcomes.append(Posted(transaction, replayed=transaction.transaction_id != ids[0]))
            case Failed() | Done() as decision:
                row = _apply(operation, decision, ids, state, writes)
                state.known[operation.reference_id] = row
                outcomes.append(Posted(row, replayed=False))
    if writes.rows:
        record(writes.rows)
        changed = {row.wallet_id for row in writes.rows}
        _store([wallets[user_id] for user_id in sorted(changed)])
        store_holds(placed=writes.placed, changed=[hold for hold in writes.holds.values() if hold.wallet_id in changed])
    return outcomes


def _lock(user_ids: Iterable[int]) -> dict[int, Wallet]:
    """The wallets, each locked until the commit, in one order for everybody."""
    wallets = Wallet.objects.select_for_update().filter(pk__in=sorted(user_ids)).order_by("pk")
    return {wallet.pk: wallet for wallet in wallets}


def _state(operations: Sequence[Operation], wallets: dict[int, Wallet], writes: _Writes) -> State:
    """What the decisions rest on, read under the locks; only what these operations and wallets make necessary."""
    known = ledger.by_reference(operation.reference_id for operation in operations)
    state = State(timezone.now(), wallets, known)
    if holding := [wallet for wallet in wallets.values() if wallet.held]:
        state.holds = expire(holding, state.now)
        writes.holds = dict(state.holds)
    if captured := {operation.concerns for operation in operations if isinstance(operation, Capture)}:
        state.holds = Hold.objects.in_bulk(captured) | state.holds
    if reversed_ := {operation.concerns for operation in operations if isinstance(operation, Reversal)}:
        state.reversed = reversed_amounts(reversed_)
    spending = {operation.user_id for operation in operations if operation.spends}
    for wallet in (wallets[user_id] for user_id in spending & wallets.keys()):
        limits = limits_of(wallet)
        if limits.daily is not None or limits.monthly is not None:
            state.spent[wallet.pk] = spent_by(wallet.pk, state.now)
    return state


def _apply(
    operation: Operation, decision: Failed | Done, ids: tuple[UUID, UUID], state: State, writes: _Writes
) -> Transaction:
    """The new row or rows, and all that the posting holds in memory brought to the state after them.

    Answers the row of the wallet that was asked.
    """
    wallet = state.wallets[operation.user_id]
    if isinstance(decision, Failed):
        row = _row(operation, wallet, decision.amount, ids[0], failure_reason=decision.reason.value)
        _append(row, wallet, state, writes)
        return row
    amount = decision.amount
    row = _row(operation, wallet, amount, ids[0])
    match operation:
        case PlaceHold():
            row.status = Status.HELD
            wallet.held += amount
            writes.placed.append(_placed(operation, amount, state.now))
        case Capture():
            hold = state.holds[operation.concerns]
            wallet.held -= capture(hold, amount, final=operation.final, now=state.now)
            writes.holds[hold.pk] = hold
        case Reversal():
            state.reversed[operation.concerns] = state.reversed.get(operation.concerns, Decimal(0)) + amount
    if row.status == Status.SUCCESS:
        wallet.balance += amount if operation.type is Type.CREDIT else -amount
        if operation.spends and (spent := state.spent.get(wallet.pk)):
            spent.day += amount
            spent.month += amount
    _append(row, wallet, state, writes)
    if operation.counterparty is not None:
        other = state.wallets[operation.counterparty]
        other.balance += amount
        _append(_other_side(operation, row, ids[1]), other, state, writes)
    return row


def _row(
    operation: Operation, wallet: Wallet, amount: Decimal, transaction_id: UUID, failure_reason: str = ""
) -> Transaction:
    placed_nothing = failure_reason and isinstance(operation, PlaceHold)
    return Transaction(
        transaction_id=transaction_id,
        wallet_id=wallet.pk,
        type=operation.type,
        kind=operation.kind,
        amount=amount,
        status=Status.FAILED if failure_reason else Status.SUCCESS,
        failure_reason=failure_reason,
        account_id=operation.account,
        reference_id=operation.reference_id,
        counterparty=operation.counterparty,
        concerns=None if placed_nothing else operation.concerns,
        description=operation.description,
        metadata=dict(operation.metadata) if operation.metadata else None,
        actor=operation.actor,
    )


def _other_side(operation: Operation, row: Transaction, transaction_id: UUID) -> Transaction:
    """The receiver's row of what `row` took from the sender."""
    return Transaction(
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
    )


def _append(row: Transaction, wallet: Wallet, state: State, writes: _Writes) -> None:
    """Make `row` the wallet's newest, as the wallet is now."""
    wallet.updated_at = row.created_at = state.now
    wallet.sequence += 1
    row.sequence = wallet.sequence
    row.balance_after, row.available_after = wallet.balance, wallet.available
    row.hash = wallet.head_hash = chain_hash(wallet.head_hash, row)
    writes.rows.append(row)


def _placed(operation: PlaceHold, amount: Decimal, now: datetime) -> Hold:
    return Hold(
        hold_id=operation.concerns,
        wallet_id=operation.user_id,
        amount=amount,
        expires_at=operation.expires_at,
        account_id=operation.account,
        created_at=now,
        updated_at=now,
    )


def _store(wallets: Sequence[Wallet]) -> None:
    """Each wallet's new state, as absolute values, in one statement however many they are.

    In SQL, because the ORM's bulk_update takes longer than a statement for each wallet, and its upsert asks for rights
    that the service does without (`manage.py database_grants`).
    """
    new_value = f"CASE user_id {'WHEN %s THEN %s ' * len(wallets)}END"
    assignments = ", ".join(f"{name} = {new_value}" for name in _STATE)
    keys = [wallet.pk for wallet in wallets]
    fields: list[Any] = [Wallet._meta.get_field(name) for name in _STATE]
    values = [
        value
        for field in fields
        for wallet in wallets
        for value in (wallet.pk, field.get_db_prep_save(getattr(wallet, field.name), connection))
    ]
    sql = f"UPDATE wallets SET {assignments} WHERE user_id IN ({', '.join(['%s'] * len(keys))})"  # noqa: S608  # no text of a caller's
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *keys])


def settled(outcome: Outcome) -> Posted:
    """The outcome's row. Raises what it was refused with; a FAILED row is an answer, and passes."""
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome

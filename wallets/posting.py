"""The one door that money goes through: deciding a batch of operations and writing what follows, in one commit.

The order is what makes it right and keeps it from deadlocks. First the locks, in user_id order, so that no two
postings can wait for each other; then the look-up of references, which is current because it comes after the lock
(READ COMMITTED); then the decisions; then the rows and the wallets' new state. Inserting first would deadlock: the
foreign key's check takes a shared lock on the wallet, which a second insert holds too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection
from django.db.transaction import atomic
from django.utils import timezone
from uuid_utils.compat import uuid7

from ledger import selectors as ledger
from ledger.database_errors import is_duplicate, is_transient
from ledger.hashing import chain_hash
from ledger.models import Status, Transaction
from ledger.retrying import retried
from ledger.services import record
from wallets.decisions import Failed, Moved, Refused, Replay, decide
from wallets.exceptions import OutcomeUnknown
from wallets.models import Wallet
from wallets.operations import Operation


@dataclass(frozen=True, slots=True)
class Posted:
    """The row that answers an operation; `replayed` when an earlier request wrote it."""

    transaction: Transaction
    replayed: bool


Outcome = Posted | Refused

_STATE = ("balance", "sequence", "head_hash", "updated_at")  # of a wallet, what a posting changes


def post(operations: Sequence[Operation]) -> list[Outcome]:
    """Decide `operations` in their order, write what follows in one database transaction, and answer each.

    One operation's refusal or failure is its own answer and touches no other. Outside of any `atomic()`, a transaction
    that the database gave up is tried again as a whole; raises OutcomeUnknown when that does not help. Inside a
    caller's `atomic()` it becomes part of it: no retry, its commit decides, and a database error dooms it.
    """
    # Made before the first try: when a commit's answer is lost, the next try finds the row and knows it as its own.
    transaction_ids = [uuid7() for _ in operations]

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


def _decide_and_write(operations: Sequence[Operation], transaction_ids: Sequence[UUID]) -> list[Outcome]:
    wallets = _lock({operation.user_id for operation in operations})
    known = ledger.by_reference(operation.reference_id for operation in operations)
    now = timezone.now()
    rows: list[Transaction] = []
    outcomes: list[Outcome] = []
    for operation, transaction_id in zip(operations, transaction_ids, strict=True):
        wallet = wallets.get(operation.user_id)
        match decide(operation, wallet, known.get(operation.reference_id)):
            case Refused() as refused:
                outcomes.append(refused)
            case Replay(transaction):
                outcomes.append(Posted(transaction, replayed=transaction.transaction_id != transaction_id))
            case Failed() | Moved() as decision:
                assert wallet is not None, "a decision to write comes with a wallet"
                row = _apply(operation, wallet, decision, transaction_id, now)
                rows.append(row)
                known[operation.reference_id] = row
                outcomes.append(Posted(row, replayed=False))
    if rows:
        record(rows)
        _store([wallets[user_id] for user_id in sorted({row.wallet_id for row in rows})])
    return outcomes


def _lock(user_ids: Iterable[int]) -> dict[int, Wallet]:
    """The wallets, each locked until the commit, in one order for everybody."""
    wallets = Wallet.objects.select_for_update().filter(pk__in=sorted(user_ids)).order_by("pk")
    return {wallet.pk: wallet for wallet in wallets}


def _apply(
    operation: Operation, wallet: Wallet, decision: Failed | Moved, transaction_id: UUID, now: datetime
) -> Transaction:
    """The new row, and the locked wallet brought to the state after it."""
    failure_reason = ""
    if isinstance(decision, Moved):
        wallet.balance = decision.balance
    else:
        failure_reason = decision.reason.value
    wallet.sequence += 1
    wallet.updated_at = now
    row = Transaction(
        transaction_id=transaction_id,
        wallet_id=wallet.pk,
        sequence=wallet.sequence,
        type=operation.type,
        kind=operation.kind,
        amount=operation.amount,
        status=Status.FAILED if failure_reason else Status.SUCCESS,
        failure_reason=failure_reason,
        balance_after=wallet.balance,
        available_after=wallet.available,
        account_id=operation.account,
        reference_id=operation.reference_id,
        created_at=now,
        description=operation.description,
        actor=operation.actor,
    )
    row.hash = wallet.head_hash = chain_hash(wallet.head_hash, row)
    return row


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

"""The one door that money goes through: deciding a batch of operations and writing what follows, in one commit.

The order is what makes it right and keeps it from deadlocks. First the locks, in user_id order, so that no two
postings can wait for each other; then the look-up of references, which is current because it comes after the lock
(READ COMMITTED); then the decisions; then the rows and the wallets' new state. Inserting first would deadlock: the
foreign key's check takes a shared lock on the wallet, which a second insert holds too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.transaction import atomic
from django.utils import timezone
from uuid_utils.compat import uuid7

from ledger import selectors as ledger
from ledger.database_errors import is_duplicate, is_transient
from ledger.models import Transaction
from ledger.prepared import Prepared
from ledger.retrying import retried
from ledger.services import record
from wallets.decisions import Done, Failed, Refused, Replay, State, decide
from wallets.drafts import Draft
from wallets.exceptions import OutcomeUnknown
from wallets.group_commit import GroupCommit
from wallets.holding import expire
from wallets.holding import store as store_holds
from wallets.limits import limits_of
from wallets.models import Hold, Wallet
from wallets.operations import Capture, Operation, Release, Reversal
from wallets.selectors import reversed_amounts, spent_by


@dataclass(frozen=True, slots=True)
class Posted:
    """The row that answers an operation; `replayed` when an earlier request wrote it."""

    transaction: Transaction
    replayed: bool


Outcome = Posted | Refused
Result = TypeVar("Result")


def post(operations: Sequence[Operation]) -> list[Outcome]:
    """Decide `operations` in their order, write what follows in one database transaction, and answer each.

    One operation's refusal or failure is its own answer and touches no other. Outside of any `atomic()`, a transaction
    that the database gave up is tried again as a whole; raises OutcomeUnknown when that does not help. Inside a
    caller's `atomic()` it becomes part of it: no retry, its commit decides, and a database error dooms it.

    One operation alone may be written together with those of other threads (`wallets.group_commit`); raises TooBusy
    when too many wait.
    """
    # Made before the first try: when a commit's answer is lost, the next try finds the row and knows it as its own.
    transaction_ids = [(uuid7(), uuid7()) for _ in operations]
    if settings.GROUP_COMMIT and len(operations) == 1 and not connection.in_atomic_block:
        asked = (operations[0], transaction_ids[0])
        return [_group.post(asked, most_waiting=settings.GROUP_COMMIT_QUEUE)]
    return in_one_transaction(lambda: _decide_and_write(operations, transaction_ids))


_Asked = tuple[Operation, tuple[UUID, UUID]]


def _together(asked: Sequence[_Asked]) -> list[Outcome]:
    """What several threads asked for, in one transaction that is tried once."""
    operations, transaction_ids = zip(*asked, strict=True)
    with atomic(savepoint=False):
        return _decide_and_write(operations, transaction_ids)


def _alone(asked: _Asked) -> Outcome:
    operation, transaction_ids = asked
    (outcome,) = in_one_transaction(lambda: _decide_and_write([operation], [transaction_ids]))
    return outcome


_group = GroupCommit(_together, _alone)


def in_one_transaction(write: Callable[[], Result], *, may_refuse: bool = False) -> Result:
    """What `write` answers, in a database transaction of its own that is tried again as a whole; or in the caller's.

    Raises OutcomeUnknown when trying again does not help. `write` may run several times. An error of `write` dooms a
    caller's transaction, unless it `may_refuse`: then what it wrote is undone, and the caller's can go on.
    """

    def once() -> Result:
        with atomic(savepoint=may_refuse):
            return write()

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


def note_expired(user_id: int) -> int:
    """Write down which holds of the wallet are over, and answer how many were. Raises what `post` raises."""
    return in_one_transaction(lambda: _note_expired(user_id))


def _note_expired(user_id: int) -> int:
    state = _state([], _lock([user_id]))
    draft = Draft(state)
    draft.note_expired(state.wallets[user_id])
    _write(draft)
    return len(draft.rows)


def _decide_and_write(operations: Sequence[Operation], transaction_ids: Sequence[tuple[UUID, UUID]]) -> list[Outcome]:
    wallets = _lock({user_id for operation in operations for user_id in operation.user_ids})
    state = _state(operations, wallets)
    draft = Draft(state)
    outcomes: list[Outcome] = []
    for operation, ids in zip(operations, transaction_ids, strict=True):
        match decide(operation, state):
            case Refused() as refused:
                outcomes.append(refused)
            case Replay(transaction):
                outcomes.append(Posted(transaction, replayed=transaction.transaction_id != ids[0]))
            case Failed() | Done() as decision:
                outcomes.append(Posted(draft.write(operation, decision, ids), replayed=False))
    _write(draft)
    return outcomes


def _lock(user_ids: Iterable[int]) -> dict[int, Wallet]:
    """The wallets, each locked until the commit, in one order for everybody."""
    wallets = (Wallet.from_db("default", _FIELDS, row) for row in _locked.rows(sorted(user_ids)))
    return {wallet.pk: wallet for wallet in wallets}


_FIELDS = [field.attname for field in Wallet._meta.concrete_fields]
_locked = Prepared(
    lambda user_ids: Wallet.objects.select_for_update().filter(pk__in=user_ids).order_by("pk").values_list(*_FIELDS)
)


def _state(operations: Sequence[Operation], wallets: dict[int, Wallet]) -> State:
    """What the decisions rest on, read under the locks; only what these operations and wallets make necessary."""
    known = ledger.by_reference(operation.reference_id for operation in operations)
    state = State(timezone.now(), wallets, known, alone=settings.WALLET_APPROVAL_LIMIT)
    if holding := [wallet for wallet in wallets.values() if wallet.held]:
        state.expired = expire(holding, state.now)
    if concerned := {operation.concerns for operation in operations if isinstance(operation, (Capture, Release))}:
        just_expired = {hold.pk: hold for holds in state.expired.values() for hold in holds}
        state.holds = Hold.objects.in_bulk(concerned) | just_expired
    if reversed_ := {operation.concerns for operation in operations if isinstance(operation, Reversal)}:
        state.reversed = reversed_amounts(reversed_)
    spending = {operation.user_id for operation in operations if operation.spends}
    for wallet in (wallets[user_id] for user_id in spending & wallets.keys()):
        limits = limits_of(wallet)
        if limits.daily is not None or limits.monthly is not None:
            state.spent[wallet.pk] = spent_by(wallet.pk, state.now)
    return state


def _write(draft: Draft) -> None:
    if draft.rows:
        record(draft.rows)
        wallets = [draft.state.wallets[user_id] for user_id in sorted({row.wallet_id for row in draft.rows})]
        holding = bool(draft.placed or draft.changed)
        _store(wallets, ("balance", "sequence", "head_hash", *(["held"] if holding else [])), draft.state.now)
        store_holds(placed=draft.placed, changed=draft.changed.values())


def _store(wallets: Sequence[Wallet], changed: Sequence[str], now: datetime) -> None:
    """What `changed` of each wallet, as absolute values, in one statement however many they are.

    In SQL, because the ORM's bulk_update takes longer than a statement for each wallet, and its upsert asks for rights
    that the service does without (`manage.py database_grants`).
    """
    new_value = f"CASE user_id {'WHEN %s THEN %s ' * len(wallets)}END"
    assignments = ", ".join(f"{name} = {new_value}" for name in changed)
    keys = [wallet.pk for wallet in wallets]
    fields: list[Any] = [Wallet._meta.get_field(name) for name in changed]
    here = connections[DEFAULT_DB_ALIAS]  # and not its proxy, which is asked for each value
    values = [
        value
        for field in fields
        for wallet in wallets
        for value in (wallet.pk, field.get_db_prep_save(getattr(wallet, field.name), here))
    ]
    values.append(Wallet._meta.get_field("updated_at").get_db_prep_save(now, here))
    sql = f"UPDATE wallets SET {assignments}, updated_at = %s WHERE user_id IN ({', '.join(['%s'] * len(keys))})"  # noqa: S608  # no text of a caller's
    with here.cursor() as cursor:
        cursor.execute(sql, [*values, *keys])


def settled(outcome: Outcome) -> Posted:
    """The outcome's row. Raises what it was refused with; a FAILED row is an answer, and passes."""
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome

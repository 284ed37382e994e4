"""Many operations in one database transaction: each for itself, or all or none."""

from collections.abc import Sequence
from functools import partial

from accounts.exceptions import NotPermitted
from ledger.exceptions import LedgerError
from ledger.models import Status
from ledger.selectors import require_account
from wallets.decisions import Refused
from wallets.exceptions import BatchRefused, TransactionFailed, WalletsError
from wallets.operations import Operation
from wallets.posting import Outcome, Posted, in_one_transaction, post

MOST_OPERATIONS = 1000

Result = Posted | LedgerError | WalletsError | NotPermitted


def carry_out_each(operations: Sequence[Operation]) -> list[Result]:
    """Post all of `operations`, in their order; one that fails or is refused touches no other.

    Answers each one's transaction, FAILED ones too, or what it was refused with. Raises OutcomeUnknown, after which the
    same batch can be sent again.
    """
    refused = {index: error for index, operation in enumerate(operations) if (error := _unknown_account(operation))}
    outcomes = iter(post([operation for index, operation in enumerate(operations) if index not in refused]))
    return [refused.get(index) or _result(next(outcomes)) for index in range(len(operations))]


def carry_out_all(operations: Sequence[Operation]) -> list[Posted]:
    """Post all of `operations`, or none of them.

    Raises BatchRefused, which says which was the first that cannot be carried out, and why; then nothing is stored,
    its FAILED row neither. Raises OutcomeUnknown, after which the same batch can be sent again.
    """
    for index, operation in enumerate(operations):
        if error := _unknown_account(operation):
            raise BatchRefused(index, error)
    return in_one_transaction(partial(_all_or_raise, operations), may_refuse=True)


def _all_or_raise(operations: Sequence[Operation]) -> list[Posted]:
    posted = []
    for index, outcome in enumerate(post(operations)):
        result = _result(outcome)
        if not isinstance(result, Posted):
            raise BatchRefused(index, result)
        if result.transaction.status == Status.FAILED:
            raise BatchRefused(index, TransactionFailed(result.transaction, replayed=result.replayed))
        posted.append(result)
    return posted


def _unknown_account(operation: Operation) -> LedgerError | None:
    if operation.counterparty is not None:
        return None
    try:
        require_account(operation.account)
    except LedgerError as error:
        return error
    return None


def _result(outcome: Outcome) -> Result:
    return outcome.error if isinstance(outcome, Refused) else outcome

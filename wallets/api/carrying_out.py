"""Operations in the name of whoever sent the request: what its key permits, and who it is, are on each of them."""

from collections.abc import Iterable
from dataclasses import replace

from rest_framework.request import Request

from accounts import limiter
from accounts.api.authentication import caller_of
from accounts.callers import Caller
from ledger.models import Status
from wallets import services
from wallets.exceptions import TransactionFailed
from wallets.operations import Operation
from wallets.posting import Posted


def carry_out(request: Request, operation: Operation) -> Posted:
    """Post `operation` in the name of the request's caller.

    Raises NotPermitted, TooManyRequests, and what `services.debit` raises.
    """
    caller = caller_of(request)
    limiter.require_room_for_failures(caller)
    try:
        return services.carry_out(in_the_name_of(caller, operation))
    except TransactionFailed as failed:
        limiter.count_failures(caller, 0 if failed.replayed else 1)
        raise


def in_the_name_of(caller: Caller, operation: Operation) -> Operation:
    """`operation` with who asks for it, and how much it may move. Raises NotPermitted for an account it may not use."""
    caller.require_account(operation.account)
    return replace(operation, actor=caller.actor, at_most=caller.largest_amount)


def count_failures(caller: Caller, posted: Iterable[object]) -> None:
    """Count those of a batch's results that are new FAILED rows."""
    failed = [
        each
        for each in posted
        if isinstance(each, Posted) and not each.replayed and each.transaction.status == Status.FAILED
    ]
    limiter.count_failures(caller, len(failed))

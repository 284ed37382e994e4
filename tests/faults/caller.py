"""A program that moves money until it is killed: `python -m tests.faults.caller JOURNAL USER_ID…`.

Before it asks for an operation it writes down that it begins, and after the answer what it was told. It never tries
again by itself, and it dies of any error that is not the one it was promised.
"""

import json
import os
import random
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import django


class Journal:
    """A file of lines that are there once `write` has returned, whatever becomes of this process."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, line: dict[str, Any]) -> None:
        """Add one line."""
        os.write(self._file, json.dumps(line).encode() + b"\n")


def main(path: str, *users: str) -> None:
    """Ask, and write down; for ever."""
    django.setup()
    from wallets.exceptions import OutcomeUnknown
    from wallets.operations import Operation
    from wallets.posting import Posted, post

    journal = Journal(path)
    asked: list[Operation] = []
    while True:
        operations = _operations(users, asked)
        for operation in operations:
            journal.write({"begin": operation.reference_id} | described(operation))
        try:
            outcomes = post(operations)
        except OutcomeUnknown:
            continue
        for operation, outcome in zip(operations, outcomes, strict=True):
            assert isinstance(outcome, Posted), outcome
            journal.write({"told": operation.reference_id, "answer": answer(outcome.transaction)})
        asked = [*asked[-50:], *operations]


def _operations(users: Sequence[str], asked: Sequence[Any]) -> list[Any]:
    if asked and random.random() < 0.1:
        return [random.choice(asked)]
    return [
        operation_of(
            {
                "kind": random.choice(["Credit", "Debit"]),
                "user_id": int(user_id),
                "amount": str(Decimal(random.randint(1, 9999)) / 100),
                "reference_id": str(uuid4()),
            }
        )
        for user_id in random.sample(users, 3 if random.random() < 0.3 else 1)
    ]


def described(operation: Any) -> dict[str, Any]:
    """What an operation asks for, as JSON."""
    return {
        "kind": type(operation).__name__,
        "user_id": operation.user_id,
        "amount": str(operation.amount),
        "reference_id": operation.reference_id,
    }


def operation_of(description: dict[str, Any]) -> Any:
    """The operation that `described` describes."""
    from wallets import operations

    values = {name: description[name] for name in ("user_id", "reference_id")}
    return getattr(operations, description["kind"])(amount=Decimal(description["amount"]), **values)


def answer(transaction: Any) -> list[str]:
    """What a caller is told of its transaction."""
    return [str(transaction.transaction_id), transaction.status, f"{transaction.balance_after:.4f}"]


if __name__ == "__main__":
    main(*sys.argv[1:])

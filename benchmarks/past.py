"""A long past: many wallets, each with many transactions, as years of use would leave them. Prints a key, last.

    python -m benchmarks.past --wallets 1000000 --each 10

Written by bulk insert, in a valid hash chain, in the order of time: a wallet's transactions lie far apart on the disk,
as they would. Run in a process of its own, with the service's environment, on an empty database.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import django
from django.db import connection, connections
from uuid_utils.compat import uuid7

from benchmarks.seeding import prepare
from ledger.hashing import chain_hash

ROWS = 1000  # in one statement
CREDIT, DEBIT = Decimal(1_000_000), Decimal(1)
DAYS = 365


def main() -> None:
    """Migrate, write the past, and make a key."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.past", description=__doc__)
    parser.add_argument("--wallets", type=int, required=True)
    parser.add_argument("--each", type=int, required=True, help="transactions of each wallet")
    options = parser.parse_args()
    prepare(partial(_write_all, options.wallets, options.each))


def _write_all(wallets: int, each: int) -> None:
    """As many processes as cores write the past of a part of the wallets each, at the same time."""
    connections.close_all()  # no process may go on with another's
    parts = os.cpu_count() or 1
    bounds = [wallets * part // parts for part in range(parts + 1)]
    with ProcessPoolExecutor(parts, initializer=django.setup) as pool:
        done = [pool.submit(_write, range(low + 1, high + 1), each) for low, high in pairwise(bounds)]
        for part in done:
            part.result()


def _write(users: range, each: int) -> None:
    """Turn by turn, a transaction of each of these users; at the end the wallets that they left."""
    from accounts.models import User
    from wallets.models import Wallet

    _trust_what_comes()
    for some in _slices(users):
        User.objects.bulk_create(User(user_id=n, user_name="A", user_email=f"{n}@b.c", user_phone=str(n)) for n in some)
    step = timedelta(days=DAYS) / (each * len(users))
    moment = datetime.now(UTC) - timedelta(days=DAYS)
    wallets = {number: Wallet(user_id=number) for number in users}
    for _ in range(each):
        for some in _slices(users):
            _write_one_each([wallets[number] for number in some], moment, step)
            moment += step * len(some)
    for some in _slices(users):
        Wallet.objects.bulk_create(wallets[number] for number in some)


def _trust_what_comes() -> None:
    """Wallets come after their transactions here."""
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")


def _slices(users: range) -> Iterator[range]:
    return (users[start : start + ROWS] for start in range(0, len(users), ROWS))


def _write_one_each(wallets: Sequence[Any], moment: datetime, step: timedelta) -> None:
    """The next transaction of each of these wallets: the first a credit, those after it debits."""
    from ledger.services import record

    rows = []
    for place, wallet in enumerate(wallets):
        at = moment + place * step
        wallet.balance += -DEBIT if wallet.sequence else CREDIT
        wallet.sequence += 1
        row = _transaction(wallet, at)
        row.hash = wallet.head_hash = chain_hash(wallet.head_hash, row)
        rows.append(row)
    record(rows)


def _transaction(wallet: Any, at: datetime) -> Any:
    from ledger.models import Transaction

    first = wallet.sequence == 1
    return Transaction(
        transaction_id=uuid7(nanoseconds=int(at.timestamp() * 1_000_000) * 1000),
        wallet_id=wallet.pk,
        sequence=wallet.sequence,
        type="CREDIT" if first else "DEBIT",
        kind="CREDIT" if first else "DEBIT",
        amount=CREDIT if first else DEBIT,
        status="SUCCESS",
        balance_after=wallet.balance,
        available_after=wallet.balance,
        account_id="external",
        reference_id=f"past-{wallet.pk}-{wallet.sequence}",
        created_at=at,
    )


if __name__ == "__main__":
    main()

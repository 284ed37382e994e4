"""How the database carries out what is asked most: the plan of each statement. Prints them as JSON.

Run in a process of its own, with the service's environment, on MariaDB or MySQL.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

_USER = 471  # of those that benchmarks.seeding and benchmarks.past make


def main() -> None:
    """Each plan: what is asked for, the table, how it is read, by which index, how many rows the database expects."""
    django.setup()
    print(json.dumps([line for name, ask in _asked().items() for line in _plans(name, ask)]))


def _asked() -> dict[str, Callable[[], object]]:
    from django.utils import timezone

    from ledger.models import Transaction
    from wallets import history, selectors, services

    now = timezone.now()
    row = Transaction.objects.filter(wallet_id=_USER).order_by("-sequence")[0]
    reference = f"plans-{secrets.token_hex(8)}"
    return {
        "debit": lambda: services.debit(user_id=_USER, amount=Decimal(1), reference_id=reference),
        "balance and 10 transactions": lambda: selectors.wallet_details(_USER, selectors.wallet_head(_USER)),
        "page of history": lambda: history.history(_USER, limit=20),
        "page further back": lambda: history.history(_USER, before=6, limit=20),
        "balance at a moment": lambda: history.balance_at(_USER, now - timedelta(days=100)),
        "what a reference became": lambda: history.of_reference(row.reference_id),
        "one transaction": lambda: selectors.require_transaction(row.transaction_id),
        "what reversed it": lambda: history.reversals_of(row.transaction_id),
        "spent in a day and a month": lambda: selectors.spent_by(_USER, now),
    }


def _plans(name: str, ask: Callable[[], object]) -> Iterator[dict[str, Any]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        ask()
    with connection.cursor() as cursor:
        for query in list(queries):
            sql = query["sql"]
            if sql.split()[0] not in {"SELECT", "UPDATE", "INSERT"}:
                continue
            cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {sql}")
            columns = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                line = dict(zip(columns, values, strict=True))
                yield {
                    "asked": name,
                    "statement": sql.split()[0],
                    "table": line["table"],
                    "access": line["type"],
                    "index": line["key"],
                    "rows": line["rows"],
                    "extra": line["Extra"] or "",
                }


if __name__ == "__main__":
    main()

"""What is read of a wallet is read by an index, and in its order: nothing is sorted, however long the history."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import new_wallet
from wallets import history, selectors
from wallets.operations import Credit
from wallets.posting import post
from wallets.statements import statement

pytestmark = pytest.mark.django_db

READS: dict[str, Callable[[int], object]] = {
    "balance and newest transactions": selectors.wallet_details,
    "first page": lambda user_id: history.history(user_id, limit=20),
    "page far back": lambda user_id: history.history(user_id, before=40, limit=20),
    "balance at a moment": lambda user_id: history.balance_at(user_id, timezone.now() - timedelta(seconds=1)),
    "statement": lambda user_id: list(statement(user_id, start=None, end=timezone.now()).lines()),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_nothing_is_sorted_and_no_table_is_read_through(read: Callable[[int], object]) -> None:
    wallets = [new_wallet().pk for _ in range(5)]
    for part in range(4):
        post(
            [
                Credit(user_id=wallets[number % 5], amount=1, reference_id=f"{part}-{number}")  # type: ignore[arg-type]
                for number in range(500)
            ]
        )
    with CaptureQueriesContext(connection) as queries:
        read(wallets[2])
    assert len(queries) > 0
    for query in list(queries):
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {query['sql']}")
            plan = str(cursor.fetchall())
        for sign in ("filesort", "temporary", "TEMP B-TREE", "SCAN ", "'ALL'"):
            assert sign not in plan, f"{query['sql']}\n{plan}"

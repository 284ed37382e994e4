"""What is read of a wallet is read by an index, and in its order: nothing is sorted, however long the history."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

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


def details(*user_ids: int) -> object:
    """What a lane asks for all of them at once."""
    heads = selectors._heads(user_ids)
    return selectors._details([(user_id, head) for user_id, head in zip(user_ids, heads, strict=True) if head])


READS: dict[str, Callable[[int], object]] = {
    "balance and newest transactions": details,
    "those of many": lambda user_id: details(user_id, user_id + 1),
    "those that are far back": lambda user_id: selectors._older.rows([user_id, 40]),
    "first page": lambda user_id: history.history(user_id, limit=20),
    "page far back": lambda user_id: history.history(user_id, before=40, limit=20),
    "balance at a moment": lambda user_id: history.balance_at(user_id, timezone.now() - timedelta(seconds=1)),
    "statement": lambda user_id: list(statement(user_id, start=None, end=timezone.now()).lines()),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_nothing_is_sorted_and_no_table_is_read_through(
    read: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallets.statements.LINES_AT_A_TIME", 50)
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
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN FORMAT=TRADITIONAL"
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {query['sql']}")
            plan = str(cursor.fetchall())
        for sign in ("filesort", "temporary", "TEMP B-TREE", "SCAN ", "'ALL'"):
            assert sign not in plan, f"{query['sql']}\n{plan}"


MIDDLE = 1000
RARE = history.Filters(min_amount=Decimal(5))
FAR: dict[str, tuple[Callable[[int], object], int]] = {
    "page": (lambda user_id: history.history(user_id, before=MIDDLE, limit=20), 20),
    "page of what is rare": (lambda user_id: history.history(user_id, filters=RARE, before=MIDDLE, limit=1), 400),
    "forged cursor": (lambda user_id: history.history(user_id, before=2**62, limit=20), 20),
    "newest": (details, selectors.NEWEST),
    "newest, and those of a wallet with few": (lambda user_id: details(user_id, user_id + 1), 2 * selectors.NEWEST),
}


@pytest.mark.engine("mysql")
@pytest.mark.parametrize(("read", "rows"), FAR.values(), ids=FAR.keys())
def test_what_is_asked_of_a_long_history_is_not_walked_to(read: Callable[[int], object], rows: int) -> None:
    wallet, with_few = new_wallet().pk, new_wallet().pk
    post([Credit(user_id=with_few, amount=Decimal(1), reference_id="few")])
    for part in range(4):
        amounts = [5 if (part, number) == (1, 200) else 1 for number in range(500)]
        post(
            [
                Credit(user_id=wallet, amount=amount, reference_id=f"{part}-{number}")  # type: ignore[arg-type]
                for number, amount in enumerate(amounts)
            ]
        )
    before = _rows_read()
    read(wallet)
    assert _rows_read() - before <= 2 * rows + 20


def _rows_read() -> int:
    """How many rows this connection has read by walking along an index or through a table."""
    walking = ("Handler_read_next", "Handler_read_prev", "Handler_read_rnd_next")
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS WHERE Variable_name IN %s", [walking])
        return sum(int(value) for _, value in cursor.fetchall())

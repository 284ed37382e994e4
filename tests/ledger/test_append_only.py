"""A transaction is written once: attacked through the model, with raw SQL, and through the admin's own machinery."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, models
from django.db.transaction import atomic

from ledger.append_only import MESSAGE, TRIGGERS, create_triggers, drop_triggers, missing_triggers
from ledger.exceptions import LedgerIsAppendOnly
from ledger.models import Transaction
from tests.conftest import NothingMoved
from tests.factories import new_wallet

pytestmark = pytest.mark.django_db


BY_MODEL: dict[str, Callable[[Transaction], Any]] = {
    "save": lambda row: row.save(),
    "save some fields": lambda row: row.save(update_fields=["amount"]),
    "save forced": lambda row: row.save(force_update=True),
    "delete": lambda row: row.delete(),
    "update": lambda row: Transaction.objects.update(amount=5),
    "update filtered": lambda row: Transaction.objects.filter(pk=row.pk).update(amount=5),
    "delete all": lambda row: Transaction.objects.all().delete(),
    "bulk_update": lambda row: Transaction.objects.bulk_update([row], ["amount"]),
    "update_or_create": lambda row: Transaction.objects.update_or_create(pk=row.pk, defaults={"amount": 5}),
    "bulk_create over it": lambda row: Transaction.objects.bulk_create(
        [row], update_conflicts=True, update_fields=["amount"]
    ),
    "bulk_create ignoring it": lambda row: Transaction.objects.bulk_create([row], ignore_conflicts=True),
    "through its wallet": lambda row: row.wallet.transactions.update(amount=5),
    "base manager": lambda row: Transaction._base_manager.filter(pk=row.pk).update(amount=5),
    "default manager": lambda row: Transaction._default_manager.all().delete(),
}


@pytest.mark.parametrize("attack", BY_MODEL.values(), ids=BY_MODEL.keys())
def test_the_model_refuses_to_change_a_row(attack: Callable[[Transaction], Any], nothing_moved: NothingMoved) -> None:
    new_wallet(100)
    row = Transaction.objects.get()
    with nothing_moved():
        row.amount = Decimal(5)
        with pytest.raises(LedgerIsAppendOnly):
            attack(row)


def test_a_copy_of_a_row_is_a_new_row_and_its_reference_is_taken(nothing_moved: NothingMoved) -> None:
    new_wallet(100)
    row = Transaction.objects.get()
    with nothing_moved(), pytest.raises(DatabaseError), atomic():
        row.pk, row._state.adding = None, True
        row.save()


def test_a_wallet_with_history_cannot_be_deleted(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        with pytest.raises(models.ProtectedError):
            wallet.delete()
        with pytest.raises(models.ProtectedError):
            wallet.user.delete()


BY_SQL = [
    "UPDATE transactions SET amount = 1",
    "UPDATE transactions SET hash = hash",
    "DELETE FROM transactions",
    "REPLACE INTO transactions SELECT * FROM transactions",
]
ON_DUPLICATE = {
    "mysql": "INSERT INTO transactions SELECT * FROM transactions AS old ON DUPLICATE KEY UPDATE balance_after = 0",
    "sqlite": "INSERT INTO transactions SELECT * FROM transactions WHERE 1 ON CONFLICT DO UPDATE SET balance_after = 0",
}


@pytest.mark.parametrize("sql", [*BY_SQL, "on duplicate"])
def test_the_database_refuses_to_change_a_row_whoever_asks(sql: str, nothing_moved: NothingMoved) -> None:
    new_wallet(100)
    if sql == "on duplicate":
        sql = ON_DUPLICATE[connection.vendor]
    with nothing_moved(), pytest.raises(DatabaseError, match=MESSAGE), atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_missing_triggers_are_noticed() -> None:
    assert missing_triggers(connection) == set()
    drop_triggers(connection)
    assert missing_triggers(connection) == set(TRIGGERS)
    create_triggers(connection)
    assert missing_triggers(connection) == set()

"""SQL that is written once answers and writes what the ORM does, on every engine."""

from decimal import Decimal
from time import sleep
from uuid import uuid4

import pytest
from django.db import connection
from django.db.transaction import atomic
from django.utils import timezone

from ledger import selectors as ledger
from ledger.models import Status, Transaction, Type
from ledger.services import record
from tests.factories import new_reference, new_wallet
from wallets import posting, selectors
from wallets.models import Wallet
from wallets.services import credit

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = [field.attname for field in Transaction._meta.concrete_fields]


def of(row: Transaction | Wallet) -> dict[str, object]:
    """All that a row says."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def a_row(wallet: Wallet, sequence: int, **more: object) -> Transaction:
    return Transaction(
        **{
            "transaction_id": uuid4(),
            "wallet_id": wallet.pk,
            "sequence": sequence,
            "type": Type.CREDIT,
            "kind": "CREDIT",
            "amount": Decimal("99999999999999.9999"),
            "status": Status.SUCCESS,
            "balance_after": Decimal("-0.0001"),
            "available_after": Decimal(0),
            "account_id": "external",
            "reference_id": new_reference(),
            "created_at": timezone.now(),
            "description": "it's \\ 100 % “Müller” 🙂",
            "counterparty": 2**63 - 1,
            "concerns": uuid4(),
            "metadata": {"order": "47'11 %s"},
            "hash": "0" * 64,
        }
        | more
    )


def test_a_row_that_is_recorded_reads_as_one_that_the_orm_has_saved() -> None:
    wallet = new_wallet()
    ours = [a_row(wallet, 1), a_row(wallet, 2, metadata=None, concerns=None, counterparty=None)]
    with atomic():
        record(ours)
    for row in ours:
        assert not row._state.adding
        read = Transaction.objects.get(pk=row.pk)
        assert of(read) == of(row)
        theirs = a_row(wallet, row.sequence + 10, **{name: getattr(row, name) for name in ("metadata", "concerns")})
        theirs.save()
        assert {name: type(value) for name, value in of(read).items()} == {
            name: type(value) for name, value in of(Transaction.objects.get(pk=theirs.pk)).items()
        } | ({} if row.counterparty else {"counterparty": type(None)})


def test_more_rows_than_one_statement_takes_are_all_recorded_with_their_keys() -> None:
    wallet = new_wallet()
    rows = [a_row(wallet, number) for number in range(1, 1503)]
    with atomic():
        record(rows)
    keys = dict(Transaction.objects.values_list("transaction_id", "pk"))
    assert {row.transaction_id: row.pk for row in rows} == keys


def test_wallets_that_are_locked_read_as_the_orm_reads_them() -> None:
    wallets = [new_wallet(number) for number in (100, 200, 300)]
    for count in (1, 2, 3, 2):
        keys = [wallet.pk for wallet in wallets[:count]]
        with atomic():
            locked = posting._lock(reversed(keys))
        assert list(locked) == keys
        for wallet in Wallet.objects.filter(pk__in=keys):
            assert of(locked[wallet.pk]) == of(wallet)
            assert not locked[wallet.pk]._state.adding


def test_references_are_found_as_the_orm_finds_them() -> None:
    wallet = new_wallet()
    references = [
        credit(user_id=wallet.pk, amount=5, reference_id=new_reference()).transaction.reference_id for _ in "123"
    ]
    for asked in (
        references,
        references[:1],
        [*references[1:], "never-used", "never-used"],
        ["mark 4611686018427387904"],
    ):
        found = ledger.by_reference(asked)
        expected = {row.reference_id: row for row in Transaction.objects.filter(reference_id__in=asked)}
        assert {name: of(row) for name, row in found.items()} == {name: of(row) for name, row in expected.items()}


def test_the_newest_transactions_are_those_that_the_orm_finds() -> None:
    wallet = new_wallet()
    for number in range(1, 13):
        credit(user_id=wallet.pk, amount=number, reference_id=new_reference())
    head = selectors.wallet_head(wallet.pk)
    details = selectors.wallet_details(wallet.pk, head)
    now = Wallet.objects.get(pk=wallet.pk)
    assert details.head == head == selectors.WalletHead(now.balance, now.sequence, now.head_hash)
    newest = Transaction.objects.filter(wallet=wallet).order_by("-sequence")[:10]
    assert details.transactions == [{name: of(row)[name] for name in details.transactions[0]} for row in newest]


def test_the_newest_of_many_wallets_are_those_of_each() -> None:
    asked = [new_wallet(balance).pk for balance in (0, 1, 2, 0, 3)]
    for number in range(1, 13):
        credit(user_id=asked[1], amount=number, reference_id=new_reference())
    heads = [selectors.wallet_head(user_id) for user_id in asked]
    found = selectors._details(list(zip(asked, heads, strict=True)) * 2)
    assert found == [selectors.wallet_details(*each) for each in zip(asked, heads, strict=True)] * 2
    assert [len(each.transactions) for each in found] == [0, 10, 1, 0, 1] * 2


def rows_locked_here() -> int:
    """How many rows this connection's own transaction has locked; other tests have theirs on the same server."""
    sleep(0.2)  # the server makes this table anew when nobody has read it for a tenth of a second
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT trx_rows_locked FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()"
        )
        found = cursor.fetchone()
        return int(found[0]) if found else 0


@pytest.mark.engine("mysql")
def test_what_is_asked_for_update_is_locked() -> None:
    wallet = new_wallet()
    with atomic():
        posting._lock([wallet.pk])
        assert rows_locked_here() == 1

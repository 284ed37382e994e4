"""The one door: a batch at a time, in one database transaction, in one order of locks."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.db.transaction import atomic
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ledger.models import Transaction
from tests.factories import new_reference, new_user, new_wallet
from wallets import services
from wallets.batches import carry_out_all
from wallets.decisions import Refused
from wallets.exceptions import BatchRefused, DuplicateReference, TransactionFailed, WalletNotFound
from wallets.models import Hold, Wallet
from wallets.operations import Credit, Debit
from wallets.posting import Posted, post, settled

pytestmark = pytest.mark.django_db


def credit(user_id: int, amount: int | str, reference: str) -> Credit:
    return Credit(user_id=user_id, amount=Decimal(amount), reference_id=reference)


def debit(user_id: int, amount: int | str, reference: str) -> Debit:
    return Debit(user_id=user_id, amount=Decimal(amount), reference_id=reference)


def balances(*wallets: Wallet) -> list[Decimal]:
    return [Wallet.objects.get(pk=wallet.pk).balance for wallet in wallets]


def test_a_batch_is_decided_in_its_order_each_operation_for_itself() -> None:
    one, two = new_wallet(), new_wallet(50)
    outcomes = post(
        [
            credit(one.pk, 10, "a"),
            debit(one.pk, 4, "b"),
            debit(one.pk, 100, "c"),
            credit(10**9, 1, "d"),
            debit(two.pk, 50, "e"),
            credit(one.pk, 1, "f"),
        ]
    )
    rows = [outcome.transaction if isinstance(outcome, Posted) else outcome.error for outcome in outcomes]
    assert isinstance(rows[3], WalletNotFound)
    written = [(row.status, row.balance_after, row.sequence) for row in rows if isinstance(row, Transaction)]
    assert written == [("SUCCESS", 10, 1), ("SUCCESS", 6, 2), ("FAILED", 6, 3), ("SUCCESS", 0, 2), ("SUCCESS", 7, 4)]
    assert balances(one, two) == [7, 0]


def test_the_same_reference_twice_in_a_batch_takes_effect_once() -> None:
    wallet = new_wallet()
    first, again, other = post([credit(wallet.pk, 5, "r"), credit(wallet.pk, 5, "r"), credit(wallet.pk, 6, "r")])
    assert isinstance(first, Posted)
    assert isinstance(again, Posted)
    assert isinstance(other, Refused)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.transaction == again.transaction
    assert isinstance(other.error, DuplicateReference)
    assert balances(wallet) == [5]


@pytest.mark.parametrize("size", [1, 3])
def test_every_row_comes_back_with_its_primary_key(size: int) -> None:
    wallet = new_wallet()
    for outcome in post([credit(wallet.pk, 1, f"r{number}") for number in range(size)]):
        assert isinstance(outcome, Posted)
        row = outcome.transaction
        assert Transaction.objects.get(pk=row.pk).transaction_id == row.transaction_id


def test_an_empty_batch_does_nothing() -> None:
    assert post([]) == []


def test_wallets_are_locked_first_in_user_id_order_and_references_are_looked_up_after() -> None:
    low, high = new_wallet(), new_wallet()
    with CaptureQueriesContext(connection) as queries:
        post([credit(high.pk, 1, "a"), credit(low.pk, 1, "b"), credit(high.pk, 1, "c")])
    sql = [
        query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    lock, look_up, *writes = sql
    insert, store = [statement for statement in writes if not statement.startswith("SELECT")]
    assert f"IN ({low.pk}, {high.pk})" in lock
    assert re.search(r"ORDER BY \S+user_id\S ASC", lock)
    assert "reference_id" in look_up
    assert insert.startswith("INSERT INTO")
    assert store.startswith("UPDATE wallets SET ")
    if connection.vendor == "mysql":
        assert lock.endswith("FOR UPDATE")


def test_a_replay_and_a_conflict_write_nothing() -> None:
    wallet = new_wallet()
    post([credit(wallet.pk, 1, "a")])
    with CaptureQueriesContext(connection) as queries:
        post([credit(wallet.pk, 1, "a"), credit(wallet.pk, 2, "a")])
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]


class OrderFailed(Exception):
    """Something after the payment went wrong."""


def test_inside_a_callers_atomic_both_are_written_or_neither() -> None:
    wallet = new_wallet(100)
    with atomic():
        user = new_user()
        services.debit(user_id=wallet.pk, amount=30, reference_id="kept")
    assert User.objects.filter(pk=user.pk).exists()
    assert balances(wallet) == [70]

    with pytest.raises(OrderFailed), atomic():
        other = new_user()
        services.debit(user_id=wallet.pk, amount=30, reference_id="undone")
        raise OrderFailed
    assert not User.objects.filter(pk=other.pk).exists()
    assert balances(wallet) == [70]
    assert not Transaction.objects.filter(reference_id="undone").exists()


def test_an_order_is_not_saved_when_its_payment_is_refused() -> None:
    wallet = new_wallet(10)
    with pytest.raises(TransactionFailed), atomic():
        user = new_user()
        services.debit(user_id=wallet.pk, amount=30, reference_id="r")
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Transaction.objects.filter(reference_id="r").exists()


def test_a_caller_that_handles_the_refusal_keeps_the_failed_row_and_its_own_work() -> None:
    wallet = new_wallet(10)
    with atomic():
        user = new_user()
        with pytest.raises(TransactionFailed, match="Insufficient balance"):
            services.debit(user_id=wallet.pk, amount=30, reference_id="r")
    assert User.objects.filter(pk=user.pk).exists()
    assert Transaction.objects.get(reference_id="r").status == "FAILED"


def test_the_references_are_looked_up_after_the_lock_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up before the lock would miss what another caller commits while this one waits for it."""
    wallet = new_wallet()
    reference = new_reference()
    from wallets import posting

    lock = posting._lock

    def someone_else_was_faster(user_ids: set[int]) -> dict[int, Wallet]:
        monkeypatch.setattr(posting, "_lock", lock)
        services.credit(user_id=wallet.pk, amount=5, reference_id=reference)
        return lock(user_ids)

    monkeypatch.setattr(posting, "_lock", someone_else_was_faster)
    posted = services.credit(user_id=wallet.pk, amount=5, reference_id=reference)
    assert posted.replayed
    assert balances(wallet) == [5]


def test_a_transfer_a_hold_and_a_batch_are_part_of_a_callers_atomic_too() -> None:
    sender, receiver = new_wallet(100), new_wallet()
    rows = Transaction.objects.count()

    def pay() -> None:
        user = new_user()
        services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=10, reference_id=f"t{user.pk}")
        services.place_hold(user_id=sender.pk, amount=10, reference_id=f"h{user.pk}")
        carry_out_all([Credit(user_id=receiver.pk, amount=Decimal(1), reference_id=f"b{user.pk}")])

    with pytest.raises(OrderFailed), atomic():
        pay()
        raise OrderFailed
    assert (Transaction.objects.count(), Hold.objects.count(), User.objects.count()) == (rows, 0, 2)
    with atomic():
        pay()
    assert (Transaction.objects.count(), Hold.objects.count(), User.objects.count()) == (rows + 4, 1, 3)


def test_a_batch_of_all_or_none_that_is_refused_leaves_a_callers_atomic_whole() -> None:
    wallet = new_wallet(5)
    with atomic():
        services.credit(user_id=wallet.pk, amount=1, reference_id="before")
        with pytest.raises(BatchRefused, match="Operation 1: Insufficient balance"):
            carry_out_all(
                [
                    Credit(user_id=wallet.pk, amount=Decimal(1), reference_id="a"),
                    Debit(user_id=wallet.pk, amount=Decimal(50), reference_id="b"),
                ]
            )
        services.credit(user_id=wallet.pk, amount=1, reference_id="after")
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.sequence) == (7, 3)


def test_what_one_batch_reverses_is_bounded_too() -> None:
    wallet = new_wallet(100)
    row = services.debit(user_id=wallet.pk, amount=50, reference_id="d").transaction
    reversals = [services.reversal(row, amount=Decimal(30), reference_id=f"r{n}", reason="") for n in range(3)]
    statuses = [settled(outcome).transaction.status for outcome in post(reversals)]
    assert statuses == ["SUCCESS", "FAILED", "FAILED"]

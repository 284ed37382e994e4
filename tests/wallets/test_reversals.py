"""What was done, undone: in whole or in parts, each part once, and never more than there was."""

from decimal import Decimal
from uuid import UUID

import pytest

from ledger.models import Transaction
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, verify
from tests.conftest import NothingMoved
from tests.factories import new_wallet
from wallets import services
from wallets.exceptions import DuplicateReference, NotReversible, TransactionFailed, TransactionNotFound
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def balances(*wallets: Wallet) -> list[Decimal]:
    assert verify(Scope(), {}).findings == []
    return [Wallet.objects.values_list("balance", flat=True).get(pk=wallet.pk) for wallet in wallets]


def test_a_credit_is_reversed_by_a_debit_and_a_debit_by_a_credit() -> None:
    wallet = new_wallet()
    credited = services.credit(user_id=wallet.pk, amount=100, reference_id="c", account="adjustments").transaction
    debited = services.debit(user_id=wallet.pk, amount=30, reference_id="d").transaction
    for original, reference, type_, after in ((debited, "rd", "CREDIT", 100), (credited, "rc", "DEBIT", 0)):
        for _ in range(2):
            posted = services.reverse(
                transaction_id=original.transaction_id, reference_id=reference, reason="Wrong", actor="asha"
            )
        row = posted.transaction
        assert posted.replayed
        assert (row.kind, row.type, row.amount, row.account_id) == (
            *("REVERSAL", type_),
            *(original.amount, original.account_id),
        )
        assert (row.concerns, row.description, row.actor) == (original.transaction_id, "Wrong", "asha")
        assert balances(wallet) == [after]


def test_several_parts_never_come_to_more_than_the_original() -> None:
    wallet = new_wallet(100)
    original = services.debit(user_id=wallet.pk, amount=50, reference_id="d").transaction.transaction_id
    services.reverse(transaction_id=original, amount=20, reference_id="r1")
    with pytest.raises(TransactionFailed, match="Reversal exceeds what is left of the transaction"):
        services.reverse(transaction_id=original, amount=Decimal("30.01"), reference_id="r2")
    services.reverse(transaction_id=original, reference_id="r3")
    with pytest.raises(TransactionFailed, match="Reversal exceeds what is left"):
        services.reverse(transaction_id=original, reference_id="r4")
    assert balances(wallet) == [100]
    assert Transaction.objects.get(reference_id="r3").amount == 30


def test_a_reversal_of_all_that_is_left_is_not_one_that_names_the_amount() -> None:
    wallet = new_wallet(100)
    original = services.debit(user_id=wallet.pk, amount=50, reference_id="d").transaction.transaction_id
    services.reverse(transaction_id=original, reference_id="r")
    assert services.reverse(transaction_id=original, reference_id="r").replayed
    services.debit(user_id=wallet.pk, amount=50, reference_id="d2")
    for amount in (50, 20):
        with pytest.raises(DuplicateReference):
            services.reverse(transaction_id=original, amount=amount, reference_id="r")
    assert balances(wallet) == [50]


def test_of_a_transfer_both_sides_are_reversed_whichever_is_named() -> None:
    sender, receiver = new_wallet(100), new_wallet()
    services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=50, reference_id="t")
    sent, received = Transaction.objects.filter(reference_id="t").order_by("leg")
    services.reverse(transaction_id=sent.transaction_id, amount=20, reference_id="r1")
    services.reverse(transaction_id=received.transaction_id, amount=10, reference_id="r2")
    assert balances(sender, receiver) == [80, 20]
    for reference in ("r1", "r2"):
        taken, given = Transaction.objects.filter(reference_id=reference).order_by("leg")
        assert (taken.wallet_id, taken.type, taken.concerns) == (receiver.pk, "DEBIT", received.transaction_id)
        assert (given.wallet_id, given.type, given.concerns) == (sender.pk, "CREDIT", sent.transaction_id)
        assert (taken.counterparty, given.counterparty) == (sender.pk, receiver.pk)
    with pytest.raises(TransactionFailed, match="Reversal exceeds"):
        services.reverse(transaction_id=sent.transaction_id, amount=Decimal("20.01"), reference_id="r3")
    assert all(balance.holds for balance in trial_balances())


def test_what_was_spent_cannot_be_taken_back_and_what_is_left_can() -> None:
    wallet = new_wallet()
    original = services.credit(user_id=wallet.pk, amount=100, reference_id="c").transaction.transaction_id
    services.debit(user_id=wallet.pk, amount=70, reference_id="d")
    with pytest.raises(TransactionFailed, match="Insufficient balance"):
        services.reverse(transaction_id=original, reference_id="r1")
    services.reverse(transaction_id=original, amount=30, reference_id="r2")
    assert balances(wallet) == [0]


def test_a_capture_can_be_reversed_and_its_hold_stays_closed() -> None:
    wallet = new_wallet(100)
    hold = services.place_hold(user_id=wallet.pk, amount=60, reference_id="h").transaction.concerns
    assert hold is not None
    captured = services.capture_hold(hold_id=hold, reference_id="c").transaction.transaction_id
    services.reverse(transaction_id=captured, reference_id="r")
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.held) == (100, 0)


def test_what_moved_nothing_or_is_a_reversal_cannot_be_reversed(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with pytest.raises(TransactionFailed):
        services.debit(user_id=wallet.pk, amount=1000, reference_id="failed")
    services.place_hold(user_id=wallet.pk, amount=1, reference_id="held")
    services.reverse(
        transaction_id=Transaction.objects.order_by("sequence")[0].transaction_id, amount=1, reference_id="reversal"
    )
    with nothing_moved():
        for reference, sentence in (
            ("failed", "Only a transaction that moved money"),
            ("held", "Only a transaction that moved money"),
            ("reversal", "A reversal cannot be reversed"),
        ):
            transaction_id = Transaction.objects.get(reference_id=reference).transaction_id
            with pytest.raises(NotReversible, match=sentence):
                services.reverse(transaction_id=transaction_id, reference_id="r")
        with pytest.raises(TransactionNotFound):
            services.reverse(transaction_id=UUID(int=1), reference_id="r")


def test_a_reference_of_a_reversal_names_that_reversal_alone() -> None:
    wallet = new_wallet(100)
    first = services.debit(user_id=wallet.pk, amount=10, reference_id="d1").transaction.transaction_id
    second = services.debit(user_id=wallet.pk, amount=10, reference_id="d2").transaction.transaction_id
    services.reverse(transaction_id=first, reference_id="r")
    with pytest.raises(DuplicateReference):
        services.reverse(transaction_id=second, reference_id="r")
    with pytest.raises(DuplicateReference):
        services.reverse(transaction_id=first, amount=9, reference_id="r")
    with pytest.raises(DuplicateReference):
        services.credit(user_id=wallet.pk, amount=10, reference_id="r")
    assert balances(wallet) == [90]

"""Money from one wallet to another: both sides, or one refusal."""

from decimal import Decimal

import pytest

from ledger.models import Transaction
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, verify
from tests.conftest import NothingMoved
from tests.factories import new_wallet
from wallets import services
from wallets.exceptions import DuplicateReference, InvalidTransfer, TransactionFailed, WalletNotFound
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def balances(*wallets: Wallet) -> list[Decimal]:
    return [Wallet.objects.values_list("balance", flat=True).get(pk=wallet.pk) for wallet in wallets]


def test_a_transfer_writes_both_sides_under_one_reference() -> None:
    sender, receiver = new_wallet(100), new_wallet(5)
    posted = services.transfer(
        from_user_id=sender.pk,
        to_user_id=receiver.pk,
        amount=30,
        reference_id="t",
        description="Rent",
        metadata={"month": "2026-02"},
        actor="shop",
    )
    assert balances(sender, receiver) == [70, 35]
    out, into = Transaction.objects.filter(reference_id="t").order_by("leg")
    assert posted.transaction.transaction_id == out.transaction_id
    for row, wallet, type_, other in ((out, sender, "DEBIT", receiver), (into, receiver, "CREDIT", sender)):
        assert (row.wallet_id, row.type, row.counterparty) == (wallet.pk, type_, other.pk)
        assert (row.kind, row.amount, row.status, row.account_id) == ("TRANSFER", 30, "SUCCESS", "transfers")
        assert (row.description, row.metadata, row.actor) == ("Rent", {"month": "2026-02"}, "shop")
    assert out.transaction_id != into.transaction_id
    assert [dict(balance.lines).get("transfers") for balance in trial_balances()] == [0]
    assert verify(Scope(), {}).findings == []


def test_a_transfer_that_cannot_be_paid_is_one_failed_row_of_the_sender() -> None:
    sender, receiver = new_wallet(20), new_wallet()
    for _ in range(2):
        with pytest.raises(TransactionFailed, match="Insufficient balance"):
            services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=30, reference_id="t")
    (row,) = Transaction.objects.filter(reference_id="t")
    assert (row.wallet_id, row.status, row.counterparty) == (sender.pk, "FAILED", receiver.pk)
    assert balances(sender, receiver) == [20, 0]


def test_a_transfer_again_is_a_replay_and_to_somebody_else_a_conflict() -> None:
    sender, receiver, third = new_wallet(100), new_wallet(), new_wallet()
    first = services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=30, reference_id="t")
    again = services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=30, reference_id="t")
    assert (again.replayed, again.transaction.transaction_id) == (True, first.transaction.transaction_id)
    for from_user_id, to_user_id in ((sender.pk, third.pk), (receiver.pk, sender.pk)):
        with pytest.raises(DuplicateReference):
            services.transfer(from_user_id=from_user_id, to_user_id=to_user_id, amount=30, reference_id="t")
    assert balances(sender, receiver, third) == [70, 30, 0]


def test_a_transfer_that_makes_no_sense_is_refused(nothing_moved: NothingMoved) -> None:
    sender, yen = new_wallet(100), new_wallet(currency="JPY")
    with nothing_moved():
        with pytest.raises(InvalidTransfer, match="must be two users"):
            services.transfer(from_user_id=sender.pk, to_user_id=sender.pk, amount=1, reference_id="t")
        with pytest.raises(InvalidTransfer, match="different currencies"):
            services.transfer(from_user_id=sender.pk, to_user_id=yen.pk, amount=1, reference_id="t")
        for from_user_id, to_user_id in ((sender.pk, 2**62), (2**62, sender.pk)):
            with pytest.raises(WalletNotFound):
                services.transfer(from_user_id=from_user_id, to_user_id=to_user_id, amount=1, reference_id="t")

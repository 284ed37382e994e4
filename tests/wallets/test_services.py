"""The services, as other Django code calls them."""

from decimal import Decimal

import pytest

from accounts.exceptions import UserNotFound
from ledger.exceptions import InvalidAmount, InvalidReference, UnknownAccount
from ledger.models import Transaction
from tests.factories import new_user, new_wallet
from wallets import services
from wallets.exceptions import DuplicateReference, TransactionFailed, WalletExists, WalletNotFound
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_a_wallet_is_created_in_the_default_currency() -> None:
    wallet = services.create_wallet(user_id=new_user().user_id)
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.available, wallet.currency, wallet.status) == (0, 0, "INR", "ACTIVE")


def test_a_wallet_needs_a_user_and_a_user_has_one() -> None:
    user = new_user()
    services.create_wallet(user_id=user.user_id)
    with pytest.raises(WalletExists):
        services.create_wallet(user_id=user.user_id)
    with pytest.raises(UserNotFound):
        services.create_wallet(user_id=user.user_id + 1)


def test_a_credit_answers_the_row_it_wrote() -> None:
    wallet = new_wallet()
    posted = services.credit(user_id=wallet.pk, amount=Decimal("10.50"), reference_id="r")
    row = Transaction.objects.get()
    assert posted.transaction.transaction_id == row.transaction_id
    assert (row.wallet_id, row.sequence, row.type, row.kind) == (wallet.pk, 1, "CREDIT", "CREDIT")
    assert (row.amount, row.balance_after, row.available_after) == (Decimal("10.5"),) * 3
    assert (row.status, row.failure_reason, row.account_id, row.leg) == ("SUCCESS", "", "external", 0)


def test_a_refused_debit_raises_and_its_row_stays() -> None:
    wallet = new_wallet(5)
    with pytest.raises(TransactionFailed, match="Insufficient balance") as refused:
        services.debit(user_id=wallet.pk, amount=6, reference_id="r")
    assert refused.value.facts == {"available": 5, "required": 6}
    assert not refused.value.replayed
    assert Transaction.objects.get(reference_id="r").status == "FAILED"


@pytest.mark.parametrize("amount", [0.1, 1.0, 0, -1, Decimal("NaN"), None, Decimal("0.001")])
def test_an_amount_that_is_none_is_refused(amount: object) -> None:
    wallet = new_wallet(5)
    with pytest.raises(InvalidAmount):
        services.debit(user_id=wallet.pk, amount=amount, reference_id="r")  # type: ignore[arg-type]
    assert Transaction.objects.count() == 1


def test_a_reference_that_is_none_is_refused() -> None:
    wallet = new_wallet(5)
    with pytest.raises(InvalidReference):
        services.debit(user_id=wallet.pk, amount=1, reference_id="a b")
    assert Transaction.objects.count() == 1


def test_an_unknown_wallet_and_a_used_reference_are_refused() -> None:
    wallet = new_wallet(5)
    services.debit(user_id=wallet.pk, amount=1, reference_id="r")
    with pytest.raises(WalletNotFound):
        services.debit(user_id=wallet.pk + 1, amount=1, reference_id="s")
    with pytest.raises(DuplicateReference):
        services.debit(user_id=wallet.pk, amount=2, reference_id="r")
    assert Transaction.objects.count() == 2


def test_transaction_ids_grow_at_one_end_of_their_index() -> None:
    wallet = new_wallet()
    ids = [
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"r{number}").transaction.transaction_id
        for number in range(50)
    ]
    assert ids == sorted(ids)
    assert {transaction_id.version for transaction_id in ids} == {7}


def test_a_computed_amount_counts_by_its_value() -> None:
    wallet = new_wallet(100)
    services.debit(user_id=wallet.pk, amount=Decimal("9.90") * Decimal("1.00"), reference_id="order")
    wallet.refresh_from_db()
    assert wallet.balance == Decimal("90.1")


@pytest.mark.parametrize(("status", "reason"), [("FROZEN", "Wallet is frozen"), ("CLOSED", "Wallet is closed")])
def test_money_of_a_wallet_that_is_not_active_does_not_move(status: str, reason: str) -> None:
    wallet = new_wallet(100)
    Wallet.objects.filter(pk=wallet.pk).update(status=status)
    for move in (services.credit, services.debit):
        with pytest.raises(TransactionFailed, match=reason):
            move(user_id=wallet.pk, amount=1, reference_id=move.__name__)
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.sequence) == (100, 3)
    assert Transaction.objects.filter(status="FAILED", failure_reason=reason).count() == 2


def test_the_account_of_a_movement_is_named_and_known() -> None:
    wallet = new_wallet(100)
    services.debit(user_id=wallet.pk, amount=1, reference_id="a", account="adjustments")
    assert Transaction.objects.get(reference_id="a").account_id == "adjustments"
    for code in ("no_such_account", "transfers"):
        with pytest.raises(UnknownAccount, match=f"Unknown account: {code}"):
            services.debit(user_id=wallet.pk, amount=1, reference_id="b", account=code)
    with pytest.raises(DuplicateReference):
        services.debit(user_id=wallet.pk, amount=1, reference_id="a")
    assert Transaction.objects.count() == 2

"""The hash chain: as docs/hash-chain.md has it, to the byte."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from ledger.hashing import GENESIS, chain_hash
from ledger.models import Transaction
from tests.factories import new_wallet
from wallets import services
from wallets.exceptions import TransactionFailed

EXAMPLE = Transaction(
    transaction_id=UUID("01a2043c-6ce1-753f-aa55-b0807cdd7ac3"),
    wallet_id=1,
    sequence=1,
    type="CREDIT",
    kind="CREDIT",
    amount=Decimal(1000),
    status="SUCCESS",
    failure_reason="",
    balance_after=Decimal("1000.0000"),
    available_after=Decimal(1000),
    account_id="external",
    reference_id="credit-ref-001",
    leg=0,
    created_at=datetime(2026, 2, 11, 10, 0, tzinfo=UTC),
)
WRITTEN = (
    "15:wallet-ledger-1,64:0000000000000000000000000000000000000000000000000000000000000000,"
    "36:01a2043c-6ce1-753f-aa55-b0807cdd7ac3,1:1,1:1,6:CREDIT,6:CREDIT,9:1000.0000,7:SUCCESS,0:,9:1000.0000,9:1000.0000,"
    "8:external,14:credit-ref-001,1:0,27:2026-02-11T10:00:00.000000Z,"
)


def test_the_written_form_is_the_one_in_the_documentation() -> None:
    assert chain_hash(GENESIS, EXAMPLE) == hashlib.sha256(WRITTEN.encode()).hexdigest()


def test_the_documentation_has_this_example() -> None:
    from django.conf import settings

    text = (settings.BASE_DIR / "docs" / "hash-chain.md").read_text().replace("\n    ", "")
    assert WRITTEN in text
    assert chain_hash(GENESIS, EXAMPLE) in text


@pytest.mark.django_db
def test_every_row_continues_the_chain_and_the_wallet_keeps_its_head() -> None:
    wallet = new_wallet()
    services.credit(user_id=wallet.pk, amount=Decimal("10.55"), reference_id="a")
    with pytest.raises(TransactionFailed):
        services.debit(user_id=wallet.pk, amount=100, reference_id="b")
    services.debit(user_id=wallet.pk, amount=Decimal("0.5"), reference_id="c")
    previous = GENESIS
    for row in Transaction.objects.order_by("sequence"):
        assert row.hash == chain_hash(previous, row), "a row read back gives the hash it was written with"
        previous = row.hash
    wallet.refresh_from_db()
    assert wallet.head_hash == previous != GENESIS

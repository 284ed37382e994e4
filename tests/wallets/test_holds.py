"""Money set aside: captured in parts, let go, or over."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from ledger.models import Transaction
from ledger.verification import Scope, verify
from tests.conftest import NothingMoved
from tests.factories import new_wallet
from wallets import holds, services
from wallets.exceptions import (
    DuplicateReference,
    HoldClosed,
    HoldNotFound,
    InvalidHold,
    TransactionFailed,
)
from wallets.models import Hold, Wallet

pytestmark = pytest.mark.django_db


def place(wallet: Wallet, amount: Decimal | int = 60, reference_id: str = "h", hours: int | None = None) -> UUID:
    expires_at = None if hours is None else timezone.now() + timedelta(hours=hours)
    posted = services.place_hold(
        user_id=wallet.pk, amount=amount, reference_id=reference_id, expires_at=expires_at, account="adjustments"
    )
    assert posted.transaction.concerns is not None
    return posted.transaction.concerns


def figures(wallet: Wallet) -> tuple[Decimal, Decimal, Decimal]:
    wallet.refresh_from_db()
    assert verify(Scope(), {}).findings == []
    return wallet.balance, wallet.held, wallet.available


def test_a_hold_sets_money_aside_and_moves_none() -> None:
    wallet = new_wallet(100)
    hold = Hold.objects.get(pk=place(wallet))
    assert (hold.wallet_id, hold.amount, hold.captured, hold.status, hold.account_id) == (
        *(wallet.pk, 60, 0, "OPEN"),
        "adjustments",
    )
    assert figures(wallet) == (100, 60, 40)
    row = Transaction.objects.get(reference_id="h")
    assert (row.status, row.kind, row.type, row.balance_after, row.available_after) == (
        "HELD",
        "HOLD",
        "DEBIT",
        100,
        40,
    )
    with pytest.raises(TransactionFailed, match="Insufficient balance"):
        services.debit(user_id=wallet.pk, amount=41, reference_id="d")


def test_a_hold_of_more_than_there_is_fails_and_holds_nothing() -> None:
    wallet = new_wallet(100)
    for _ in range(2):
        with pytest.raises(TransactionFailed, match="Insufficient balance"):
            place(wallet, Decimal("100.01"))
    row = Transaction.objects.get(reference_id="h")
    assert (row.status, row.concerns, Hold.objects.count()) == ("FAILED", None, 0)
    assert figures(wallet) == (100, 0, 100)


def test_placing_a_hold_again_answers_the_same_hold() -> None:
    wallet = new_wallet(100)
    assert place(wallet) == place(wallet)
    with pytest.raises(DuplicateReference):
        place(wallet, 61)
    with pytest.raises(DuplicateReference):
        services.debit(user_id=wallet.pk, amount=60, reference_id="h", account="adjustments")
    assert figures(wallet) == (100, 60, 40)


def test_a_capture_again_must_ask_for_the_same() -> None:
    wallet = new_wallet(100)
    hold_id = place(wallet)
    for reference, asked in {"part": {"amount": 25}, "final": {"amount": 10, "final": True}}.items():
        assert not services.capture_hold(hold_id=hold_id, reference_id=reference, **asked).replayed  # type: ignore[arg-type]
        assert services.capture_hold(hold_id=hold_id, reference_id=reference, **asked).replayed  # type: ignore[arg-type]
        for other in ({}, {"amount": 26}, asked | {"final": not asked.get("final", False)}):
            with pytest.raises(DuplicateReference):
                services.capture_hold(hold_id=hold_id, reference_id=reference, **other)  # type: ignore[arg-type]
    assert figures(wallet) == (65, 0, 65)


def test_a_hold_is_captured_in_parts_and_each_part_once() -> None:
    wallet = new_wallet(100)
    hold_id = place(wallet)
    for _ in range(2):
        services.capture_hold(hold_id=hold_id, amount=25, reference_id="c1")
    assert figures(wallet) == (75, 35, 40)
    with pytest.raises(TransactionFailed, match="Capture exceeds what is held"):
        services.capture_hold(hold_id=hold_id, amount=Decimal("35.01"), reference_id="c2")
    for _ in range(2):
        services.capture_hold(hold_id=hold_id, reference_id="c3")
    assert figures(wallet) == (40, 0, 40)
    assert Hold.objects.values_list("captured", "status").get() == (60, "CAPTURED")
    rows = Transaction.objects.filter(concerns=hold_id, status="SUCCESS").order_by("sequence")
    assert [(row.kind, row.amount, row.account_id) for row in rows] == [
        ("CAPTURE", 25, "adjustments"),
        ("CAPTURE", 35, "adjustments"),
    ]
    with pytest.raises(TransactionFailed, match="Hold is captured"):
        services.capture_hold(hold_id=hold_id, amount=1, reference_id="c4")


def test_a_final_capture_lets_the_rest_go() -> None:
    wallet = new_wallet(100)
    hold_id = place(wallet)
    services.capture_hold(hold_id=hold_id, amount=10, reference_id="c", final=True, account="external")
    assert figures(wallet) == (90, 0, 90)
    assert Hold.objects.values_list("captured", "status").get() == (10, "CAPTURED")
    assert Transaction.objects.get(reference_id="c").account_id == "external"


def test_a_hold_is_released_once_and_then_cannot_be_captured() -> None:
    wallet = new_wallet(100)
    hold_id = place(wallet)
    services.capture_hold(hold_id=hold_id, amount=10, reference_id="c")
    for _ in range(2):
        row = holds.release(hold_id=hold_id).transaction
        assert (row.kind, row.status, row.amount, row.available_after) == ("RELEASE", "HELD", 50, 90)
    assert Hold.objects.get().status == "RELEASED"
    assert figures(wallet) == (90, 0, 90)
    with pytest.raises(TransactionFailed, match="Hold is released"):
        services.capture_hold(hold_id=hold_id, reference_id="late")
    assert figures(wallet) == (90, 0, 90)


def test_a_captured_hold_cannot_be_released() -> None:
    hold_id = place(new_wallet(100))
    services.capture_hold(hold_id=hold_id, reference_id="c")
    with pytest.raises(HoldClosed, match="Hold is captured"):
        holds.release(hold_id=hold_id)


def test_an_expired_hold_counts_no_more_from_that_moment_on() -> None:
    wallet = new_wallet(100)
    hold_id = place(wallet, hours=1)
    other = place(wallet, 10, "h2", hours=9)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        with pytest.raises(TransactionFailed, match="Hold has expired"):
            services.capture_hold(hold_id=hold_id, reference_id="c")
        with pytest.raises(HoldClosed, match="Hold has expired"):
            holds.release(hold_id=hold_id)
        services.debit(user_id=wallet.pk, amount=90, reference_id="d")
        with pytest.raises(TransactionFailed, match="Insufficient balance"):
            services.debit(user_id=wallet.pk, amount=1, reference_id="d2")
    assert figures(wallet) == (10, 10, 0)
    assert dict(Hold.objects.values_list("pk", "status")) == {hold_id: "EXPIRED", other: "OPEN"}
    (row,) = Transaction.objects.filter(kind="EXPIRY")
    assert (row.concerns, row.amount, row.held_after, row.status) == (hold_id, 60, 10, "HELD")


def test_expire_holds_tidies_up_and_may_be_run_at_any_time(capsys: pytest.CaptureFixture[str]) -> None:
    wallets = [new_wallet(100), new_wallet(100)]
    for number, wallet in enumerate(wallets):
        place(wallet, 10, f"a{number}", hours=1)
        place(wallet, 20, f"b{number}", hours=1)
        place(wallet, 30, f"c{number}")
    call_command("expire_holds")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        call_command("expire_holds", "--dry-run")
        assert Hold.objects.filter(status="EXPIRED").count() == 0
        call_command("expire_holds")
        call_command("expire_holds")
    assert capsys.readouterr().out.splitlines() == [
        "0 holds are over.",
        "4 holds are over; they would be noted as EXPIRED.",
        "4 holds are over.",
        "0 holds are over.",
    ]
    assert [figures(wallet) for wallet in wallets] == [(100, 30, 70)] * 2


def test_a_hold_that_cannot_be_is_refused(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        with pytest.raises(InvalidHold, match="must be in the future"):
            place(wallet, hours=-1)
        with pytest.raises(InvalidHold, match="time zone"):
            services.place_hold(
                user_id=wallet.pk,
                amount=1,
                reference_id="h",
                expires_at=timezone.now().replace(tzinfo=None) + timedelta(days=1),
            )
        with pytest.raises(HoldNotFound):
            services.capture_hold(hold_id=UUID(int=1), reference_id="c")
        with pytest.raises(HoldNotFound):
            holds.release(hold_id=UUID(int=1))

"""Transfers, holds and reversals at the same moment, in real threads on a real database."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connections

from ledger.models import Transaction
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, verify, verify_whole
from tests.conftest import Api, Reply
from tests.factories import new_wallet
from wallets import services
from wallets.models import Hold, Wallet

pytestmark = pytest.mark.django_db(transaction=True)

Together = Callable[[Sequence[Callable[[], Reply]]], list[Reply]]
STRESS_SECONDS = float(os.environ.get("STRESS_SECONDS", "3"))


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def assert_proved() -> None:
    assert verify(Scope(), {}).findings == []
    assert list(verify_whole({})) == []


def placed(wallet: Wallet, amount: int = 60) -> str:
    hold = services.place_hold(user_id=wallet.pk, amount=amount, reference_id="h").transaction.concerns
    return f"/holds/{hold}"


def test_captures_at_once_take_what_is_held_and_no_more(together: Together) -> None:
    hold = placed(new_wallet(100))
    replies = together(
        [partial(Api().post, f"{hold}/capture", {"amount": 25, "referenceId": f"c{n}"}) for n in range(8)]
    )
    assert statuses(replies) == {200: 2, 400: 6}
    assert {reply.body["error"] for reply in replies if reply.status == 400} == {"Capture exceeds what is held"}
    assert Hold.objects.values_list("captured", "status").get() == (50, "OPEN")
    assert_proved()


def test_a_capture_and_a_release_at_once_have_one_winner(together: Together) -> None:
    for _ in range(6):
        wallet = new_wallet(100)
        hold = services.place_hold(user_id=wallet.pk, amount=60, reference_id=f"h{wallet.pk}").transaction.concerns
        captured, released = together(
            [
                partial(Api().post, f"/holds/{hold}/capture", {"referenceId": f"c{wallet.pk}"}),
                partial(Api().post, f"/holds/{hold}/release", {}),
            ]
        )
        wallet.refresh_from_db()
        if captured.status == 200:
            assert released.answer == (409, {"error": "Hold is captured"})
            assert (wallet.balance, wallet.held) == (40, 0)
        else:
            assert captured.answer == (400, {"error": "Hold is released"})
            assert released.status == 200
            assert (wallet.balance, wallet.held) == (100, 0)
    assert_proved()


def test_the_same_hold_placed_by_many_at_once_is_placed_once(together: Together) -> None:
    wallet = new_wallet(100)
    body = {"amount": 60, "referenceId": "h"}
    replies = together([partial(Api().post, f"/wallets/{wallet.pk}/holds", body)] * 16)
    assert len({reply.text for reply in replies}) == 1
    assert Counter(reply.headers.get("Idempotent-Replayed") for reply in replies) == {None: 1, "true": 15}
    assert Hold.objects.count() == 1
    assert_proved()


@pytest.mark.parametrize("kind", ["debit", "transfer"])
def test_reversals_at_once_never_come_to_more_than_the_original(together: Together, kind: str) -> None:
    wallet, other = new_wallet(100), new_wallet()
    if kind == "debit":
        original = services.debit(user_id=wallet.pk, amount=50, reference_id="d").transaction
    else:
        original = services.transfer(
            from_user_id=wallet.pk, to_user_id=other.pk, amount=50, reference_id="d"
        ).transaction
    path = f"/transactions/{original.transaction_id}/reverse"
    bodies: list[Any] = [{"amount": 20, "referenceId": f"r{n}", "reason": "Why"} for n in range(8)]
    replies = together([partial(Api().post, path, body) for body in bodies])
    assert statuses(replies) == {200: 2, 400: 6}
    wallet.refresh_from_db()
    assert wallet.balance == 90
    assert_proved()


def test_two_who_send_to_each_other_never_wait_for_each_other(together: Together) -> None:
    one, two = new_wallet(1000).pk, new_wallet(1000).pk
    bodies = [
        {"fromUserId": sender, "toUserId": receiver, "amount": 1, "referenceId": f"{sender}-{number}"}
        for number in range(12)
        for sender, receiver in ((one, two), (two, one))
    ]
    replies = together([partial(Api().post, "/transfers", body) for body in bodies])
    assert statuses(replies) == {200: 24}
    assert set(Wallet.objects.values_list("balance", flat=True)) == {1000}
    assert_proved()


def test_money_sent_round_a_ring_stays_the_same_money() -> None:
    """Sixteen callers for STRESS_SECONDS: round a ring and across it, with holds, reversals and repeats between."""
    wallets = [new_wallet(100).pk for _ in range(8)]
    until = time.monotonic() + STRESS_SECONDS
    answers: list[Reply] = []

    def caller(name: int) -> None:
        dice, api = random.Random(name), Api()
        sent: list[tuple[str, dict[str, Any]]] = []
        try:
            while time.monotonic() < until:
                place = dice.randrange(8)
                reference = f"{name}-{len(sent)}"
                body = {
                    "fromUserId": wallets[place],
                    "toUserId": wallets[(place + (1 if name % 2 else dice.randint(1, 7))) % 8],
                    "amount": dice.randint(1, 60),
                    "referenceId": reference,
                }
                call: tuple[str, dict[str, Any]] = ("/transfers", body)
                if sent and dice.random() < 0.15:
                    call = dice.choice(sent)
                elif answers and dice.random() < 0.15:
                    transaction = dice.choice(answers).headers["Transaction-Id"]
                    call = (
                        f"/transactions/{transaction}/reverse",
                        {"referenceId": reference, "reason": "Why", "amount": dice.randint(1, 30)},
                    )
                sent.append(call)
                reply = api.post(*call)
                if "Transaction-Id" in reply.headers:
                    answers.append(reply)
                else:
                    assert reply.body["error"] in {
                        "Only a transaction that moved money can be reversed",
                        "A reversal cannot be reversed",
                    }, reply.text
        finally:
            connections.close_all()

    threads = [threading.Thread(target=caller, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses(answers)) == {200, 400}, statuses(answers)
    assert len(answers) > 100
    assert sum(Wallet.objects.values_list("balance", flat=True)) == Decimal(800)
    assert [dict(balance.lines)["transfers"] for balance in trial_balances()] == [0]
    answered = {reply.headers["Transaction-Id"] for reply in answers}
    assert Transaction.objects.filter(leg=0).count() == 8 + len(answered), "each was answered, and none is there twice"
    assert_proved()

"""Many callers at the same moment, in real threads on a real database."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connections

from accounts.models import User
from ledger.models import Transaction
from tests.conftest import Api, Reply
from tests.factories import new_user, new_wallet
from tests.invariants import assert_ledger_is_sound
from wallets.models import Wallet

pytestmark = pytest.mark.django_db(transaction=True)

Together = Callable[[Sequence[Callable[[], Reply]]], list[Reply]]
STRESS_SECONDS = float(os.environ.get("STRESS_SECONDS", "3"))


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def test_fifty_callers_with_one_reference_take_effect_once(together: Together) -> None:
    wallet = new_wallet()
    replies = together([partial(Api().credit, wallet.pk, 10, "one")] * 50)
    assert {reply.text for reply in replies} == {'{"message":"Wallet credited successfully","balance":10}'}
    assert Counter(reply.headers.get("Idempotent-Replayed") for reply in replies) == {None: 1, "true": 49}
    assert len({reply.headers["Transaction-Id"] for reply in replies}) == 1
    assert_ledger_is_sound()
    assert Wallet.objects.get().balance == 10


def test_one_reference_for_two_wallets_takes_effect_on_one_of_them(together: Together) -> None:
    wallets = [new_wallet() for _ in range(8)]
    replies = together([partial(Api().credit, wallet.pk, 10, "one") for wallet in wallets])
    assert statuses(replies) == {200: 1, 409: 7}
    assert Transaction.objects.count() == 1
    assert_ledger_is_sound()


def test_eight_callers_debiting_30_from_100_spend_what_is_there(together: Together) -> None:
    wallet = new_wallet(100)
    replies = together([partial(Api().debit, wallet.pk, 30, f"debit-{number}") for number in range(8)])
    assert statuses(replies) == {200: 3, 400: 5}
    assert sorted(reply.body["balance"] for reply in replies if reply.status == 200) == [10, 40, 70]
    assert Transaction.objects.filter(status="FAILED", failure_reason="Insufficient balance").count() == 5
    wallet.refresh_from_db()
    assert wallet.balance == 10
    assert_ledger_is_sound()


def test_a_refused_debit_sent_many_times_at_once_is_refused_once_and_replayed(together: Together) -> None:
    wallet = new_wallet(10)
    replies = together([partial(Api().debit, wallet.pk, 11, "one")] * 16)
    assert {reply.text for reply in replies} == {'{"error":"Insufficient balance"}'}
    assert Transaction.objects.filter(wallet=wallet).count() == 2


def test_the_same_user_created_at_once_is_created_once(together: Together) -> None:
    body = {"userId": 1, "user_name": "A", "user_email": "a@example.com", "user_phone": "1"}
    replies = together([partial(Api().post, "/users", body)] * 16)
    assert statuses(replies) == {201: 1, 409: 15}
    assert User.objects.count() == 1


def test_users_that_share_some_of_their_keys_are_created_or_refused_never_in_between(together: Together) -> None:
    dice = random.Random(5)
    for _ in range(4):
        bodies = [
            {
                "userId": dice.randint(1, 3),
                "user_name": "A",
                "user_email": f"{dice.randint(1, 3)}@example.com",
                "user_phone": f"{dice.randint(1, 3)}",
            }
            for _ in range(40)
        ]
        replies = together([partial(Api().post, "/users", body) for body in bodies])
        assert set(statuses(replies)) <= {201, 409}
        User.objects.all().delete()


def test_the_same_wallet_created_at_once_is_created_once(together: Together) -> None:
    user = new_user()
    replies = together([partial(Api().post, "/wallets", {"userId": user.user_id})] * 16)
    assert statuses(replies) == {201: 1, 409: 15}
    assert Wallet.objects.count() == 1


def test_a_reader_sees_the_balance_that_the_newest_transaction_left() -> None:
    wallet = new_wallet()
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(1, 101):
                assert Api().credit(wallet.pk, 1, f"{number}").status == 200
        finally:
            done.set()
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        body = Api().get(f"/wallets/{wallet.pk}").body
        newest = int(body["transactions"][0]["reference_id"]) if body["transactions"] else 0
        assert body["balance"] == newest
        shown = [int(line["reference_id"]) for line in body["transactions"]]
        assert shown == list(range(newest, max(newest - 10, 0), -1))
        seen.add(newest)
    writer.join()
    assert len(seen) > 5, "the reader did not read while the writer wrote"


def test_random_traffic_on_twenty_wallets_leaves_every_balance_explained() -> None:
    """Sixteen callers for STRESS_SECONDS; every fifth call repeats an earlier one, as a retrying client would."""
    wallets = [new_wallet(50).pk for _ in range(20)]
    until = time.monotonic() + STRESS_SECONDS
    answers: list[Reply] = []

    def caller(name: int) -> None:
        dice = random.Random(name)
        sent: list[tuple[Callable[..., Reply], int, int, str]] = []
        api = Api()
        try:
            while time.monotonic() < until:
                if sent and dice.random() < 0.2:
                    call, user_id, amount, reference = dice.choice(sent)
                else:
                    call = dice.choice([api.credit, api.debit])
                    user_id, amount, reference = dice.choice(wallets), dice.randint(1, 40), f"{name}-{len(sent)}"
                    sent.append((call, user_id, amount, reference))
                answers.append(call(user_id, amount, reference))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=caller, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses(answers)) == {200, 400}, statuses(answers)
    assert len(answers) > 100
    assert Transaction.objects.count() == 20 + len({reply.headers["Transaction-Id"] for reply in answers})
    assert_ledger_is_sound()

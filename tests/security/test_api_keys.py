"""API keys: shown once, kept as a hash, known again, ended."""

import hashlib
import logging
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from accounts import api_keys
from accounts.api_keys import caller_with, create_key, revoke_key
from accounts.exceptions import ApiKeyNotFound, InvalidApiKey, InvalidApiKeyRequest
from accounts.key_text import FORM
from accounts.models import ApiClient, ApiKey
from accounts.scopes import Scope
from ledger.exceptions import UnknownAccount
from tests.conftest import Api
from tests.factories import new_wallet
from tests.security.conftest import caller, new_key

pytestmark = pytest.mark.django_db

READ = [Scope.WALLETS_READ]


def status(key: str) -> int:
    return Api(key).get(f"/wallets/{new_wallet().pk}").status


def test_a_key_gets_in_and_only_its_hash_is_kept() -> None:
    text = new_key(scopes=READ)
    key = ApiKey.objects.get()
    parts = FORM.fullmatch(text)
    assert parts is not None
    prefix, secret = parts.groups()
    assert (key.prefix, key.secret_hash) == (prefix, hashlib.sha256(secret.encode()).hexdigest())
    everything = repr(list(ApiKey.objects.values())) + repr(list(ApiClient.objects.values()))
    assert secret not in everything
    assert status(text) == 200


def test_no_two_keys_are_alike() -> None:
    assert len({new_key() for _ in range(50)}) == 50
    assert ApiClient.objects.count() == 1, "several keys of one client: one is changed for another without a pause"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "Send an API key, as Authorization: Bearer mws_…"),
        ("", "Send the API key as Authorization: Bearer mws_…"),
        ("Basic c2hvcDpzaG9w", "Send the API key as Authorization: Bearer mws_…"),
        ("Bearer", "The API key is not valid"),
        ("Bearer ", "The API key is not valid"),
        ("Bearer mws_abc", "The API key is not valid"),
        ("Bearer " + "x" * 100_000, "The API key is not valid"),
        (f"Bearer mws_{'a' * 12}_{'b' * 43}", "The API key is not valid"),
        ("Bearer {key} ", "The API key is not valid"),
        ("Bearer  {key}", "The API key is not valid"),
        ("Bearer {key}x", "The API key is not valid"),
        ("Bearer {KEY}", "The API key is not valid"),
        ("Bearer {other_secret}", "The API key is not valid"),
        ("Bearer {key}, Bearer {key}", "The API key is not valid"),
    ],
)
def test_what_is_no_key_is_401_and_says_how_to_send_one(header: str | None, said: str) -> None:
    key = new_key()
    other = f"{key[:16]}_{new_key()[17:]}"
    wallet = new_wallet()
    headers = (
        {}
        if header is None
        else {"Authorization": header.format(key=key, KEY=key.upper(), other_secret=other) if "{" in header else header}
    )
    reply = Api().get(f"/wallets/{wallet.pk}", **headers)
    assert reply.answer == (401, {"error": said})
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="mini-wallet"')


def test_the_scheme_may_be_written_in_any_case() -> None:
    for scheme in ("bearer", "BEARER"):
        assert Api().get(f"/wallets/{new_wallet().pk}", Authorization=f"{scheme} {new_key()}").status == 200


def test_a_revoked_key_is_out_and_stays_out() -> None:
    text = new_key()
    assert status(text) == 200
    prefix = ApiKey.objects.get().prefix
    assert revoke_key(prefix=prefix, revoked_by="bela")
    assert Api(text).get("/wallets/1").answer == (401, {"error": "The API key was revoked"})
    assert not revoke_key(prefix=prefix, revoked_by="carl"), "once"
    key = ApiKey.objects.get()
    assert (key.state, key.revoked_by) == ("revoked", "bela")
    with pytest.raises(ApiKeyNotFound):
        revoke_key(prefix="nothing", revoked_by="asha")


def test_a_revocation_by_another_process_holds_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(api_keys, "monotonic", lambda: now[0])
    text = new_key()
    caller_with(text)
    ApiKey.objects.update(revoked_at=timezone.now())  # as another process does, which cannot clear what we trust
    now[0] += 0.99
    with pytest.raises(InvalidApiKey, match="The API key was revoked"):
        caller_with(text)


def test_a_key_is_looked_up_by_one_query_and_not_again_at_once(django_assert_num_queries: Any) -> None:
    text = new_key()
    ApiKey.objects.update(last_used_at=timezone.now())
    with django_assert_num_queries(1):
        for _ in range(5):
            caller_with(text)


def test_what_is_trusted_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "_MOST_TRUSTED", 3)
    for text in [new_key() for _ in range(5)]:
        caller_with(text)
        assert len(api_keys._trusted) <= 3
    for _ in range(5):
        with pytest.raises(InvalidApiKey):
            caller_with("mws_nobody")
    assert len(api_keys._trusted) <= 3, "what is no key is not kept"


def test_a_key_expires_at_its_moment_also_while_it_is_trusted() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        text = new_key(expires_at=timezone.now() + timedelta(seconds=10))
        clock.shift(9.9)
        assert status(text) == 200
        clock.shift(0.1)
        assert Api(text).get("/wallets/1").answer == (401, {"error": "The API key has expired"})
    assert ApiKey.objects.get().state == "good"


def test_when_a_key_was_last_used_is_noted_now_and_then() -> None:
    text = new_key()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for minutes, noted in ((0, 0), (9, 0), (10, 10), (15, 10)):
            clock.move_to(start + timedelta(minutes=minutes))
            api_keys._trusted.clear()
            caller_with(text)
            assert ApiKey.objects.get().last_used_at == start + timedelta(minutes=noted), minutes


def test_a_last_use_that_cannot_be_noted_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    text = new_key()

    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(ApiKey.objects.all().__class__, "update", locked)
    with caplog.at_level(logging.WARNING):
        assert caller_with(text).name == "shop"
    assert "not noted: database is locked" in caplog.text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"client": "Shop"}, "name: must be lower-case letters, digits, dots, _ and -, such as shop-backend"),
        ({"client": "staff:asha"}, "name: must be lower-case letters"),
        ({"client": ""}, "name: This field cannot be blank."),
        ({"client": "x" * 61}, "name: Ensure this value has at most 60 characters"),
        ({"scopes": []}, "scopes: "),
        ({"scopes": ["wallets:everything"]}, "scopes: must be one or more of .*, not wallets:everything"),
        ({"largest_amount": Decimal(0)}, "largest_amount: "),
        ({"largest_amount": Decimal(-5)}, "largest_amount: "),
        ({"requests_per_minute": 0}, "requests_per_minute: "),
        ({"expires_at": timezone.now()}, "A key must expire in the future"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(what: dict[str, Any], said: str) -> None:
    asked: dict[str, Any] = {"client": "shop", "scopes": READ, "created_by": "asha"}
    with pytest.raises(InvalidApiKeyRequest, match=said):
        create_key(**asked | what)
    assert not ApiKey.objects.exists()
    assert not ApiClient.objects.exists()


def test_a_key_cannot_be_bound_to_an_account_that_is_not_there_or_only_clears() -> None:
    for code in ("nowhere", "transfers"):
        with pytest.raises(UnknownAccount):
            new_key(accounts=[code])
    assert not ApiKey.objects.exists()


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_makes_lists_and_revokes() -> None:
    out, err = run(
        *("create", "shop", "--scopes", "wallets:read,wallets:write", "--accounts", "external", "--days", "30"),
        *("--largest-amount", "99.50", "--requests-per-minute", "60", "--operator", "asha"),
    )
    text = out.strip()
    assert "shown this once. It may: wallets:read wallets:write." in err
    assert status(text) == 200
    listed, _ = run("list")
    may = "wallets:read wallets:write · accounts external · at most 99.5 · 60 requests a minute"
    assert listed.startswith(f"{text[:16]}_…  shop · good · {may}")
    assert text[17:] not in listed
    assert run("list", "another") == ("", "")
    assert run("revoke", text)[0] == f"Revoked: {text[:16]}_…\n", "the whole key will do"
    assert run("revoke", text[4:16])[0] == f"Was revoked before: {text[:16]}_…\n"
    assert " revoked " in run("list", "shop")[0]
    key = ApiKey.objects.get()
    assert (key.created_by, key.largest_amount, key.requests_per_minute) == ("asha", Decimal("99.5"), 60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "shop", "--scopes", "everything"), "scopes: must be one or more of"),
        (("create", "shop", "--scopes", "wallets:read", "--days", "0"), "--days must be from 1 to 36500."),
        (("create", "shop", "--scopes", "wallets:read", "--largest-amount", "much"), "Amount must be a number"),
        (("create", "shop", "--scopes", "wallets:read", "--accounts", "nowhere"), "Unknown account: nowhere"),
        (("create", "shop", "--scopes", "wallets:read", "--accounts", ""), "must not be empty"),
        (("revoke", "mws_nothing"), "No API key has this prefix."),
    ],
)
def test_wrong_arguments_are_said_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    assert not ApiKey.objects.exists()


def test_who_moved_money_is_on_the_transaction() -> None:
    from ledger.models import AuditRecord, Transaction

    shop = caller()
    sender, receiver = new_wallet(100), new_wallet()
    before = Transaction.objects.count()
    shop.credit(sender.pk, 1, "c")
    shop.debit(sender.pk, 1000, "refused")
    shop.post("/transfers", {"fromUserId": sender.pk, "toUserId": receiver.pk, "amount": 1, "referenceId": "t"})
    hold_id = shop.post(f"/wallets/{sender.pk}/holds", {"amount": 2, "referenceId": "h"}).body["holdId"]
    shop.post(f"/holds/{hold_id}/capture", {"amount": 1, "referenceId": "p"})
    shop.post(f"/holds/{hold_id}/release", {})
    credited = Transaction.objects.get(reference_id="c").transaction_id
    shop.post(f"/transactions/{credited}/reverse", {"referenceId": "r", "reason": "Wrong"})
    operation = {"op": "credit", "userId": sender.pk, "amount": 1, "referenceId": "b"}
    shop.post("/batches", {"atomic": True, "operations": [operation]})
    actors = Transaction.objects.order_by("pk").values_list("actor", flat=True)[before:]
    assert list(actors) == ["client:shop"] * 9
    shop.post(f"/wallets/{sender.pk}/freeze", {"reason": "Why"})
    assert AuditRecord.objects.get().actor == "client:shop"

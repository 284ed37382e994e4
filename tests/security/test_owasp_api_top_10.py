"""The OWASP API Security Top 10 of 2023, line by line: what was tried, and that it does not work here.

API7 (server side request forgery) and API10 (unsafe consumption of APIs) do not apply: the service calls nobody.
"""

import hmac
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import api_keys
from accounts.exceptions import InvalidApiKey
from accounts.models import ApiKey, User
from accounts.scopes import Scope
from ledger.models import Account, Transaction
from tests.conftest import Api, NothingMoved
from tests.factories import StaffFactory, new_user, new_wallet
from tests.security.conftest import caller, new_key
from wallet_project.api.request_id import DiscreetFormatter, LogFilter
from wallets import selectors
from wallets.models import Hold, Wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
at_one_moment = time_machine.travel(NOW, tick=False)


@pytest.fixture
def accounts() -> None:
    for code in ("bank", "promotions"):
        Account.objects.create(code=code, name=code)


# --- API1:2023 Broken object level authorization ----------------------------------------------------------------------


def test_api1_another_clients_reference_tells_nothing_of_it(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    shop, other = caller("shop"), caller("other")
    assert shop.debit(wallet.pk, 30, "order-1").status == 200
    with nothing_moved():
        replies = {
            other.debit(wallet.pk, 30, "order-1").text,
            other.debit(wallet.pk, 31, "order-1").text,
            other.credit(wallet.pk, 30, "order-1").text,
        }
        assert replies == {'{"error":"Duplicate referenceId"}'}, "the same whether it was guessed or not"
        headers = other.debit(wallet.pk, 30, "order-1").headers
        assert not {"Transaction-Id", "Idempotent-Replayed"} & set(headers)
        assert shop.debit(wallet.pk, 30, "order-1").headers["Idempotent-Replayed"] == "true"
        assert caller("shop").debit(wallet.pk, 30, "order-1").status == 200, "another key of the same client"


def test_api1_another_clients_reference_in_a_batch_tells_nothing_either(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    caller("shop").debit(wallet.pk, 30, "order-1")
    operation = {"op": "debit", "userId": wallet.pk, "amount": 30, "referenceId": "order-1"}
    with nothing_moved():
        (result,) = caller("other").post("/batches", {"atomic": False, "operations": [operation]}).body["results"]
        assert (result["status"], result["error"], result["balance"]) == ("REFUSED", "Duplicate referenceId", None)
        reply = caller("other").post("/batches", {"atomic": True, "operations": [operation]})
        assert reply.answer == (409, {"error": "Operation 0: Duplicate referenceId"})


def test_api1_a_key_bound_to_accounts_reaches_no_others_by_any_way(accounts: None, nothing_moved: NothingMoved) -> None:
    wallet, other = new_wallet(100), new_wallet(100)
    bank, promotions = caller("bank"), caller("promotions", accounts=["promotions"])
    assert (
        promotions.post(
            f"/wallets/{wallet.pk}/credit", {"amount": 5, "referenceId": "p", "account": "promotions"}
        ).status
        == 200
    )
    body = {"amount": 10, "referenceId": "h", "account": "bank"}
    hold = bank.post(f"/wallets/{wallet.pk}/holds", body).body["holdId"]
    credited = bank.post(f"/wallets/{wallet.pk}/credit", body | {"referenceId": "c"}).headers["Transaction-Id"]
    bad = {"amount": 5, "referenceId": "x"}
    transfer = {"fromUserId": wallet.pk, "toUserId": other.pk, **bad}
    tried: dict[str, tuple[str, dict[str, Any]]] = {
        "credit": (f"/wallets/{wallet.pk}/credit", bad | {"account": "bank"}),
        "credit from external": (f"/wallets/{wallet.pk}/credit", bad),
        "debit": (f"/wallets/{wallet.pk}/debit", bad | {"account": "bank"}),
        "hold": (f"/wallets/{wallet.pk}/holds", bad | {"account": "bank"}),
        "capture of a hold of the bank's": (f"/holds/{hold}/capture", {"referenceId": "x"}),
        "capture to the bank": (f"/holds/{hold}/capture", {"referenceId": "x", "account": "bank"}),
        "capture of it to its own": (f"/holds/{hold}/capture", {"referenceId": "x", "account": "promotions"}),
        "release of a hold of the bank's": (f"/holds/{hold}/release", {}),
        "reversal of what the bank gave": (f"/transactions/{credited}/reverse", {"referenceId": "x", "reason": "Why"}),
        "transfer": ("/transfers", transfer),
    }
    with nothing_moved():
        for name, (path, sent) in tried.items():
            reply = promotions.post(path, sent)
            assert reply.status == 403, name
            assert reply.body["error"].startswith("This API key may not use the account "), name
        operations = [
            {"op": "credit", "userId": wallet.pk, "account": "bank", **bad},
            {"op": "transfer", **transfer},
            {"op": "capture", "holdId": hold, "referenceId": "x"},
            {"op": "capture", "holdId": hold, "referenceId": "x", "account": "promotions", "final": True},
        ]
        results = promotions.post("/batches", {"atomic": False, "operations": operations}).body["results"]
        assert {result["status"] for result in results} == {"REFUSED"}
        assert promotions.post("/batches", {"atomic": True, "operations": operations}).status == 403
    assert bank.credit(wallet.pk, 1, "x").status == 200, "the reference is still free"


def test_api1_a_key_moves_no_more_at_once_than_it_may(nothing_moved: NothingMoved) -> None:
    wallet, other = new_wallet(1000), new_wallet(1000)
    small, large = caller("small", largest_amount=Decimal("50.50")), caller("large")
    hold = large.post(f"/wallets/{wallet.pk}/holds", {"amount": 60, "referenceId": "h"}).body["holdId"]
    debited = large.debit(wallet.pk, 60, "d").headers["Transaction-Id"]
    assert small.credit(wallet.pk, 50.5, "as much as it may").status == 400
    assert small.credit(wallet.pk, 50.5, "as-much-as-it-may").status == 200
    bad = {"amount": 50.51, "referenceId": "x"}
    refused = (403, {"error": "This API key may move at most 50.5 at once"})
    with nothing_moved():
        for path, sent in (
            (f"/wallets/{wallet.pk}/credit", bad),
            (f"/wallets/{wallet.pk}/debit", bad),
            (f"/wallets/{wallet.pk}/holds", bad),
            ("/transfers", {"fromUserId": wallet.pk, "toUserId": other.pk, **bad}),
            (f"/holds/{hold}/capture", {"referenceId": "x"}),
            (f"/holds/{hold}/capture", bad),
            (f"/transactions/{debited}/reverse", {"referenceId": "x", "reason": "Why"}),
        ):
            assert small.post(path, sent).answer == refused, path
    assert small.post(f"/holds/{hold}/capture", {"amount": 10, "referenceId": "c"}).status == 200
    assert small.post(f"/holds/{hold}/capture", {"referenceId": "rest"}).status == 200, "what is left is little enough"


# --- API2:2023 Broken authentication ----------------------------------------------------------------------------------


def test_api2_a_wrong_secret_takes_as_long_as_a_wrong_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are compared in full, by a comparison whose time does not depend on where they differ."""
    compared = []
    real = hmac.compare_digest

    def compare(sent: str, kept: str) -> bool:
        compared.append((len(sent), len(kept)))
        return bool(real(sent, kept))

    monkeypatch.setattr(hmac, "compare_digest", compare)
    good = new_key()
    for text in (f"{good[:17]}{'A' * 43}", f"mws_{'a' * 12}_{'A' * 43}", "nonsense"):
        assert Api(text).get("/wallets/1").status == 401
    assert compared == [(64, 64)] * 3


def test_api2_how_long_a_refusal_takes_does_not_tell_how_much_was_right() -> None:
    """Measured, not only read: the medians of a secret right but for its end, and one wrong from the start."""
    good = new_key()
    texts = {"end": f"{good[:-3]}AAA", "start": f"{good[:17]}AAA{good[20:]}"}
    times: dict[str, list[float]] = {name: [] for name in texts}
    for _ in range(200):
        for name, text in texts.items():
            start = time.perf_counter()
            with pytest.raises(InvalidApiKey):
                api_keys.caller_with(text)
            times[name].append(time.perf_counter() - start)
    end, begin = (statistics.median(times[name]) for name in ("end", "start"))
    assert abs(end - begin) < 0.5 * max(end, begin)


def test_api2_a_key_in_the_url_or_the_body_is_none(nothing_moved: NothingMoved) -> None:
    wallet, key = new_wallet(100), new_key()
    with nothing_moved():
        for reply in (
            Api().get(f"/wallets/{wallet.pk}?api_key={key}&access_token={key}"),
            Api().post(f"/wallets/{wallet.pk}/credit", {"amount": 1, "referenceId": "r", "apiKey": key}),
            Api().get(f"/wallets/{wallet.pk}", **{"X-Api-Key": key}),
        ):
            assert reply.status == 401


def test_api2_staff_signed_in_to_the_back_office_call_no_api_by_that(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    staff = Client()
    staff.force_login(StaffFactory.create(is_superuser=True))
    with nothing_moved():
        body = '{"amount":1,"referenceId":"r"}'
        assert staff.post(f"/wallets/{wallet.pk}/credit", body, "application/json").status_code == 401


def test_api2_a_key_opens_no_page_of_the_back_office() -> None:
    client = Client(headers={"Authorization": f"Bearer {new_key()}"})
    assert client.get("/admin/").status_code == 302


# --- API3:2023 Broken object property level authorization -------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (
            "POST",
            "/users",
            {"userId": 9, "user_name": "A", "user_email": "a@b.cd", "user_phone": "1", "is_staff": True},
        ),
        ("POST", "/wallets", {"userId": 7, "balance": 1000}),
        ("POST", "/wallets", {"userId": 7, "overdraftLimit": 1000}),
        ("POST", "/wallets/7/credit", {"amount": 1, "referenceId": "r", "balance_after": 9, "status": "SUCCESS"}),
        ("POST", "/wallets/7/credit", {"amount": 1, "referenceId": "r", "actor": "client:other"}),
        ("POST", "/wallets/7/credit", {"amount": 1, "referenceId": "r", "at_most": 10**9}),
        ("POST", "/wallets/7/debit", {"amount": 1, "referenceId": "r", "kind": "ADJUSTMENT"}),
        ("POST", "/wallets/7/holds", {"amount": 1, "referenceId": "r", "holdId": "0" * 32}),
        ("POST", "/transfers", {"fromUserId": 7, "toUserId": 8, "amount": 1, "referenceId": "r", "account": "bank"}),
        ("POST", "/wallets/7/freeze", {"reason": "Why", "actor": "staff"}),
        ("PATCH", "/wallets/7/limits", {"balance": 5, "reason": "Why"}),
        ("PATCH", "/users/7", {"userId": 8}),
        ("PATCH", "/users/7", {"created_at": "2020-01-01T00:00:00Z"}),
    ],
)
def test_api3_no_more_can_be_written_than_is_listed(
    method: str, path: str, body: object, nothing_moved: NothingMoved
) -> None:
    new_wallet(100, user=new_user(user_id=7))
    new_wallet(100, user=new_user(user_id=8))
    users = list(User.objects.order_by("pk").values())
    with nothing_moved():
        reply = caller().request(method, path, json.dumps(body))
        assert reply.status == 400
        assert reply.body["error"].startswith("Unknown field: ")
    assert list(User.objects.order_by("pk").values()) == users


def test_api3_a_reply_shows_a_person_only_to_who_may_read_people() -> None:
    user = new_user(user_id=7, user_email="asha@rao.in", user_phone="9876543210")
    new_wallet(100, user=user)
    wallets = caller(scopes=[Scope.WALLETS_READ, Scope.WALLETS_WRITE, Scope.WALLETS_OPERATE, Scope.LEDGER_READ])
    for path in ("/wallets/7", "/wallets/7/balance", "/wallets/7/transactions", "/wallets/7/statement"):
        reply = wallets.get(path)
        assert reply.status == 200
        assert "asha@rao.in" not in reply.text
        assert "9876543210" not in reply.text
    assert wallets.get("/users/7").status == 403


# --- API4:2023 Unrestricted resource consumption ----------------------------------------------------------------------


def test_api4_a_key_has_its_share_of_a_minute_and_no_more() -> None:
    wallet = new_wallet(100)
    busy, quiet = caller("busy", requests_per_minute=5), caller("quiet", requests_per_minute=5)
    statuses = [busy.get(f"/wallets/{wallet.pk}").status for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    reply = busy.get(f"/wallets/{wallet.pk}")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert reply.body["error"] == f"Too many requests, try again in {reply.headers['Retry-After']} seconds"
    assert quiet.get(f"/wallets/{wallet.pk}").status == 200, "another's share is its own"
    refused = busy.credit(wallet.pk, 1, "r")
    assert refused.status == 429
    assert not Transaction.objects.filter(reference_id="r").exists()


def test_api4_the_services_own_limit_holds_for_a_key_without_one(settings: Any) -> None:
    settings.REQUESTS_PER_MINUTE = 3
    client = caller()
    assert [client.get("/wallets/1").status for _ in range(4)] == [404, 404, 404, 429]


@at_one_moment
def test_api4_a_client_fills_the_ledger_with_no_failures(settings: Any, nothing_moved: NothingMoved) -> None:
    settings.FAILURES_PER_MINUTE = 3
    wallet = new_wallet(100)
    poor = caller("poor")
    for number in range(3):
        assert poor.debit(wallet.pk, 1000, f"r{number}").answer == (400, {"error": "Insufficient balance"})
    with nothing_moved():
        for sent in (poor.debit(wallet.pk, 1000, "r3"), caller("poor").debit(wallet.pk, 1, "with-another-key")):
            assert sent.status == 429
            assert sent.body["error"].startswith("Too many failed operations, try again in ")
        operation = {"op": "debit", "userId": wallet.pk, "amount": 1, "referenceId": "b"}
        assert poor.post("/batches", {"atomic": False, "operations": [operation]}).status == 429
    assert poor.get(f"/wallets/{wallet.pk}").status == 200, "who moves nothing may go on"
    assert caller("rich").debit(wallet.pk, 1, "fine").status == 200


@at_one_moment
def test_api4_what_is_replayed_is_no_new_failure_and_a_batch_counts_each(settings: Any) -> None:
    settings.FAILURES_PER_MINUTE = 3
    wallet = new_wallet(100)
    poor = caller("poor")
    for _ in range(10):
        assert poor.debit(wallet.pk, 1000, "same").status == 400
    operations = [{"op": "debit", "userId": wallet.pk, "amount": 1000, "referenceId": f"b{n}"} for n in range(2)]
    assert poor.post("/batches", {"atomic": False, "operations": operations}).status == 200
    assert poor.debit(wallet.pk, 1, "now-it-is-too-much").status == 429


def test_api4_a_batch_that_overruns_the_share_is_paid_for_in_the_minutes_that_follow(settings: Any) -> None:
    settings.FAILURES_PER_MINUTE = 3
    wallet = new_wallet(100)
    operations = [{"op": "debit", "userId": wallet.pk, "amount": 1000, "referenceId": f"b{n}"} for n in range(8)]
    with time_machine.travel(NOW, tick=False) as clock:
        poor = caller("poor")
        assert poor.post("/batches", {"atomic": False, "operations": operations}).status == 200
        refused = poor.debit(wallet.pk, 1, "r")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "120"), "three, three and two"
        clock.shift(119)
        assert poor.debit(wallet.pk, 1, "r").status == 429
        clock.shift(1)
        assert poor.debit(wallet.pk, 1000, "the-third-of-that-minute").status == 400
        assert poor.debit(wallet.pk, 1, "r").headers["Retry-After"] == "60"
        clock.shift(60)
        assert poor.debit(wallet.pk, 1, "r").status == 200


def test_api4_counters_that_cannot_be_reached_stop_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.LIMITS_URL = "file:///nowhere/at/all.sqlite3"
    wallet = new_wallet(100)
    assert caller().credit(wallet.pk, 1, "r").status == 200
    assert "not counted" in caplog.text


@pytest.mark.parametrize(
    ("path", "size"), [("/wallets/7/credit", 16 * 1024), ("/users", 16 * 1024), ("/batches", 1024 * 1024)]
)
def test_api4_a_large_body_is_refused_and_not_read(path: str, size: int, nothing_moved: NothingMoved) -> None:
    new_wallet(100, user=new_user(user_id=7))
    for bytes_ in (size + 1, 10 * 1024 * 1024):
        with nothing_moved():
            reply = caller().post(path, b'{"x":"' + b"a" * (bytes_ - 8) + b'"}')
            assert reply.answer == (413, {"error": f"Body must be at most {size} bytes"})


def test_api4_a_hundred_thousand_levels_of_json_are_refused() -> None:
    for deep in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 50_000 + b"]" * 50_000):
        assert caller().post("/batches", deep).status == 400


def test_api4_pages_and_batches_have_an_end() -> None:
    wallet = new_wallet(100)
    assert caller().get(f"/wallets/{wallet.pk}/transactions?limit=101").status == 400
    operation = {"op": "credit", "userId": wallet.pk, "amount": 1, "referenceId": "r"}
    assert caller().post("/batches", {"atomic": False, "operations": [operation] * 1001}).status == 400


# --- API5:2023 Broken function level authorization: every route and scope is in test_every_route.py -------------------


def test_api5_a_method_override_overrides_nothing(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    reader = caller(scopes=[Scope.WALLETS_READ])
    with nothing_moved():
        for header in ("X-HTTP-Method-Override", "X-Http-Method", "X-Method-Override"):
            assert reader.get(f"/wallets/{wallet.pk}", **{header: "DELETE"}).status == 200
        assert reader.post(f"/wallets/{wallet.pk}?_method=PATCH", {"_method": "DELETE"}).status == 405


def test_api5_there_is_no_way_by_the_path_around_a_scope(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    reader = caller(scopes=[Scope.WALLETS_READ])
    body = {"amount": 1, "referenceId": "r", "reason": "Why"}
    with nothing_moved():
        for path in (
            *(f"/wallets/{wallet.pk}/credit", f"/wallets/{wallet.pk}/%63redit", f"/wallets%2F{wallet.pk}/credit"),
            *(f"//wallets/{wallet.pk}/credit", f"/wallets/{wallet.pk}/credit/", f"/wallets/{wallet.pk}/CREDIT"),
            *(f"/wallets/{wallet.pk};/credit", f"/wallets/{wallet.pk}/credit%00", f"/wallets/{wallet.pk}/./credit"),
            *(
                f"/wallets/{wallet.pk}/balance/../credit",
                f"/wallets/0{wallet.pk}/credit",
                f"/wallets/{'9' * 65}/credit",
            ),
        ):
            assert reader.post(path, body).status in {403, 404}, path


# --- API6:2023 Unrestricted access to sensitive business flows --------------------------------------------------------


def test_api6_money_is_not_made_by_asking_for_it_back_twice(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    shop = caller()
    debited = shop.debit(wallet.pk, 60, "order").headers["Transaction-Id"]
    body = {"referenceId": "refund-1", "reason": "Returned"}
    assert shop.post(f"/transactions/{debited}/reverse", body).status == 200
    refund = Transaction.objects.get(reference_id="refund-1").transaction_id
    again = shop.post(f"/transactions/{debited}/reverse", body | {"referenceId": "refund-2"})
    assert again.answer == (400, {"error": "Reversal exceeds what is left of the transaction"})
    with nothing_moved():
        assert shop.post(f"/transactions/{refund}/reverse", body | {"referenceId": "refund-3"}).status == 400
    assert Wallet.objects.get(pk=wallet.pk).balance == 100


def test_api6_a_wallets_limits_and_state_are_an_operators() -> None:
    wallet = new_wallet(100)
    shop = caller(scopes=[Scope.WALLETS_READ, Scope.WALLETS_WRITE, Scope.USERS_WRITE])
    for path in ("freeze", "unfreeze", "close"):
        assert shop.post(f"/wallets/{wallet.pk}/{path}", {"reason": "Why"}).status == 403
    assert shop.patch(f"/wallets/{wallet.pk}/limits", {"overdraftLimit": 10**6, "reason": "Why"}).status == 403
    assert Wallet.objects.get(pk=wallet.pk).overdraft_limit == 0


# --- API8:2023 Security misconfiguration ------------------------------------------------------------------------------


def test_api8_every_reply_forbids_caching_framing_and_sniffing() -> None:
    wallet = new_wallet(100)
    pages = Client()
    for headers in (
        caller().get(f"/wallets/{wallet.pk}").headers,
        Api().get(f"/wallets/{wallet.pk}").headers,
        Api().get("/nowhere").headers,
        pages.get("/docs").headers,
        pages.get("/admin/login/").headers,
        Api().get("/schema").headers,
    ):
        assert "no-store" in headers["Cache-Control"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(policy.replace(";", " ").split())
        assert "Access-Control-Allow-Origin" not in headers


def test_api8_a_page_runs_only_the_scripts_that_are_ours() -> None:
    for path in ("/docs", "/admin/login/"):
        assert "script-src 'self'" in Client().get(path).headers["Content-Security-Policy"]


def test_api8_a_host_that_is_not_ours_is_refused() -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost:3000@evil.example", ""):
        assert caller().get("/wallets/1", Host=host).status == 400, host


def test_api8_a_fault_of_ours_tells_nothing_of_the_inside(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def fails(user_id: int) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(selectors, "wallet_head", fails)
    for debug in (True, False):
        settings.DEBUG = debug
        reply = caller().get("/wallets/7")
        assert reply.answer == (500, {"error": "Internal server error"})
        assert "secret" not in reply.text


def test_api8_no_header_of_a_callers_comes_back_in_another() -> None:
    reply = caller().get("/wallets/1", **{"X-Request-Id": "a\r\nSet-Cookie: b=c"})
    assert "Set-Cookie" not in reply.headers
    assert "\n" not in reply.headers["X-Request-Id"]


def test_api8_no_secret_gets_into_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    key = new_key()

    def fails(user_id: int) -> None:
        raise RuntimeError(f"with {key}")

    monkeypatch.setattr(selectors, "wallet_head", fails)
    Api(key).get(f"/wallets/7?token={key}")
    Api(key).get(f"/nowhere/{key}")
    line = DiscreetFormatter(settings.LOGGING["formatters"]["line"]["fmt"], style="{")
    said = "\n".join(line.format(record) for record in caplog.records if LogFilter().filter(record))
    assert "RuntimeError" in said
    assert key[17:] not in said
    assert f"mws_{key[4:16]}_…" in said, "which key it was, is said"


# --- API9:2023 Improper inventory management --------------------------------------------------------------------------


def test_api9_the_document_has_every_route_and_no_other() -> None:
    from tests.security.test_every_route import ROUTES

    document = json.loads(Api().get("/schema").text)["paths"]
    documented = {(method.upper(), path) for path, methods in document.items() for method in methods}
    served = {
        (method, "/" + pattern.replace("<user_id:", "{").replace("<uuid:", "{").replace(">", "}"))
        for method, pattern, _ in ROUTES
        if method != "HEAD"
    }
    assert documented == served


def test_api9_a_key_that_nobody_uses_any_more_can_be_seen() -> None:
    from io import StringIO

    new_key("forgotten")
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(days=400))
    out = StringIO()
    call_command("api_key", "list", stdout=out)
    assert f"used {timezone.now() - timedelta(days=400):%Y-%m-%d}" in out.getvalue()
    assert not Hold.objects.exists()

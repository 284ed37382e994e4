"""Every error in the one shape, or as problem details when the caller asks for them."""

from typing import Any

import pytest
from django.db import OperationalError

from tests.conftest import Api
from tests.factories import new_wallet
from wallet_project.api.errors import TABLE
from wallets import posting, selectors
from wallets.exceptions import OutcomeUnknown

PROBLEM = {"Accept": "application/problem+json"}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/users/",
        "/wallets/",
        "/wallets/1/",
        "/wallets/1/credit/",
        "/users%2F",
        "/wallets/1/x",
        "/docsx",
        "/administrator",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_404_and_nothing_redirects(api: Api, path: str, method: str) -> None:
    assert api.request(method, path).answer == (404, {"error": "Not found"})


@pytest.mark.parametrize("path", ["/", "/admin", "/docs", "/schema", "/static/admin/css/base.css"])
def test_a_page_takes_no_other_method_and_says_so_in_the_one_shape(api: Api, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert api.request(method, path).answer == (405, {"error": "Method not allowed"}), method


@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_path_has_the_one_shape_with_debug_on_and_off(api: Api, settings: Any, debug: bool) -> None:
    settings.DEBUG = debug
    assert api.get("/nope").answer == (404, {"error": "Not found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/users", "POST"),
        ("DELETE", "/users", "POST"),
        ("PUT", "/wallets", "POST"),
        ("GET", "/wallets/1/credit", "POST"),
        ("POST", "/wallets/1", "GET, HEAD"),
        ("PATCH", "/wallets/1", "GET, HEAD"),
        ("OPTIONS", "/wallets/1", "GET, HEAD"),
        ("TRACE", "/wallets/1/debit", "POST"),
        ("BREW", "/wallets/1/debit", "POST"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(api: Api, method: str, path: str, allowed: str) -> None:
    reply = api.request(method, path)
    assert reply.answer == (405, {"error": "Method not allowed"})
    assert reply.headers["Allow"] == allowed


def test_head_answers_like_get_without_a_body(api: Api) -> None:
    wallet = new_wallet()
    reply = api.request("HEAD", f"/wallets/{wallet.pk}")
    assert (reply.status, reply.text) == (200, "")


def test_a_host_that_is_not_ours_is_refused_in_the_one_shape(api: Api) -> None:
    reply = api.get("/wallets/1", Host="evil.example")
    assert reply.answer == (400, {"error": "Bad request: its Host header or its URL is not accepted here"})


@pytest.mark.parametrize("debug", [True, False])
def test_a_fault_of_ours_is_500_and_tells_nothing_of_the_inside(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: Any, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    settings.DEBUG = debug

    def broken(user_id: int) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(selectors, "wallet_head", broken)
    reply = api.get("/wallets/1", **{"X-Request-Id": "find-me"})
    assert reply.answer == (500, {"error": "Internal server error"})
    assert "secret detail" in caplog.text
    assert reply.headers["X-Request-Id"] == "find-me"


@pytest.mark.parametrize("debug", [True, False])
def test_a_fault_outside_of_any_view_has_the_one_shape_too(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("wallet_project.pages.Common.__call__", broken)
    assert api.get("/wallets/1").answer == (500, {"error": "Internal server error"})


def test_an_unknown_outcome_is_503_and_says_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = new_wallet()

    def lost(*_: object) -> None:
        raise OutcomeUnknown

    monkeypatch.setattr(posting, "_decide_and_write", lost)
    reply = api.credit(wallet.pk, 1, "r")
    assert reply.answer == (503, {"error": "Outcome unknown, retry with the same referenceId"})
    assert reply.headers["Retry-After"] == "1"


def test_a_database_that_is_gone_is_503_for_a_reader(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(user_id: int) -> None:
        raise OperationalError(2003, "Can't connect to server on 'db.internal'")

    monkeypatch.setattr(selectors, "wallet_head", gone)
    reply = api.get("/wallets/1")
    assert reply.answer == (503, {"error": "The database is busy or not reachable, try again shortly"})
    assert reply.headers["Retry-After"] == "1"


def test_problem_details_of_a_refused_debit_carry_what_was_there_and_what_it_takes(api: Api) -> None:
    wallet = new_wallet(100)
    reply = api.debit(wallet.pk, 250.5, "r", **PROBLEM)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.text == (
        '{"type":"tag:mini-wallet,2026:insufficient_balance","title":"Insufficient balance","status":400,'
        '"detail":"Insufficient balance","code":"insufficient_balance","available":100,"required":250.5}'
    )


def test_problem_details_of_bad_input_name_the_fields(api: Api) -> None:
    reply = api.post("/wallets/1/credit", {"amount": -1, "referenceId": "a b"}, **PROBLEM)
    assert reply.status == 400
    assert reply.body["code"] == "invalid_input"
    assert reply.body["detail"] == "Amount must be greater than 0"
    assert [error["field"] for error in reply.body["errors"]] == ["amount", "referenceId"]


def test_problem_details_name_the_field_also_when_the_ledger_refused_it(api: Api) -> None:
    wallet = new_wallet(100)
    reply = api.debit(wallet.pk, 1.234, "r", **PROBLEM)
    assert reply.body["code"] == "invalid_input"
    assert reply.body["errors"] == [{"field": "amount", "detail": "Amount must have at most 2 decimals in INR"}]
    reply = api.post(f"/wallets/{wallet.pk}/debit", {"amount": 1, "referenceId": "r", "account": "bank"}, **PROBLEM)
    assert (reply.body["code"], reply.body["detail"]) == ("unknown_account", "Unknown account: bank")
    assert reply.body["errors"][0]["field"] == "account"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nope", "", 404, "not_found"),
        ("GET", "/wallets/404", "", 404, "wallet_not_found"),
        ("POST", "/wallets", '{"userId":404}', 404, "user_not_found"),
        ("GET", "/users", "", 405, "method_not_allowed"),
        ("POST", "/wallets", "{", 400, "malformed_body"),
        ("POST", "/wallets", " " * 20000, 413, "body_too_large"),
    ],
)
def test_every_error_can_be_had_as_problem_details(
    api: Api, method: str, path: str, body: str, status: int, code: str
) -> None:
    reply = api.request(method, path, body, **PROBLEM)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.status, reply.body["status"], reply.body["code"]) == (status, status, code)
    assert set(reply.body) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/html", "application/*", "application/problem+json;q=0", "nonsense", ""]
)
def test_problem_details_are_only_for_those_who_ask_by_name(api: Api, accept: str) -> None:
    reply = api.get("/wallets/404", Accept=accept)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.body == {"error": "Wallet not found"}


def test_problem_details_among_other_types_are_asked_for(api: Api) -> None:
    reply = api.get("/wallets/404", Accept="application/json, application/problem+json;q=0.9")
    assert reply.body["code"] == "wallet_not_found"


def test_success_is_plain_json_for_those_who_ask_for_problem_details(api: Api) -> None:
    wallet = new_wallet()
    assert api.get(f"/wallets/{wallet.pk}", **PROBLEM).headers["Content-Type"] == "application/json"


def test_codes_are_stable_words() -> None:
    codes = [kind.code for _, kind in TABLE]
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)


@pytest.mark.parametrize("sent", ["abc-123", "A", "0f8fad5b-d9cb-469f-a165-70867728950e", "trace/1:2=3+4._"])
def test_a_sane_request_id_is_sent_back(api: Api, sent: str) -> None:
    assert api.get("/wallets/404", **{"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", " ", "a b", "é", "x" * 129, "<script>", "-x", 'a"b', "a,b"])
def test_an_odd_request_id_is_replaced(api: Api, sent: str) -> None:
    received = api.get("/wallets/404", **{"X-Request-Id": sent}).headers["X-Request-Id"]
    assert received != sent
    assert len(received) == 36


@pytest.mark.parametrize("path", ["/health/live", "/nope", "/docs", "/admin/login/", "/schema"])
def test_every_reply_has_a_request_id_of_its_own(api: Api, path: str) -> None:
    ids = {api.get(path).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3

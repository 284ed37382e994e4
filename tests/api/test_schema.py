"""The OpenAPI document says what the service does: every reply below is held against it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import URLPattern
from openapi_schema_validator import OAS31Validator

from tests.conftest import Api, Reply
from tests.factories import new_user, new_wallet
from wallet_project.urls import urlpatterns

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(api: Api) -> Any:
    return json.loads(api.get("/schema").text)


def test_every_endpoint_is_in_the_document(document: Any) -> None:
    routes = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)): set(route.callback.actions) - {"head"}
        for route in urlpatterns
        if isinstance(route, URLPattern) and hasattr(route.callback, "actions")
    }
    assert len(routes) > 20
    assert {path: set(operations) for path, operations in document["paths"].items()} == routes


def validator(document: Any, schema: Any) -> Any:
    """One schema of the document, with the components that it refers to."""
    return OAS31Validator(schema | {"components": document["components"]})


def assert_documented(document: Any, path: str, reply: Reply) -> None:
    """The reply's status, media type, body and headers are those of the document."""
    method, _, template = path.partition(" ")
    response = document["paths"][template][method]["responses"][str(reply.status)]
    schema = response["content"][reply.headers["Content-Type"]]["schema"]
    validator(document, schema).validate(json.loads(reply.text))
    assert "X-Request-Id" in response["headers"]


ACCEPT = [{}, {"Accept": "application/problem+json"}]


@pytest.mark.parametrize("headers", ACCEPT, ids=["json", "problem"])
def test_replies_are_as_documented(api: Api, document: Any, headers: dict[str, str]) -> None:
    user, wallet = new_user(user_id=1000), new_wallet(100)
    one, move = "get /wallets/{user_id}", "post /wallets/{user_id}/debit"
    person = {"userId": 7, "user_name": "A", "user_email": "a@b.cd", "user_phone": "7"}
    calls: list[tuple[str, int, Callable[[], Reply]]] = [
        ("post /users", 201, lambda: api.post("/users", person, **headers)),
        ("post /users", 409, lambda: api.post("/users", person, **headers)),
        ("post /users", 400, lambda: api.post("/users", {}, **headers)),
        ("post /users", 415, lambda: api.post("/users", "x", "text/plain", **headers)),
        ("post /users", 413, lambda: api.post("/users", " " * 20000, **headers)),
        ("post /wallets", 201, lambda: api.post("/wallets", {"userId": user.user_id}, **headers)),
        ("post /wallets", 409, lambda: api.post("/wallets", {"userId": user.user_id}, **headers)),
        ("post /wallets", 404, lambda: api.post("/wallets", {"userId": 404}, **headers)),
        ("post /wallets", 400, lambda: api.post("/wallets", {"userId": "x"}, **headers)),
        ("post /wallets/{user_id}/credit", 200, lambda: api.credit(wallet.pk, 10.5, "in", **headers)),
        ("post /wallets/{user_id}/credit", 400, lambda: api.credit(wallet.pk, -1, "bad", **headers)),
        (move, 200, lambda: api.debit(wallet.pk, 0.5, "out", **headers)),
        (move, 400, lambda: api.debit(wallet.pk, 1000, "short", **headers)),
        (move, 409, lambda: api.debit(wallet.pk, 1, "out", **headers)),
        (move, 404, lambda: api.debit(404, 1, "nobody", **headers)),
        (one, 200, lambda: api.get(f"/wallets/{wallet.pk}", **headers)),
        (one, 404, lambda: api.get("/wallets/404", **headers)),
        ("get /health/live", 200, lambda: api.get("/health/live", **headers)),
        ("get /health/ready", 200, lambda: api.get("/health/ready", **headers)),
    ]
    for path, status, call in calls:
        reply = call()
        assert reply.status == status, reply.text
        assert_documented(document, path, reply)


def test_the_documents_own_examples_fit_its_schemas(document: Any) -> None:
    checked = 0
    for path in document["paths"].values():
        for operation in path.values():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [response["content"] for response in operation["responses"].values()]
            for media in (media for content in contents for media in content.values()):
                for example in media.get("examples", {}).values():
                    validator(document, media["schema"]).validate(example["value"])
                    checked += 1
    assert checked > 20


def test_the_documentation_page_needs_nothing_from_elsewhere(api: Api) -> None:
    page = api.get("/docs").text
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert "https://" not in page
    assert "http://" not in page

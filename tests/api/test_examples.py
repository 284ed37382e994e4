"""Each example of the OpenAPI document works when it is tried, as the documentation page lets a reader do."""

import json
from typing import Any

import pytest

from tests.conftest import Api

pytestmark = pytest.mark.django_db

# In this order each finds what it needs, made by those before it; {…} is what a reply before it named.
ORDER = [
    ("post", "/users"),
    ("get", "/users/{user_id}"),
    ("patch", "/users/{user_id}"),
    ("post", "/wallets"),
    ("post", "/wallets/{user_id}/credit"),
    ("post", "/wallets/{user_id}/debit"),
    ("get", "/wallets/{user_id}"),
    ("post", "/transfers"),
    ("get", "/transactions"),
    ("get", "/transactions/{transaction_id}"),
    ("post", "/transactions/{transaction_id}/reverse"),
    ("post", "/wallets/{user_id}/holds"),
    ("get", "/holds/{hold_id}"),
    ("post", "/holds/{hold_id}/capture"),
    ("post", "/holds/{hold_id}/release"),
    ("post", "/batches"),
    ("get", "/wallets/{user_id}/balance"),
    ("get", "/wallets/{user_id}/transactions"),
    ("get", "/wallets/{user_id}/statement"),
    ("patch", "/wallets/{user_id}/limits"),
    ("post", "/wallets/{user_id}/freeze"),
    ("post", "/wallets/{user_id}/unfreeze"),
    ("post", "/wallets/{user_id}/close"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
]


def example_of(operation: Any) -> Any:
    """The example request of an operation, if it takes one."""
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(media.get("examples", {}).values())
    return examples[0]["value"] if examples else None


def test_each_example_works_when_it_is_tried(api: Api) -> None:
    document = json.loads(api.get("/schema").text)
    every = {(method, path) for path, operations in document["paths"].items() for method in operations}
    assert set(ORDER) == every
    other = {"userId": 2, "user_name": "B", "user_email": "b@example.com", "user_phone": "2"}
    assert api.post("/users", other).status == 201
    assert api.post("/wallets", {"userId": 2}).status == 201
    named: dict[str, str] = {"user_id": "1"}
    for method, path in ORDER:
        if path.endswith("/close"):  # which an empty wallet alone can be
            api.debit(1, api.get("/wallets/1").body["balance"], "all-of-it")
        query = "?referenceId=transfer-001" if path == "/transactions" else ""
        body = example_of(document["paths"][path][method])
        reply = api.request(method.upper(), path.format(**named) + query, "" if body is None else json.dumps(body))
        assert reply.status in {200, 201}, f"{method} {path}: {reply.text}"
        if path == "/transfers":
            named["transaction_id"] = reply.headers["Transaction-Id"]
        if path.endswith("/holds"):
            named["hold_id"] = reply.body["holdId"]

"""Whatever is sent, the reply is one that the OpenAPI document has, and the ledger holds.

Schemathesis makes up requests from the document, right ones and wrong ones, with a key and without. API_EXAMPLES in the
environment is how many for each endpoint.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import URLPattern
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from accounts import scopes
from accounts.api_keys import create_key
from ledger.models import Transaction
from ledger.verification import Scope, verify, verify_whole
from tests.conftest import Api
from tests.factories import new_wallet
from wallet_project.urls import urlpatterns
from wallet_project.wsgi import application
from wallets import services

EXAMPLES = int(os.environ.get("API_EXAMPLES", "40"))
ENDPOINTS = sorted(
    (method.upper(), str(route.pattern))
    for route in urlpatterns
    if isinstance(route, URLPattern)
    for method in getattr(route.callback, "actions", {})
    if method != "head"
)


NO_KEYS = st.sampled_from([None, "", "Bearer", "Bearer mws_nobody", "Basic c2hvcDpzaG9w"])


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request ends without closing the connection, which holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def document() -> Any:
    """The OpenAPI document. Asked for first: afterwards the client that asks connects the signals again."""
    return json.loads(Api().get("/schema").text)


@pytest.fixture
def operations(document: Any, one_connection: None, closed_api: None, db: None) -> dict[tuple[str, str], Any]:
    """The operations of the document, by method and path, each sent with a good key."""
    schema: Any = schemathesis.openapi.from_dict(document)
    schema.app = application
    text = create_key(client="anybody", scopes=scopes.Scope.values, requests_per_minute=10**9, created_by="asha").text

    @schema.auth()
    class Key:
        def get(self, case: Any, context: Any) -> str:
            return text

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    found: list[Any] = [result.ok() for result in schema.get_all_operations()]
    return {(operation.method.upper(), operation.path): operation for operation in found}


def template(pattern: str) -> str:
    """A Django path as OpenAPI writes it."""
    return "/" + pattern.replace("<user_id:", "{").replace("<uuid:", "{").replace(">", "}")


@pytest.mark.parametrize(("method", "pattern"), ENDPOINTS, ids=[" ".join(each) for each in ENDPOINTS])
def test_any_request_gets_a_documented_reply(operations: dict[tuple[str, str], Any], method: str, pattern: str) -> None:
    sender, receiver = new_wallet(1000), new_wallet(1000)
    services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=1, reference_id="t")
    hold = services.place_hold(user_id=sender.pk, amount=500, reference_id="h").transaction.concerns
    known = {
        "user_id": [sender.pk, receiver.pk],
        "hold_id": [str(hold)],
        "transaction_id": [str(row.transaction_id) for row in Transaction.objects.all()],
    }
    operation = operations[method, template(pattern)]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=cases, data=st.data())
    def any_request(case: Any, data: st.DataObject) -> None:
        for name, values in known.items():
            if name in case.path_parameters and data.draw(st.booleans()):
                case.path_parameters = {**case.path_parameters, name: data.draw(st.sampled_from(values))}
        response = case.call()
        # That what fits the document is accepted is more than can be promised: the money may not be there.
        excluded: list[Any] = [positive_data_acceptance]
        # What has no key, or is too large, is not looked at; a wrong operation of a batch has a result that says so.
        if response.status_code in {401, 413} or pattern == "batches":
            excluded.append(negative_data_rejection)
        case.validate_response(response, excluded_checks=excluded)

    any_request()
    assert verify(Scope(), {}).findings == []
    assert list(verify_whole({})) == []

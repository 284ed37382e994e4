"""What every test may use: a caller of the API, and the proof that nothing moved."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import Phase, settings

from accounts import api_keys
from ledger import selectors
from ledger.append_only import create_triggers, drop_triggers
from ledger.models import Transaction
from tests.children import suite_url
from wallets.models import Hold, Wallet

# For `make mutants`: that there is a failing example is enough, and the shortest takes minutes to find.
settings.register_profile("any_failure", phases=[Phase.explicit, Phase.generate])


@dataclass(frozen=True)
class Reply:
    """An answer of the API, as it came over the wire; numbers are read exactly."""

    status: int
    text: str
    headers: Any

    @property
    def body(self) -> Any:
        return json.loads(self.text, parse_float=Decimal)

    @property
    def answer(self) -> tuple[int, Any]:
        return self.status, self.body


class Api:
    """A caller of the API, with its key, if any. Bodies go as they are: a dict as JSON, text and bytes untouched."""

    def __init__(self, key: str = "") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = Client(raise_request_exception=False, headers=headers)

    def get(self, path: str, **headers: str) -> Reply:
        return self._reply(self._client.get(path, headers=headers))

    def patch(self, path: str, body: object, **headers: str) -> Reply:
        return self.request("PATCH", path, json.dumps(body), **headers)

    def post(self, path: str, body: object, content_type: str = "application/json", **headers: str) -> Reply:
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self._reply(self._client.post(path, data, content_type, headers=headers))

    def request(self, method: str, path: str, body: str = "", **headers: str) -> Reply:
        return self._reply(self._client.generic(method, path, body, "application/json", headers=headers))

    def credit(self, user_id: int, amount: object, reference: object, **headers: str) -> Reply:
        return self.post(f"/wallets/{user_id}/credit", {"amount": amount, "referenceId": reference}, **headers)

    def debit(self, user_id: int, amount: object, reference: object, **headers: str) -> Reply:
        return self.post(f"/wallets/{user_id}/debit", {"amount": amount, "referenceId": reference}, **headers)

    @staticmethod
    def _reply(response: Any) -> Reply:
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return Reply(response.status_code, content.decode(), response.headers)


@pytest.fixture
def api() -> Api:
    return Api()


NothingMoved = Callable[[], AbstractContextManager[None]]


@contextmanager
def _nothing_moved() -> Iterator[None]:
    before = _everything()
    yield
    assert _everything() == before, "a refusal changed a wallet or wrote a row"


def _everything() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (Wallet, Transaction, Hold)]


@pytest.fixture
def nothing_moved() -> NothingMoved:
    """`with nothing_moved():` asserts that no wallet changed and no transaction appeared."""
    return _nothing_moved


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Let a test that commits be cleaned up after: its transactions go by TRUNCATE or without their triggers, and the
    accounts that a migration made stay.
    """
    flush = connection.ops.execute_sql_flush

    def flush_all_but_accounts(sql_list: list[str]) -> None:
        drop_triggers(connection)
        flush([sql for sql in sql_list if not re.search(r"[`\"]accounts[`\"]", sql)])
        create_triggers(connection)

    patch = pytest.MonkeyPatch()
    patch.setattr(type(connection.ops), "execute_sql_flush", lambda _, sql_list: flush_all_but_accounts(sql_list))
    yield
    patch.undo()


@pytest.fixture
def database_url(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """An empty database of this test's own, on the engine of this run."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'serve.sqlite3'}"
        return
    name = f"serve_{os.getpid()}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        yield suite_url(name=name)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
        connection.close()


@pytest.fixture
def closed_api(settings: Any, tmp_path: Path) -> None:
    """No request without a key, and counters of this test's own."""
    settings.API_OPEN = False
    settings.LIMITS_URL = f"file://{tmp_path}/limits.sqlite3"
    settings.FAILURES_PER_MINUTE = 10**9


@pytest.fixture(autouse=True)
def _nothing_is_remembered_of_another_test() -> None:
    """Forget what this process keeps of the database: each test has another one."""
    selectors._known_accounts.clear()
    api_keys._trusted.clear()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest test begin as the first of those that commit, so that no process waits for it at the end."""
    items.sort(key=lambda item: (_commits(item), item.path.name != "test_state_machine.py"))


def _commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return mark is not None and bool(mark.kwargs.get("transaction"))


@pytest.fixture(autouse=True)
def _only_on_its_engine(request: pytest.FixtureRequest) -> None:
    """Leave out a test about an engine that this run is not on; the other run of `make test` has it."""
    marker = request.node.get_closest_marker("engine")
    if marker and marker.args[0] != connection.vendor:
        pytest.skip(f"about {marker.args[0]}: the other run of `make test` has it")

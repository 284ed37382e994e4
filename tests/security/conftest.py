"""A closed API, and callers who come with keys."""

from typing import Any

import pytest

from accounts.api_keys import create_key
from accounts.scopes import Scope
from tests.conftest import Api


@pytest.fixture(autouse=True)
def _closed(closed_api: None) -> None:
    """No request of these tests gets in without a key."""


def new_key(client: str = "shop", scopes: Any = tuple(Scope.values), **what: Any) -> str:
    """The text of a new key."""
    return create_key(client=client, scopes=scopes, created_by="asha", **what).text


def caller(client: str = "shop", scopes: Any = tuple(Scope.values), **what: Any) -> Api:
    """A caller with a key of its own."""
    return Api(new_key(client, scopes, **what))

"""Calls of the API go past Django's middleware for pages."""

from typing import Any, cast

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.test import Client

from tests.factories import new_wallet
from wallet_project import pages
from wallet_project.urls import urlpatterns

pytestmark = pytest.mark.django_db


def test_a_call_of_the_api_has_no_session_and_a_page_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    process_request = SessionMiddleware.process_request

    def noted(self: SessionMiddleware, request: HttpRequest) -> None:
        asked.append(request.path)
        process_request(self, request)

    monkeypatch.setattr(SessionMiddleware, "process_request", noted)
    client = Client()
    wallet = new_wallet(100)
    assert client.get(f"/wallets/{wallet.pk}").status_code == 200
    assert asked == []
    assert client.get("/docs").status_code == 200
    assert asked == ["/docs"]


def test_every_path_is_the_apis_or_a_page() -> None:
    """Whoever adds an endpoint is told to say which."""
    paths = {f"/{each.pattern}" for each in cast("list[Any]", urlpatterns)}
    assert {path for path in paths if not path.startswith(pages.API)} == {"/", "/docs", "/schema", "/admin", "/admin/"}


def test_a_host_is_known_by_the_hosts_that_are_allowed_now(settings: Any) -> None:
    wallet = new_wallet(100)
    for allowed, status in ((["a.example"], 200), (["b.example"], 400), ([".example"], 200)):
        settings.ALLOWED_HOSTS = allowed
        reply = Client().get(f"/wallets/{wallet.pk}", headers={"Host": "a.example:8000"})
        assert reply.status_code == status, allowed


def test_a_reply_of_the_api_says_how_long_it_is() -> None:
    wallet = new_wallet(100)
    reply = Client().get(f"/wallets/{wallet.pk}")
    assert int(reply.headers["Content-Length"]) == len(reply.content) > 0

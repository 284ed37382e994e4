"""Every route asks for a key, and for the right one: read off the URL table, so that no new route is forgotten."""

from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.urls import URLPattern
from django.utils import timezone

from accounts.api.scoped import PUBLIC, scope_of
from accounts.models import ApiKey
from accounts.scopes import Scope
from tests.conftest import Api, NothingMoved
from tests.factories import new_wallet
from tests.security.conftest import caller, new_key
from wallet_project.urls import urlpatterns

pytestmark = pytest.mark.django_db

# Pages for people, which lead to no money: the documentation, and the admin, which has a door of its own.
PAGES = {"schema", "docs", "", "admin", "admin/"}

ROUTES = [
    (method.upper(), str(route.pattern), scope_of(getattr(cast("Any", route.callback).cls, action)))
    for route in urlpatterns
    if isinstance(route, URLPattern)
    for method, action in getattr(route.callback, "actions", {}).items()
]
CLOSED = [(method, pattern, scope) for method, pattern, scope in ROUTES if scope != PUBLIC]
NAMES = [f"{method} /{pattern}" for method, pattern, _ in CLOSED]
every_route = pytest.mark.parametrize(("method", "pattern", "scope"), CLOSED, ids=NAMES)


def path(pattern: str, user_id: int) -> str:
    parts = {"<user_id:user_id>": str(user_id), "<uuid:hold_id>": str(uuid4()), "<uuid:transaction_id>": str(uuid4())}
    for converter, value in parts.items():
        pattern = pattern.replace(converter, value)
    assert "<" not in pattern
    return f"/{pattern}"


def test_each_route_says_what_it_asks_for() -> None:
    assert len(ROUTES) >= 25
    for method, pattern, scope in ROUTES:
        assert scope in {*Scope.values, PUBLIC}, f"{method} /{pattern} names no scope"
    assert {pattern for _, pattern, scope in ROUTES if scope == PUBLIC} == {"health/live", "health/ready"}
    assert {scope for _, _, scope in CLOSED} == set(Scope.values), "no scope is there for nothing"
    known = {pattern for _, pattern, _ in ROUTES}
    assert {str(cast("Any", route).pattern) for route in urlpatterns} - known == PAGES


@every_route
def test_without_a_good_key_nobody_gets_in(method: str, pattern: str, scope: str, nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(100)
    revoked, expired = new_key(), new_key()
    ApiKey.objects.filter(prefix=revoked[4:16]).update(revoked_at=timezone.now())
    ApiKey.objects.filter(prefix=expired[4:16]).update(expires_at=timezone.now() - timedelta(seconds=1))
    with nothing_moved():
        for key in ("", "mws_nobody", revoked, expired, f"{new_key()[:17]}{new_key()[17:]}"):
            reply = Api(key).request(method, path(pattern, wallet.pk), "{}")
            assert reply.status == 401, key
            assert list(reply.body) == ["error"] or method == "HEAD"
            assert reply.headers["WWW-Authenticate"].startswith("Bearer ")


@every_route
def test_with_every_other_scope_nobody_gets_in(
    method: str, pattern: str, scope: str, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(100)
    others = caller(scopes=[each for each in Scope.values if each != scope])
    with nothing_moved():
        reply = others.request(method, path(pattern, wallet.pk), "{}")
        assert reply.answer == (403, {"error": f"This API key lacks the scope {scope}"})
        assert f'error="insufficient_scope", scope="{scope}"' in reply.headers["WWW-Authenticate"]


@every_route
def test_with_that_scope_alone_one_gets_as_far_as_the_request_itself(method: str, pattern: str, scope: str) -> None:
    wallet = new_wallet(100)
    reply = caller(scopes=[scope]).request(method, path(pattern, wallet.pk), "{}")
    assert reply.status in {200, 400, 404}, reply.text


@every_route
def test_a_method_that_a_route_has_not_is_refused_like_any_other_without_a_key(
    method: str, pattern: str, scope: str
) -> None:
    where = path(pattern, 1)
    for other in ("DELETE", "PUT", "PROPFIND", "TRACE"):
        assert Api().request(other, where).status in {401, 405}
        assert caller().request(other, where).status == 405


def test_an_open_api_asks_for_nothing_and_takes_a_key_all_the_same(settings: Any) -> None:
    settings.API_OPEN = True
    wallet = new_wallet(100)
    assert Api().get(f"/wallets/{wallet.pk}").status == 200
    assert caller(scopes=[Scope.USERS_READ]).get(f"/wallets/{wallet.pk}").status == 403
    assert Api("mws_nobody").get(f"/wallets/{wallet.pk}").status == 401


def test_a_view_that_names_no_scope_is_open_to_nobody() -> None:
    from django.test import RequestFactory
    from rest_framework.response import Response

    from accounts.api.viewsets import ApiViewSet

    class Forgotten(ApiViewSet):
        def list(self, request: Any) -> Response:
            return Response({"secret": 1})

    request = RequestFactory().get("/forgotten", headers={"Authorization": f"Bearer {new_key()}"})
    assert Forgotten.as_view({"get": "list"})(request).status_code == 403

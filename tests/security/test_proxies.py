"""Whom a request came from: a proxy's word counts where the settings name the proxy, and nobody else's ever."""

import ipaddress
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from wallet_project.api.proxies import address_of, trusted_proxies


def seen(settings: Any, trusted: str, remote: str, **headers: str) -> HttpRequest:
    """The request as the rest of the service sees it."""
    settings.TRUSTED_PROXIES = [ipaddress.ip_network(part) for part in trusted.split()]
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    trusted_proxies(lambda _: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("trusted", "remote", "chain", "address"),
    [
        ("", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.0/8 2001:db8::/32", "2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, nonsense", None),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "", "1.2.3.4", None),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4:5678, 10.0.0.2:80", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db9::7]:443", "2001:db9::7"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, \u0661.\u0662.\u0663.\u0664", None),
    ],
)
def test_a_callers_address_is_what_the_last_trusted_proxy_heard(
    settings: Any, trusted: str, remote: str, chain: str, address: str | None
) -> None:
    headers = {"X-Forwarded-For": chain} if chain else {}
    assert address_of(seen(settings, trusted, remote, **headers)) == address


def test_only_a_trusted_proxy_says_that_it_was_https(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert seen(settings, "10.0.0.1", "10.0.0.1", **{"X-Forwarded-Proto": "https"}).is_secure()
    assert not seen(settings, "10.0.0.1", "10.0.0.2", **{"X-Forwarded-Proto": "https"}).is_secure()
    stranger = seen(
        settings, "10.0.0.1", "10.0.0.2", **{"X-Forwarded-Host": "evil.example", "Forwarded": "for=1.2.3.4"}
    )
    assert not [name for name in stranger.META if "FORWARDED" in name]

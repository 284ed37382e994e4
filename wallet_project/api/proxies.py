"""Whom a request came from, when a proxy handed it on: believed of the proxies that the settings name, and no other."""

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def trusted_proxies(
    next_handler: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make REMOTE_ADDR the caller's own address, and forget what anybody but a trusted proxy says about it."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        meta["REMOTE_ADDR"] = _plain(meta.get("REMOTE_ADDR", ""))
        if not _is_trusted(meta["REMOTE_ADDR"]):
            for name in _FORWARDED:
                meta.pop(name, None)
        elif chain := meta.get("HTTP_X_FORWARDED_FOR", ""):
            # Each proxy adds whom it heard it from at the end; what stands before the last stranger is hearsay.
            addresses = [_plain(address) for address in chain.split(",")]
            meta["REMOTE_ADDR"] = next((each for each in reversed(addresses) if not _is_trusted(each)), addresses[0])
        return next_handler(request)

    return handle


def address_of(request: HttpRequest) -> str | None:
    """The address of the request's caller, or None when a proxy did not say one that can be read."""
    return request.META.get("REMOTE_ADDR") or None


def _is_trusted(text: str) -> bool:
    return bool(text) and any(ipaddress.ip_address(text) in network for network in settings.TRUSTED_PROXIES)


@lru_cache(maxsize=1024)  # connections stay, and callers come again
def _plain(text: str) -> str:
    """An address as it is written everywhere here; empty when it is none.

    Some proxies add the port, IPv6 in brackets then, and an IPv4 address may come as an IPv6 one (RFC 4291, 2.5.5.2).
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)

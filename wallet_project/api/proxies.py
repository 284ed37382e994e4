"""Whom a request came from, when a proxy handed it on: believed of the proxies that the settings name, and no other."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def trusted_proxies(
    next_handler: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make REMOTE_ADDR the caller's own address, and forget what anybody but a trusted proxy says about it."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if not _is_trusted(meta.get("REMOTE_ADDR", "")):
            for name in _FORWARDED:
                meta.pop(name, None)
        elif chain := meta.get("HTTP_X_FORWARDED_FOR", ""):
            # Each proxy adds whom it heard it from at the end; what stands before the last stranger is hearsay.
            addresses = [address.strip() for address in chain.split(",")]
            stranger = next((each for each in reversed(addresses) if not _is_trusted(each)), addresses[0])
            meta["REMOTE_ADDR"] = stranger if _is_address(stranger) else ""
        return next_handler(request)

    return handle


def address_of(request: HttpRequest) -> str | None:
    """The address of the request's caller, or None when a proxy did not say one that can be read."""
    return request.META.get("REMOTE_ADDR") or None


def _is_trusted(text: str) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

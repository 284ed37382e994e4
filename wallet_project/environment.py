"""Reading settings from the environment: a value that makes no sense stops the start with one clear sentence.

Each function raises ImproperlyConfigured, which names the variable and says what it may be.
"""

import ipaddress
import os
from decimal import Decimal

from django.core.exceptions import ImproperlyConfigured

from ledger.exceptions import InvalidAmount
from ledger.money import parse_amount


def text(name: str, default: str | None = None) -> str:
    """The text of a variable; without it, `default`. Raises ImproperlyConfigured when there is neither."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env (see .env.example).")
    return value


def switch(name: str, *, default: bool) -> bool:
    """True or false, in any of the usual words."""
    value = text(name, str(default)).lower()
    if value in {"true", "yes", "on", "1"}:
        return True
    if value in {"false", "no", "off", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def one_of(name: str, default: str, known: set[str]) -> str:
    """One of the words `known`, which are written in capitals."""
    value = text(name, default).upper()
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(known))}, not {value!r}.")
    return value


def money(name: str, default: str = "") -> Decimal | None:
    """An amount; None where it is left out."""
    value = text(name, default)
    try:
        return parse_amount(value) if value else None
    except InvalidAmount:
        raise ImproperlyConfigured(f"{name} must be an amount such as 50000 or 99.50, not {value!r}.") from None


def names(name: str, default: str) -> list[str]:
    """The parts of a list with commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks, from a list with commas."""
    try:
        return [ipaddress.ip_network(part) for part in names(name, "")]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be addresses or networks such as 10.0.0.0/8: {error}.") from None


def address(name: str, default: str) -> str:
    """The address to listen on."""
    value = text(name, default)
    try:
        return str(ipaddress.ip_address("127.0.0.1" if value == "localhost" else value.strip("[]")))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be an address such as 127.0.0.1 or 0.0.0.0, not {value!r}.") from None


def is_weak(secret: str) -> bool:
    """Whether this secret could be guessed: short, of few characters, one word over and over, or somebody's example."""
    repeats = any(secret.startswith(secret[period:]) for period in range(1, len(secret) // 2 + 1))
    return len(secret) < 50 or len(set(secret)) < 10 or repeats or secret.startswith("django-insecure-")


def is_any_host(pattern: str) -> bool:
    """Whether this entry of ALLOWED_HOSTS lets in hosts that are not of one owner: `*`, or a whole top-level domain."""
    return pattern == "*" or (pattern.startswith(".") and "." not in pattern[1:].strip("."))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a service that listens on `host`."""
    return ipaddress.ip_address(host).is_loopback

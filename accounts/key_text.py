"""How an API key is written: `mws_PREFIX_SECRET`. Imports nothing of ours, so that logs can leave secrets out early."""

import re
import secrets

FORM = re.compile(r"mws_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_parts() -> tuple[str, str]:
    """A new prefix, and a secret of 256 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12)), secrets.token_urlsafe(32)


def written(prefix: str, secret: str) -> str:
    """The key of these parts, as its owner sends it."""
    return f"mws_{prefix}_{secret}"


def discreet(text: str) -> str:
    """`text` with the prefixes of the keys that stand in it, and without their secrets."""
    return FORM.sub(r"mws_\1_…", text)

"""The hash chain of each wallet: every row's hash covers its fields and the hash of the row before it.

Whoever changes, removes, inserts or swaps rows behind the application's back breaks the chain from there on, or has to
compute all that follows anew, up to a head that was written down elsewhere (`manage.py ledger_heads`). The form is
specified in docs/hash-chain.md, so that it can be checked in another language.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

GENESIS = "0" * 64
# The first field of every row: another set of fields, or another form, will have another name.
FORM = "wallet-ledger-1"


# What is covered, in this order.
FIELDS = (
    "transaction_id",
    "wallet_id",
    "sequence",
    "type",
    "kind",
    "amount",
    "status",
    "failure_reason",
    "balance_after",
    "available_after",
    "account_id",
    "reference_id",
    "leg",
    "created_at",
)


# Covered too, as `name=value`, where they say anything: rows without them hash as they always did.
FURTHER = (
    *("description", "actor", "counterparty", "concerns", "metadata", "held_after", "terms", "request_id", "address"),
)

_fields, _further = attrgetter(*FIELDS), attrgetter(*FURTHER)


def chain_hash(previous: str, row: Any) -> str:
    """The hash of `row`, a Transaction, after the row whose hash is `previous`: 64 hexadecimal digits."""
    return hash_fields(previous, _fields(row), dict(zip(FURTHER, _further(row), strict=True)))


def hash_fields(previous: str, fields: Iterable[object], further: Mapping[str, object]) -> str:
    """The hash over FORM, `previous`, `fields` and those of `further` that are not empty.

    Each is written as text and preceded by its length in bytes.
    """
    texts = [FORM, previous, *map(_text, fields)]
    texts += [f"{name}={_text(value)}" for name, value in further.items() if value]
    written = "".join([f"{len(text if text.isascii() else text.encode())}:{text}," for text in texts])
    return hashlib.sha256(written.encode()).hexdigest()


def _text(value: object) -> str:
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return str(value)

"""How wallets and transactions are written in JSON: exact numbers, UTC times with milliseconds and `Z`."""

from datetime import UTC, datetime
from typing import Any

from ledger.models import Transaction
from ledger.money import json_number
from wallets.selectors import WalletDetails


def wallet_details(path_user_id: str, details: WalletDetails) -> dict[str, Any]:
    """The body of `GET /wallets/:userId`."""
    return {
        "userId": path_user_id,
        "balance": json_number(details.balance),
        "transactions": [transaction_line(row) for row in details.transactions],
    }


def transaction_line(row: dict[str, Any]) -> dict[str, Any]:
    """One line of a wallet's history, its keys in the order of the contract."""
    return {
        **row,
        "transaction_id": str(row["transaction_id"]),
        "amount": json_number(row["amount"]),
        "failure_reason": row["failure_reason"] or None,
        "created_at": timestamp(row["created_at"]),
    }


def transaction_headers(transaction: Transaction, *, replayed: bool) -> dict[str, str]:
    """The reply headers that say which transaction it is about, and whether it had been decided before."""
    headers = {"Transaction-Id": str(transaction.transaction_id)}
    return headers | {"Idempotent-Replayed": "true"} if replayed else headers


def timestamp(moment: datetime) -> str:
    """ISO 8601, UTC, milliseconds, `Z`: 2026-02-11T10:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

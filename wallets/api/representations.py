"""How wallets and transactions are written in JSON: exact numbers, UTC times with milliseconds and `Z`."""

from datetime import datetime
from typing import Any

from ledger.models import Transaction
from ledger.moments import timestamp
from ledger.money import json_number
from wallets.history import Balance
from wallets.models import Hold, HoldStatus, Wallet
from wallets.operations import Reversal

LIMITS = {
    "overdraftLimit": "overdraft_limit",
    "amountLimit": "amount_limit",
    "dailyLimit": "daily_limit",
    "monthlyLimit": "monthly_limit",
    "balanceLimit": "balance_limit",
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


def transaction_details(row: dict[str, Any]) -> dict[str, Any]:
    """All that a transaction says, from the columns of `ledger.proof`."""
    concerns = str(row["concerns"]) if row["concerns"] else None
    return {
        "transaction_id": str(row["transaction_id"]),
        "user_id": row["wallet_id"],
        "sequence": row["sequence"],
        "type": row["type"],
        "kind": row["kind"],
        "amount": json_number(row["amount"]),
        "status": row["status"],
        "failure_reason": row["failure_reason"] or None,
        "balance_after": json_number(row["balance_after"]),
        "held_after": json_number(row["held_after"]),
        "available_after": json_number(row["available_after"]),
        "account": row["account_id"],
        "reference_id": row["reference_id"],
        "counterparty": row["counterparty"],
        "reverses": concerns if row["kind"] == Reversal.kind else None,
        "hold_id": None if row["kind"] == Reversal.kind else concerns,
        "description": row["description"],
        "metadata": row["metadata"] or {},
        "created_at": timestamp(row["created_at"]),
        "hash": row["hash"],
    }


def balance(path_user_id: str, found: Balance) -> dict[str, Any]:
    """The body of `GET /wallets/:userId/balance`."""
    return {
        "userId": path_user_id,
        "balance": json_number(found.balance),
        "held": json_number(found.held),
        "available": json_number(found.available),
        "sequence": found.sequence,
    }


def hold(found: Hold, now: datetime) -> dict[str, Any]:
    """The body of `GET /holds/:holdId`; a hold that is over is EXPIRED, also before that was noted."""
    over = found.is_over(now)
    return {
        "holdId": str(found.pk),
        "userId": found.wallet_id,
        "amount": json_number(found.amount),
        "captured": json_number(found.captured),
        "left": 0 if over else json_number(found.left),
        "status": HoldStatus.EXPIRED.value if over else found.status,
        "account": found.account_id,
        "expiresAt": timestamp(found.expires_at) if found.expires_at else None,
        "createdAt": timestamp(found.created_at),
    }


def limits(wallet: Wallet) -> dict[str, Any]:
    """The limits of a wallet's own; null where the service's hold."""
    return {
        camel: None if value is None else json_number(value)
        for camel, name in LIMITS.items()
        for value in [getattr(wallet, name)]
    }


def transaction_headers(transaction: Transaction, *, replayed: bool) -> dict[str, str]:
    """The reply headers that say which transaction it is about, and whether it had been decided before."""
    headers = {"Transaction-Id": str(transaction.transaction_id)}
    return headers | {"Idempotent-Replayed": "true"} if replayed else headers

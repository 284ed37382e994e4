"""The reply to whatever moved money, or set it aside: the message, a figure of its transaction, and its headers."""

from collections.abc import Mapping

from rest_framework.response import Response

from ledger.money import json_number
from wallets.api.representations import transaction_headers
from wallets.posting import Posted


def moved(message: str, posted: Posted) -> Response:
    """The balance that the transaction left."""
    return _about(posted, {"message": message, "balance": json_number(posted.transaction.balance_after)}, 200)


def held(message: str, posted: Posted, *, status: int) -> Response:
    """The hold that the transaction concerns, and what it left available."""
    row = posted.transaction
    body = {"message": message, "holdId": str(row.concerns), "available": json_number(row.available_after)}
    return _about(posted, body, status)


def _about(posted: Posted, body: Mapping[str, object], status: int) -> Response:
    headers = transaction_headers(posted.transaction, replayed=posted.replayed)
    return Response(body, status=status, headers=headers)

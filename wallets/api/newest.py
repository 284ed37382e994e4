"""The newest transactions of wallets as they were last written in JSON, remembered by the head of the hash chain.

The head is the hash of a wallet's newest row and, through it, of every row before: whoever has seen a head once knows
the rows. So nothing here is ever out of date, whichever process moves the money; what nobody asks for goes when
others need the room.
"""

from collections import OrderedDict
from threading import Lock

from msgspec import Raw

from accounts.api.written import as_json
from wallets import selectors
from wallets.api.representations import transaction_line
from wallets.selectors import WalletHead

# Heads that a process remembers, some 2 kB each.
MOST = 1000

_lock = Lock()
_written: OrderedDict[str, Raw] = OrderedDict()


def newest_transactions(user_id: int) -> tuple[WalletHead, Raw]:
    """The wallet's head, and its newest transactions as JSON, of one moment. Raises WalletNotFound."""
    head = selectors.wallet_head(user_id)
    written = _known(head.head_hash)
    if written is None:
        details = selectors.wallet_details(user_id, head)
        head, written = details.head, Raw(as_json([transaction_line(row) for row in details.transactions]))
        _remember(head.head_hash, written)
    return head, written


def _known(head_hash: str) -> Raw | None:
    with _lock:
        if head_hash in _written:
            _written.move_to_end(head_hash)
        return _written.get(head_hash)


def _remember(head_hash: str, written: Raw) -> None:
    with _lock:
        _written[head_hash] = written
        if len(_written) > MOST:
            _written.popitem(last=False)

"""Heads of the wallets' hash chains, written down where whoever owns the database cannot write, and read back."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ledger.exceptions import InvalidAnchors
from ledger.selectors import all_wallets

Anchors = Mapping[int, Mapping[int, str]]  # hashes by user_id and sequence


def head_lines(*, since: datetime | None = None) -> Iterator[str]:
    """The newest transaction's hash of each wallet that changed since then, or of all: one JSON object a line."""
    wallets = all_wallets().filter(sequence__gt=0).order_by("pk")
    if since is not None:
        wallets = wallets.filter(updated_at__gte=since)
    for user_id, sequence, head in wallets.values_list("pk", "sequence", "head_hash").iterator(chunk_size=2000):
        yield json.dumps({"user_id": user_id, "sequence": sequence, "hash": head})


def read_anchors(lines: Iterable[str]) -> Anchors:
    """What `head_lines` wrote. Raises InvalidAnchors, with the number of the line."""
    anchors: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for number, line in enumerate(lines, start=1):
        try:
            head = json.loads(line)
            anchors[int(head["user_id"])][int(head["sequence"])] = str(head["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidAnchors(f"line {number} is not a line that ledger_heads printed") from error
    return dict(anchors)

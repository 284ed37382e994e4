"""Whether one wallet's rows prove its balance. Pure: rows in, findings out; no database.

What is wrong is said once: after a finding, the rest is held against what the row says, not against what it ought to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.hashing import FIELDS, GENESIS, hash_fields


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold. `sequence` is None where it concerns the wallet as a whole, or no one wallet."""

    user_id: int | None
    sequence: int | None
    check: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = "ledger" if self.user_id is None else f"wallet {self.user_id}"
        row = "" if self.sequence is None else f", sequence {self.sequence}"
        return f"{where}{row}: {self.check}: expected {self.expected}, found {self.found}"


class Row(NamedTuple):
    """A transaction as the ledger stores it: the fields of FIELDS and FURTHER in `ledger.hashing`, and the hash."""

    transaction_id: Any
    user_id: int
    sequence: int
    type: str
    kind: str
    amount: Decimal
    status: str
    failure_reason: str
    balance_after: Decimal
    available_after: Decimal
    account: str
    reference_id: str
    leg: int
    created_at: Any
    description: str
    actor: str
    hash: str


@dataclass(frozen=True, slots=True)
class WalletState:
    """What the wallet's own row says."""

    user_id: int
    balance: Decimal
    sequence: int
    head_hash: str
    status: str


@dataclass(slots=True)
class Proof:
    """The proof of one wallet, as far as its rows have been read. Rows come in the order of their sequence."""

    wallet: WalletState
    anchors: dict[int, str]  # hashes that were written down elsewhere, by sequence
    sequence: int = 0
    balance: Decimal = Decimal(0)
    head: str = GENESIS

    def rows(self, rows: Iterable[Row]) -> Iterator[Finding]:
        """Take the next rows; what does not hold comes back."""
        for row in rows:
            yield from self._row(row)

    def end(self) -> Iterator[Finding]:
        """Hold the wallet against its rows, when all were read."""
        wallet = self.wallet
        for check, expected, found in (
            ("number of transactions", self.sequence, wallet.sequence),
            ("balance", f"{self.balance:.4f}", f"{wallet.balance:.4f}"),
            ("head of the hash chain", self.head, wallet.head_hash),
        ):
            if expected != found:
                yield Finding(wallet.user_id, None, check, str(expected), str(found))
        if wallet.status == "CLOSED" and wallet.balance:
            yield Finding(wallet.user_id, None, "balance of a closed wallet", "0", f"{wallet.balance:.4f}")
        for sequence, anchor in self.anchors.items():
            if sequence > self.sequence:
                yield Finding(wallet.user_id, sequence, "anchored transaction", anchor, "no such transaction")

    def _row(self, row: Row) -> Iterator[Finding]:
        def finding(check: str, expected: object, found: object) -> Finding:
            return Finding(row.user_id, row.sequence, check, str(expected), str(found))

        if row.sequence != self.sequence + 1:
            yield finding("sequence", self.sequence + 1, row.sequence)
        if row.status == "SUCCESS":
            self.balance += row.amount if row.type == "CREDIT" else -row.amount
        if row.balance_after != self.balance:
            yield finding("balance after", f"{self.balance:.4f}", f"{row.balance_after:.4f}")
        further = {"description": row.description, "actor": row.actor}
        if (computed := hash_fields(self.head, row[: len(FIELDS)], further)) != row.hash:
            yield finding("hash", computed, row.hash)
        if (anchor := self.anchors.get(row.sequence, row.hash)) != row.hash:
            yield finding("anchored hash", anchor, row.hash)
        self.sequence, self.balance, self.head = row.sequence, row.balance_after, row.hash

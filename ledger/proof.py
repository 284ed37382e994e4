"""Whether one wallet's rows prove its balance. Pure: rows in, findings out; no database.

What is wrong is said once: after a finding, the rest is held against what the row says, not against what it ought to.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.hashing import FIELDS, FURTHER, GENESIS, hash_fields

# What a Row is made of.
COLUMNS = (*FIELDS, *FURTHER, "hash")
# Rows of one wallet that may wait for one that comes before them: a server that hands out primary keys ahead of time
# stores them a little out of order.
_MOST_EARLY = 100


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
    """A transaction as the ledger stores it: the fields of COLUMNS."""

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
    counterparty: int | None
    concerns: Any
    metadata: dict[str, str] | None
    held_after: Decimal
    terms: str
    request_id: str
    address: str
    hash: str


@dataclass(frozen=True, slots=True)
class WalletState:
    """What the wallet's own row says."""

    user_id: int
    balance: Decimal
    sequence: int
    head_hash: str
    status: str
    held: Decimal = Decimal(0)


class Shut(NamedTuple):
    """A time in which no money may move: the transactions after `since`, up to `until`, or to the newest."""

    since: int
    until: int | None
    status: str


@dataclass(slots=True)
class Proof:
    """The proof of one wallet, as far as its rows were read. Rows come in the order of their sequence, or nearly."""

    wallet: WalletState
    anchors: Mapping[int, str] = field(default_factory=dict)  # hashes that were written down elsewhere, by sequence
    shut: Collection[Shut] = ()
    accounts: Collection[str] | None = None  # the codes there are, where they are known
    sequence: int = 0
    balance: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    head: str = GENESIS
    early: dict[int, Row] = field(default_factory=dict)

    def rows(self, rows: Iterable[Row]) -> Iterator[Finding]:
        """Take the next rows; what does not hold comes back."""
        for row in rows:
            yield from self.row(row)

    def row(self, row: Row) -> Iterator[Finding]:
        """Take the next row; what does not hold comes back."""
        if row.sequence <= self.sequence + 1 or row.sequence in self.early:
            yield from self._check(row)
        else:
            self.early[row.sequence] = row
        while self.early and (self.sequence + 1 in self.early or len(self.early) > _MOST_EARLY):
            yield from self._check(self.early.pop(min(self.early)))

    def end(self) -> Iterator[Finding]:
        """Hold the wallet against its rows, when all were read."""
        for sequence in sorted(self.early):
            yield from self._check(self.early.pop(sequence))
        wallet = self.wallet
        for check, expected, found in (
            ("number of transactions", self.sequence, wallet.sequence),
            ("balance", f"{self.balance:.4f}", f"{wallet.balance:.4f}"),
            ("held", f"{self.held:.4f}", f"{wallet.held:.4f}"),
            ("head of the hash chain", self.head, wallet.head_hash),
        ):
            if expected != found:
                yield Finding(wallet.user_id, None, check, str(expected), str(found))
        if wallet.status == "CLOSED" and wallet.balance:
            yield Finding(wallet.user_id, None, "balance of a closed wallet", "0", f"{wallet.balance:.4f}")
        for sequence, anchor in self.anchors.items():
            if sequence > self.sequence:
                yield Finding(wallet.user_id, sequence, "anchored transaction", anchor, "no such transaction")

    def _check(self, row: Row) -> Iterator[Finding]:
        def finding(check: str, expected: object, found: object) -> Finding:
            return Finding(row.user_id, row.sequence, check, str(expected), str(found))

        if row.sequence != self.sequence + 1:
            yield finding("sequence", self.sequence + 1, row.sequence)
        if row.status == "SUCCESS":
            self.balance += row.amount if row.type == "CREDIT" else -row.amount
            if status := self._status_that_forbids(row):
                yield finding(f"money of a wallet that was {status}", "none", row.amount)
        if row.balance_after != self.balance:
            yield finding("balance after", f"{self.balance:.4f}", f"{row.balance_after:.4f}")
        if not self._explains_held(row):
            yield finding("held after", f"what a {row.kind} leaves of {self.held:.4f}", f"{row.held_after:.4f}")
        if self.accounts is not None and row.account not in self.accounts:
            yield finding("account", "one of the accounts", row.account)
        further = dict(zip(FURTHER, row[len(FIELDS) : -1], strict=True))
        if (computed := hash_fields(self.head, row[: len(FIELDS)], further)) != row.hash:
            yield finding("hash", computed, row.hash)
        if (anchor := self.anchors.get(row.sequence, row.hash)) != row.hash:
            yield finding("anchored hash", anchor, row.hash)
        self.sequence, self.balance, self.held, self.head = row.sequence, row.balance_after, row.held_after, row.hash

    def _status_that_forbids(self, row: Row) -> str | None:
        for shut in self.shut:
            if shut.since < row.sequence and (shut.until is None or row.sequence <= shut.until):
                return None if shut.status == "DEBIT_FROZEN" and row.type == "CREDIT" else shut.status
        return None

    def _explains_held(self, row: Row) -> bool:
        more = row.held_after - self.held
        if row.kind == "CAPTURE" and row.status == "SUCCESS":
            return -more >= row.amount  # a final one lets the rest go
        if row.status == "HELD":
            return more == (row.amount if row.type == "DEBIT" else -row.amount)
        return more == 0

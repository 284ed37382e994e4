"""Reading the whole ledger and holding it against itself, while others write, without locking anybody out.

The transactions are read as they lie, in ranges of their primary key, a few thousand at a time: in the order of the
wallets, a million rows would be a million pages to fetch. What is remembered is the wallets, and of each how far its
proof has come. A ledger of many wallets is taken in parts, each of which reads all rows and proves its own wallets, so
that memory does not grow with the ledger.

A wallet's own row is read before its transactions: rows are never changed and its sequence says how many there were, so
what is added meanwhile is simply left for next time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, F, Func, Q

from ledger.anchors import Anchors
from ledger.counterparts import check_counterparts
from ledger.models import Account, AuditRecord, Transaction
from ledger.proof import COLUMNS, Finding, Proof, Row, Shut, WalletState
from ledger.selectors import all_wallets, wallets_among
from ledger.trial_balance import trial_balances

ROWS_AT_A_TIME = 5000
WALLETS_AT_A_TIME = 100_000
MOST_KEPT = 1000  # findings of a part; the others are counted

Progress = Callable[[int], object]


@dataclass
class Report:
    """What a verification read, and what it found: the first findings, and how many they were."""

    wallets: int = 0
    rows: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: Iterable[Finding]) -> None:
        """Count `findings`, and keep them while there is room."""
        for finding in findings:
            self.found += 1
            if len(self.findings) < MOST_KEPT:
                self.findings.append(finding)

    def add_report(self, part: "Report") -> None:
        """What another part of the ledger came to."""
        self.wallets += part.wallets
        self.rows += part.rows
        self.add(part.findings)
        self.found += part.found - len(part.findings)


@dataclass(frozen=True)
class Scope:
    """Which wallets: one of `parts`, a power of two, that the low bits of the user_id deal them into; or one wallet."""

    part: int = 0
    parts: int = 1
    user_id: int | None = None

    def of(self, queryset: Any, column: str) -> Any:
        """The rows of `queryset` whose `column`, a user_id, is of these wallets."""
        if self.user_id is not None:
            return queryset.filter(**{column: self.user_id})
        if self.parts == 1:
            return queryset
        low_bits = Func(F(column), template=f"(%(expressions)s & {self.parts - 1})", output_field=BigIntegerField())
        return queryset.alias(part=low_bits).filter(part=self.part)


def whole_ledger(at_least: int = 1) -> list[Scope]:
    """Every wallet, in `at_least` parts, and so many that each fits into the memory of one process."""
    wanted = max(at_least, -(-all_wallets().count() // WALLETS_AT_A_TIME))
    parts = 1 << (wanted - 1).bit_length()
    return [Scope(part, parts) for part in range(parts)]


def verify(scope: Scope, anchors: Anchors, progress: Progress | None = None) -> Report:
    """Prove every wallet of `scope`; `progress` is told how many rows were read since it last was."""
    report = Report()
    accounts = set(Account.objects.values_list("code", flat=True))
    columns = ("pk", "balance", "sequence", "head_hash", "status", "held")
    wallets = [WalletState(*values) for values in scope.of(all_wallets(), "pk").values_list(*columns)]
    shut = _shut(scope)  # after the wallets: who is thawed meanwhile has moved no money that is looked at here
    proofs = {
        wallet.user_id: Proof(wallet, anchors.get(wallet.user_id, {}), shut.get(wallet.user_id, ()), accounts)
        for wallet in wallets
    }
    report.wallets = len(proofs)
    strangers: set[int] = set()
    for rows in _pages(scope):
        for row in rows:
            proof = proofs.get(row.user_id)
            if proof is None:
                strangers.add(row.user_id)
            elif row.sequence <= proof.wallet.sequence:
                report.add(proof.row(row))
        report.rows += len(rows)
        if progress:
            progress(len(rows))
    for proof in proofs.values():
        report.add(proof.end())
    # A stranger that has a wallet by now was created since the wallets were read.
    for stranger in sorted(strangers - wallets_among(strangers)):
        report.add([Finding(stranger, None, "wallet of transactions", "a wallet", "none")])
    report.add(_rows_nobody_posted(scope))
    report.findings.sort(key=lambda finding: (finding.user_id or 0, finding.sequence or 2**63))
    return report


def verify_whole(anchors: Anchors) -> Iterator[Finding]:
    """What concerns no one wallet: the trial balance, what rows say of each other, anchors of wallets that are gone."""
    for balance in trial_balances():
        for complaint in balance.complaints:
            yield Finding(None, None, f"trial balance in {balance.currency}", "to hold", complaint)
    yield from check_counterparts()
    for user_id in sorted(set(anchors) - wallets_among(anchors)):
        yield Finding(user_id, None, "anchored wallet", "a wallet", "none")


def _pages(scope: Scope) -> Iterator[list[Row]]:
    """The transactions of `scope`, a few thousand at a time: as they lie in the table; one wallet's, by its index."""
    order = "pk" if scope.user_id is None else "sequence"
    rows = scope.of(Transaction.objects.order_by(order), "wallet_id").values_list(order, *COLUMNS)
    newest = 0
    while page := list(rows.filter(**{f"{order}__gt": newest})[:ROWS_AT_A_TIME]):
        newest = page[-1][0]
        yield [Row(*values[1:]) for values in page]


def _shut(scope: Scope) -> dict[int, list[Shut]]:
    """Between which transactions the wallets were frozen or closed, as the audit records say."""
    shut: defaultdict[int, list[Shut]] = defaultdict(list)
    records = scope.of(AuditRecord.objects.order_by("pk"), "user_id").values_list("user_id", "after")
    for user_id, after in records.iterator(chunk_size=2000):
        if "status" not in after:
            continue
        periods = shut[user_id]
        if periods and periods[-1].until is None:
            periods[-1] = periods[-1]._replace(until=after["sequence"])
        if after["status"] != "ACTIVE":
            periods.append(Shut(after["sequence"], None, after["status"]))
    return shut


def _rows_nobody_posted(scope: Scope) -> Iterator[Finding]:
    """Rows beyond their wallet's sequence. One statement sees one moment: a posting has written both, or neither."""
    rows = scope.of(Transaction.objects, "wallet_id").filter(Q(sequence__gt=F("wallet__sequence")))
    for user_id, sequence, newest in rows.values_list("wallet_id", "sequence", "wallet__sequence")[:MOST_KEPT]:
        yield Finding(user_id, sequence, "sequence beyond the wallet's newest", f"at most {newest}", str(sequence))

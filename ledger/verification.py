"""Reading the whole ledger and holding it against itself, while others write, without locking anybody out.

Wallets are taken in ranges of their primary key, and their rows in the order of the index on (wallet, sequence), a few
thousand at a time, so that memory does not grow with the ledger. A wallet's row is read before its transactions: rows
are never changed and its sequence says how many there were, so what is added meanwhile is simply left for next time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, Sum, Value, When

from ledger.fields import MoneyField
from ledger.hashing import FIELDS, FURTHER
from ledger.models import Account, Status, Transaction, Type
from ledger.proof import Finding, Proof, Row, WalletState

ROWS_AT_A_TIME = 5000
WALLETS = "wallets"  # the line of a trial balance that is no account

Anchors = Mapping[int, dict[int, str]]
# The ledger knows the wallet by the foreign key only.
_Wallet: Any = Transaction._meta.get_field("wallet").related_model


@dataclass
class Report:
    """What a verification read, and what it found."""

    wallets: int = 0
    rows: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify_wallets(*, low: int, high: int, anchors: Anchors, progress: Callable[[int], object] | None = None) -> Report:
    """Prove every wallet from user_id `low` to `high`; `progress` is told how many rows were read since it last was."""
    report = Report()
    for group in _groups(low, high):
        proofs = {wallet.user_id: Proof(wallet, anchors.get(wallet.user_id, {})) for wallet in group}
        for rows in _pages(group):
            for row in rows:
                proof = proofs.get(row.user_id)  # None for a wallet that was created since the group was read
                if proof and row.sequence <= proof.wallet.sequence:
                    report.findings += proof.rows((row,))
            report.rows += len(rows)
            if progress:
                progress(len(rows))
        for proof in proofs.values():
            report.findings += proof.end()
        report.wallets += len(group)
    report.findings += _rows_nobody_posted(low, high)
    return report


def verify_whole() -> list[Finding]:
    """What concerns no one wallet: the trial balance, and no receiving side without a sending one."""
    findings = [
        Finding(None, None, f"trial balance in {balance.currency}", "to hold", complaint)
        for balance in trial_balances()
        for complaint in balance.complaints
    ]
    sending = Transaction.objects.filter(leg=0).values("reference_id")
    findings += [
        Finding(row.wallet_id, row.sequence, "the sending side", row.reference_id, "none")
        for row in Transaction.objects.filter(leg=1).exclude(reference_id__in=sending)[:100]
    ]
    return findings


def _groups(low: int, high: int) -> Iterator[list[WalletState]]:
    """Wallets in the order of their key, in groups of about ROWS_AT_A_TIME transactions."""
    group: list[WalletState] = []
    rows = 0
    while wallets := list(
        _Wallet.objects.filter(pk__gte=low, pk__lte=high)
        .order_by("pk")
        .values_list("pk", "balance", "sequence", "head_hash", "status")[:1000]
    ):
        for wallet in (WalletState(*values) for values in wallets):
            group.append(wallet)
            rows += wallet.sequence
            if rows >= ROWS_AT_A_TIME:
                yield group
                group, rows = [], 0
        low = wallets[-1][0] + 1
    if group:
        yield group


def _pages(group: list[WalletState]) -> Iterator[list[Row]]:
    """The transactions of a group of neighbouring wallets, in order, a few thousand at a time."""
    rows = Transaction.objects.order_by("wallet_id", "sequence").values_list(*FIELDS, *FURTHER, "hash")
    most = max(wallet.sequence for wallet in group)
    if most <= ROWS_AT_A_TIME:
        yield _rows(rows.filter(wallet_id__gte=group[0].user_id, wallet_id__lte=group[-1].user_id))
        return
    for wallet in group:
        for start in range(0, wallet.sequence, ROWS_AT_A_TIME):
            yield _rows(rows.filter(wallet_id=wallet.user_id, sequence__gt=start, sequence__lte=start + ROWS_AT_A_TIME))


def _rows(query: Iterable[Any]) -> list[Row]:
    return [Row(*values) for values in query]


def _rows_nobody_posted(low: int, high: int) -> Iterator[Finding]:
    """Rows beyond their wallet's sequence. One statement sees one moment: a posting has written both, or neither."""
    beyond = Transaction.objects.filter(
        Q(sequence__gt=F("wallet__sequence")), wallet_id__gte=low, wallet_id__lte=high
    ).values_list("wallet_id", "sequence", "wallet__sequence")
    for user_id, sequence, newest in beyond[:1000]:
        yield Finding(user_id, sequence, "sequence beyond the wallet's newest", f"at most {newest}", str(sequence))


def wallet_ranges(parts: int) -> list[tuple[int, int]]:
    """All wallets, as about `parts` ranges of user_id that hold equally many."""
    keys = _Wallet.objects.order_by("pk").values_list("pk", flat=True)
    count = keys.count()
    if not count:
        return []
    starts = sorted({keys[part * count // parts] for part in range(parts)})
    ends = [start - 1 for start in starts[1:]] + [2**63 - 1]
    return list(zip(starts, ends, strict=True))


def wallets_among(user_ids: Iterable[int]) -> set[int]:
    """Those of `user_ids` that have a wallet."""
    return set(_Wallet.objects.filter(pk__in=list(user_ids)).values_list("pk", flat=True))


def heads(*, since: Any = None) -> Iterator[tuple[int, int, str]]:
    """(user_id, sequence, hash) of the newest transaction of each wallet that changed since a time, or of all."""
    wallets = _Wallet.objects.filter(sequence__gt=0).order_by("pk")
    if since is not None:
        wallets = wallets.filter(updated_at__gte=since)
    yield from wallets.values_list("pk", "sequence", "head_hash").iterator(chunk_size=2000)


@dataclass(frozen=True)
class TrialBalance:
    """All that moved in one currency: what each account and the wallets together have; in total, zero."""

    currency: str
    lines: list[tuple[str, Decimal]]  # negative: it gave; positive: it has, or is owed
    complaints: list[str]

    @property
    def debits(self) -> Decimal:
        """What was given, as a positive figure."""
        return -sum((amount for _, amount in self.lines if amount < 0), Decimal(0))

    @property
    def credits(self) -> Decimal:
        """What is there, or owed."""
        return sum((amount for _, amount in self.lines if amount > 0), Decimal(0))

    @property
    def holds(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.complaints


def trial_balances(*, at: Any = None) -> list[TrialBalance]:
    """The trial balance of each currency, now or just before `at`.

    Now, the wallets' total is what their own rows say, so that it is held against the transactions.
    """
    by_currency: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for currency, account, given, received in _totals(at):
        by_currency[currency][account] = (received or Decimal(0)) - (given or Decimal(0))
    clearing = set(Account.objects.filter(must_be_zero=True).values_list("code", flat=True))
    balances = []
    for currency, amounts in sorted(by_currency.items()):
        stored = amounts.pop(WALLETS, None)
        owed = -sum(amounts.values(), Decimal(0))
        complaints = [f"{code} is a clearing account and not zero" for code in clearing if amounts.get(code)]
        if stored not in {None, owed}:
            complaints.append(f"the wallets hold {stored:.4f}, and their transactions say {owed:.4f}")
        balances.append(TrialBalance(currency, [*sorted(amounts.items()), (WALLETS, owed)], complaints))
    return balances


def _totals(at: Any) -> Any:
    """(currency, account, given, received), by one statement, which sees one moment also while others write."""

    def amounts(type_: Type) -> Sum:
        return Sum(Case(When(type=type_, then=F("amount")), output_field=MoneyField()))

    rows = Transaction.objects.filter(status=Status.SUCCESS).order_by()
    if at is not None:
        rows = rows.filter(created_at__lt=at)
    moved = rows.values_list("wallet__currency", "account_id").annotate(
        given=amounts(Type.CREDIT), received=amounts(Type.DEBIT)
    )
    if at is not None:
        return moved
    nothing = Value(None, output_field=MoneyField())
    held = (
        _Wallet.objects.order_by()
        .values_list("currency")
        .annotate(account=Value(WALLETS), given=nothing, received=Sum("balance"))
        .values_list("currency", "account", "given", "received")
    )
    return moved.union(held, all=True)

"""All that a person wants to know of one wallet, for the page that shows it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from ledger.charts import Chart, balance_over_time
from ledger.models import AuditRecord, Transaction
from ledger.money import for_people
from wallets.limits import Spent, limits_of
from wallets.models import Hold, HoldStatus, Proposal, ProposalStatus, Wallet
from wallets.selectors import spent_by

# The newest transactions that the chart is drawn of, and those of them that are listed.
DRAWN, LISTED = 200, 20


@dataclass(frozen=True)
class Limit:
    """A limit, as a person reads it."""

    name: str
    value: str


@dataclass(frozen=True)
class Overview:
    """What belongs to a wallet, newest first; of holds and proposals, those that are open."""

    chart: Chart | None
    latest: list[Transaction]
    holds: list[Hold]
    records: list[AuditRecord]
    proposals: list[Proposal]
    limits: list[Limit]


def overview(wallet: Wallet) -> Overview:
    """What there is of `wallet`, by a handful of index look-ups however long its history is."""
    newest = list(Transaction.objects.filter(wallet_id=wallet.pk).order_by("-sequence")[:DRAWN])
    now = timezone.now()
    points = [(row.created_at, row.balance_after) for row in reversed(newest)]
    title = "Balance over time" if len(newest) < DRAWN else f"Balance over the last {DRAWN} transactions"
    holds = Hold.objects.filter(wallet_id=wallet.pk, status=HoldStatus.OPEN).exclude(expires_at__lte=now)
    return Overview(
        chart=balance_over_time(title, points, now, wallet.currency) if points else None,
        latest=newest[:LISTED],
        holds=list(holds.order_by("-pk")[:LISTED]),
        records=list(AuditRecord.objects.filter(user_id=wallet.pk).order_by("-created_at", "-pk")[:LISTED]),
        proposals=list(wallet.proposals.filter(status=ProposalStatus.PENDING).order_by("-pk")[:LISTED]),
        limits=list(_limits(wallet)),
    )


def _limits(wallet: Wallet) -> list[Limit]:
    limits = limits_of(wallet)
    counts = limits.daily is not None or limits.monthly is not None
    spent = spent_by(wallet.pk, timezone.now()) if counts else Spent()

    def shown(amount: Decimal | None, used: Decimal | None = None) -> str:
        if amount is None:
            return "none"
        limit = for_people(amount, wallet.currency)
        return limit if used is None else f"{for_people(used, wallet.currency)} spent of {limit}"

    return [
        Limit("Overdraft", shown(wallet.overdraft_limit or None)),
        Limit("One amount", shown(limits.amount)),
        Limit("24 hours", shown(limits.daily, spent.day)),
        Limit("30 days", shown(limits.monthly, spent.month)),
        Limit("Balance", shown(limits.balance)),
    ]

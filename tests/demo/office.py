"""What staff do in the demo: wallets frozen, limited and closed, adjustments, and proposals for two people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from accounts.callers import STAFF
from accounts.models import Staff
from ledger.models import Status, Transaction
from tests.demo.events import Ask, Deed, Event, ask, money
from tests.demo.words import APP, BANK, DEAR_SHOPS, SHOPS, WHY_FROZEN
from wallets import approvals, corrections, services
from wallets.exceptions import NeedsApproval
from wallets.models import Wallet
from wallets.operations import Credit, Debit

OPERATOR, SUPERVISOR = f"{STAFF}operator", f"{STAFF}supervisor"
# Each is the life of one person whom nothing else happens to; `times` is when, from joining (0) to the end (1).
LIVES = ("frozen", "limited", "closed", "debit_frozen", "overdrawn", "thawed")
_MORE_LIVES = ("frozen", "thawed", "limited")


@dataclass(frozen=True, slots=True)
class Life:
    """One person's part: what they do, and what is done to their wallet."""

    number: int
    user_id: int
    reference: Callable[[str], str]

    def events(self, name: str) -> Iterator[tuple[float, Event]]:
        """When, and what."""
        yield 0.01, self._in(6_000_00)
        for at in range(6):
            yield 0.06 + at * 0.06, self._out(120_00 + (self.number * 37 + at * 61) % 400 * 100, at)
        yield from getattr(self, f"_{name}")()

    def _frozen(self) -> Iterator[tuple[float, Event]]:
        yield 0.7, self._deed(corrections.set_frozen, frozen=True, reason=self._why(), actor=OPERATOR)
        yield 0.8, self._out(250_00, 7)
        yield 0.9, self._out(90_00, 8)

    def _thawed(self) -> Iterator[tuple[float, Event]]:
        yield 0.5, self._deed(corrections.set_frozen, frozen=True, reason=self._why(), actor=OPERATOR)
        yield 0.6, self._out(250_00, 7)
        thaw = {"frozen": False, "reason": "Identity confirmed by telephone", "actor": SUPERVISOR}
        yield 0.7, self._deed(corrections.set_frozen, **thaw)
        yield 0.8, self._out(250_00, 8)

    def _debit_frozen(self) -> Iterator[tuple[float, Event]]:
        freeze = {"frozen": True, "debits_only": True, "reason": "Court order 77/2026", "actor": SUPERVISOR}
        yield 0.6, self._deed(corrections.set_frozen, **freeze)
        yield 0.7, self._in(500_00)
        yield 0.8, self._out(300_00, 7)

    def _limited(self) -> Iterator[tuple[float, Event]]:
        limits = {"amount_limit": Decimal(1500), "daily_limit": Decimal(2000), "monthly_limit": Decimal(20000)}
        why = {"reason": "Asked for a limit of their own", "actor": SUPERVISOR}
        yield 0.45, self._deed(corrections.set_limits, limits=limits, **why)
        yield 0.6, self._out(1_800_00, 7)
        yield 0.75, self._out(400_00, 8)

    def _overdrawn(self) -> Iterator[tuple[float, Event]]:
        limits = {"overdraft_limit": Decimal(10000)}
        yield 0.45, self._deed(corrections.set_limits, limits=limits, reason="Good customer", actor=SUPERVISOR)
        yield 0.6, self._out(7_500_00, 7)

    def _closed(self) -> Iterator[tuple[float, Event]]:
        yield 0.7, Deed(partial(self._leave, self.reference("leaving")))

    def _leave(self, reference: str) -> None:
        left = Wallet.objects.values_list("balance", flat=True).get(pk=self.user_id)
        if left:
            services.debit(
                user_id=self.user_id,
                amount=left,
                reference_id=reference,
                account=BANK,
                description="Everything back to the bank",
                actor=APP,
            )
        corrections.close(user_id=self.user_id, reason="Asked to leave, paid out", actor=SUPERVISOR)

    def _deed(self, do: Callable[..., object], **values: object) -> Deed:
        return Deed(partial(do, user_id=self.user_id, **values))

    def _why(self) -> str:
        return WHY_FROZEN[self.number % len(WHY_FROZEN)]

    def _in(self, amount: int) -> Ask:
        operation = Credit(
            user_id=self.user_id,
            amount=money(amount),
            reference_id=self.reference("topup"),
            account=BANK,
            description="Added by UPI",
            actor=APP,
        )
        return ask(operation)

    def _out(self, amount: int, place: int) -> Ask:
        shop = DEAR_SHOPS[-1] if amount > 5_000_00 else SHOPS[(self.number + place) % len(SHOPS)]
        operation = Debit(
            user_id=self.user_id,
            amount=money(amount),
            reference_id=self.reference("order"),
            account=shop.account,
            description=f"{shop.name}: {shop.what}",
            actor=shop.client,
        )
        return ask(operation)


def lives(people: int) -> list[str]:
    """Of how many people each: some few, however many there are; at most one in six."""
    more = min(40, people // 100)
    return [*LIVES[: people // 6], *(_MORE_LIVES[number % len(_MORE_LIVES)] for number in range(more))]


def corrections_of(user_ids: list[int]) -> Iterator[tuple[float, Event]]:
    """What is put right for these six: when in the story, and what."""
    yield 0.35, Deed(partial(_adjust, user_ids[0], 150, "Goodwill: delivery came late"))
    yield 0.55, Deed(partial(_adjust, user_ids[1], 75, "Fee charged twice, ticket 4655"))
    yield 0.62, Deed(partial(_decided, user_ids[2], 12500, "Prize of the summer draw", approve=True))
    yield 0.71, Deed(partial(_decided, user_ids[3], -11000, "Salary paid twice?", approve=False))
    yield 0.9, Deed(partial(_propose, user_ids[4], 14200, "Top-up that the bank took and we did not see"))
    yield 0.95, Deed(partial(_propose, user_ids[5], 25000, "Insurance pays for the stolen phone, claim 88-1"))
    yield 0.97, Deed(partial(_propose_reversal, user_ids[0]))


def _adjust(user_id: int, amount: int, reason: str) -> None:
    what = {"user_id": user_id, "amount": Decimal(amount), "reason": reason, "actor": OPERATOR}
    try:
        corrections.adjust(**what, reference_id=f"adjust-{user_id}")  # type: ignore[arg-type]
    except NeedsApproval:  # where the limit for one person is that low
        approvals.propose_adjustment(**what)  # type: ignore[arg-type]


def _propose(user_id: int, amount: int, reason: str) -> int:
    proposal = approvals.propose_adjustment(user_id=user_id, amount=Decimal(amount), reason=reason, actor=OPERATOR)
    return int(proposal.pk)


def _propose_reversal(user_id: int) -> None:
    spent = Transaction.objects.filter(wallet_id=user_id, status=Status.SUCCESS, kind=Debit.kind)
    if newest := spent.order_by("-sequence").first():
        approvals.propose_reversal(
            transaction_id=newest.transaction_id, amount=None, reason="Shop closed down, order lost", actor=OPERATOR
        )


def _decided(user_id: int, amount: int, reason: str, *, approve: bool) -> None:
    """Proposed, and decided by whoever of the supervisors may; where nobody may, it waits."""
    proposal = _propose(user_id, amount, reason)
    supervisors = Staff.objects.filter(username__in=("supervisor", "supervisor2")).order_by("username")
    deciding = next((staff for staff in supervisors if staff.has_perm(approvals.APPROVE)), None)
    if deciding is None:
        return
    if approve:
        approvals.approve(proposal_id=proposal, staff=deciding)
    else:
        approvals.decline(proposal_id=proposal, staff=deciding, reason="Paid once only, see the statement of the bank")

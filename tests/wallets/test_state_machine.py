"""Any sequence of operations, replays, conflicts and crashes leaves what a few dictionaries would say.

Hypothesis makes up the sequences, and shortens one that fails to the few steps that matter. Every commit is a real one,
and a crash is a connection that is gone in the middle of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ledger.models import Transaction
from ledger.money import MAX_MONEY
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, verify
from tests.factories import new_wallet
from wallets import holds, posting
from wallets.corrections import close, set_frozen, set_limits
from wallets.decisions import Refused
from wallets.exceptions import (
    DuplicateReference,
    HoldClosed,
    InvalidCorrection,
    InvalidLimits,
    NotReversible,
    WalletNotFound,
)
from wallets.history import balance_now
from wallets.operations import Capture, Credit, Debit, Operation, PlaceHold, Reversal, Transfer
from wallets.posting import Outcome, Posted, post
from wallets.services import reversal

NOBODY = 2**62
AMOUNTS = st.one_of(
    st.decimals("0.01", "500", places=2),
    st.sampled_from([Decimal("0.01"), Decimal("99999999999999.99"), Decimal(50000000000000)]),
)
SOME_OR_ALL = st.one_of(st.none(), AMOUNTS)
CREDIT_OR_DEBIT = st.sampled_from([Credit, Debit])


@dataclass(frozen=True)
class Expected:
    """What the model says of one operation."""

    status: str  # SUCCESS, FAILED, HELD, conflict, nobody
    balance: Decimal | None = None
    amount: Decimal | None = None
    replayed: bool = False


@dataclass
class ModelHold:
    """A hold as the model knows it."""

    user_id: int
    left: Decimal
    expires_at: datetime | None
    status: str = "OPEN"

    @property
    def is_open(self) -> bool:
        return self.status == "OPEN"


class CrashedError(Exception):
    """The process died here."""


class Wallets(RuleBasedStateMachine):
    """The service beside a model that anybody can check: balances by user, and answers by reference."""

    wallets = Bundle("wallets")
    sent = Bundle("sent")
    placed = Bundle("placed")

    def __init__(self) -> None:
        super().__init__()
        self.name = uuid4().hex[:8]  # the machine before this one has committed what it did
        self.balances: dict[int, Decimal] = {}
        self.status: dict[int, str] = {}
        self.limits: dict[int, dict[str, Decimal | None]] = {}
        self.holds: dict[UUID, ModelHold] = {}
        self.reversed: dict[UUID, Decimal] = {}
        self.answers: dict[str, tuple[Operation, Expected]] = {}
        self.sides = self.let_go_of = 0
        self.travel = time_machine.travel(datetime.now(UTC), tick=False)
        self.clock = self.travel.start()

    def teardown(self) -> None:
        self.travel.stop()

    def new_reference(self) -> str:
        return f"{self.name}-{len(self.answers)}"

    @rule(target=wallets)
    def open_wallet(self) -> int:
        user_id: int = new_wallet().pk
        self.balances[user_id] = Decimal(0)
        self.status[user_id] = "ACTIVE"
        self.limits[user_id] = {"overdraft_limit": Decimal(0), "amount_limit": None, "balance_limit": None}
        return user_id

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))
        for hold in self.holds.values():
            if hold.is_open and hold.expires_at is not None and hold.expires_at <= datetime.now(UTC):
                hold.status = "EXPIRED"

    @rule(target=sent, user_id=wallets, kind=CREDIT_OR_DEBIT, amount=AMOUNTS)
    def send(self, user_id: int, kind: type[Operation], amount: Decimal) -> Operation:
        return self.carry_out(kind(user_id=user_id, amount=amount, reference_id=self.new_reference()))

    @rule(target=sent, user_id=wallets, other=wallets, amount=AMOUNTS)
    def send_to_another(self, user_id: int, other: int, amount: Decimal) -> Operation:
        if user_id == other:
            return self.carry_out(Credit(user_id=user_id, amount=amount, reference_id=self.new_reference()))
        return self.carry_out(
            Transfer(user_id=user_id, counterparty=other, amount=amount, reference_id=self.new_reference())
        )

    @rule(target=placed, user_id=wallets, amount=AMOUNTS, hours=st.one_of(st.none(), st.integers(1, 20)))
    def set_aside(self, user_id: int, amount: Decimal, hours: int | None) -> Operation:
        return self.carry_out(
            PlaceHold(
                user_id=user_id,
                amount=amount,
                concerns=uuid4(),
                reference_id=self.new_reference(),
                expires_at=None if hours is None else datetime.now(UTC) + timedelta(hours=hours),
            )
        )

    @rule(target=sent, hold=placed, amount=SOME_OR_ALL, final=st.booleans())
    def capture(self, hold: Operation, amount: Decimal | None, *, final: bool) -> Operation:
        if hold.concerns not in self.holds:  # it was refused
            return hold
        return self.carry_out(
            Capture(
                user_id=hold.user_id,
                amount=amount,
                concerns=hold.concerns,
                final=final,
                reference_id=self.new_reference(),
            )
        )

    @rule(hold=placed)
    def let_go(self, hold: Operation) -> None:
        known = self.holds.get(hold.concerns or UUID(int=0))
        if hold.concerns is None or known is None:
            return
        if known.status in {"CAPTURED", "EXPIRED"}:
            with pytest.raises(HoldClosed):
                holds.release(hold_id=hold.concerns)
            return
        posted = holds.release(hold_id=hold.concerns)
        assert posted.replayed is not known.is_open
        if known.is_open:
            self.let_go_of += 1
        known.status = "RELEASED"

    @rule(target=sent, operation=sent, amount=SOME_OR_ALL)
    def undo(self, operation: Operation, amount: Decimal | None) -> Operation:
        row = Transaction.objects.get(reference_id=operation.reference_id, leg=0)
        try:
            undoing = reversal(row, reference_id=self.new_reference(), amount=amount, reason="")
        except NotReversible:
            assert row.status != "SUCCESS" or row.kind == "REVERSAL"
            return operation
        return self.carry_out(undoing)

    @rule(user_id=wallets, status=st.sampled_from(["ACTIVE", "DEBIT_FROZEN", "FROZEN"]))
    def freeze_or_thaw(self, user_id: int, status: str) -> None:
        if self.status[user_id] != "CLOSED":
            set_frozen(
                user_id=user_id,
                frozen=status != "ACTIVE",
                debits_only=status == "DEBIT_FROZEN",
                reason="Why not",
                actor="hypothesis",
            )
            self.status[user_id] = status

    @rule(user_id=wallets)
    def close(self, user_id: int) -> None:
        if self.status[user_id] != "CLOSED" and (self.balances[user_id] or self.held(user_id)):
            with pytest.raises(InvalidCorrection):
                close(user_id=user_id, reason="Why not", actor="hypothesis")
            return
        close(user_id=user_id, reason="Why not", actor="hypothesis")
        self.status[user_id] = "CLOSED"

    @rule(
        user_id=wallets,
        overdraft=st.sampled_from([Decimal(0), Decimal(100)]),
        amount=st.sampled_from([None, Decimal(200)]),
        balance=st.sampled_from([None, Decimal(400)]),
    )
    def set_limits(self, user_id: int, overdraft: Decimal, amount: Decimal | None, balance: Decimal | None) -> None:
        free = self.balances[user_id] - self.held(user_id)
        limits = {"overdraft_limit": overdraft, "amount_limit": amount, "balance_limit": balance}
        if self.status[user_id] == "CLOSED":
            with pytest.raises(InvalidCorrection):
                set_limits(user_id=user_id, limits=limits, reason="Why not", actor="hypothesis")
            return
        if free < -overdraft or (balance is not None and self.balances[user_id] > balance):
            with pytest.raises(InvalidLimits):
                set_limits(user_id=user_id, limits=limits, reason="Why not", actor="hypothesis")
            return
        set_limits(user_id=user_id, limits=limits, reason="Why not", actor="hypothesis")
        self.limits[user_id] = limits

    @rule(operation=st.one_of(sent, placed))
    def send_again(self, operation: Operation) -> None:
        self.carry_out(operation)

    @rule(operation=sent, user_id=wallets, kind=CREDIT_OR_DEBIT, amount=AMOUNTS)
    def send_something_under_a_used_reference(
        self, operation: Operation, user_id: int, kind: type[Operation], amount: Decimal
    ) -> None:
        self.carry_out(kind(user_id=user_id, amount=amount, reference_id=operation.reference_id))

    @rule(amount=AMOUNTS)
    def send_to_nobody(self, amount: Decimal) -> None:
        self.carry_out(Credit(user_id=NOBODY, amount=amount, reference_id="nobody"))

    @rule(data=st.data(), users=st.lists(wallets, min_size=1, max_size=6))
    def send_a_batch(self, data: st.DataObject, users: list[int]) -> None:
        batch: list[Operation] = []
        for number, user_id in enumerate(users):
            kind = data.draw(CREDIT_OR_DEBIT)
            reference = f"{self.new_reference()}-{0 if data.draw(st.booleans()) else number}"
            batch.append(kind(user_id=user_id, amount=data.draw(AMOUNTS), reference_id=reference))
        self.check(batch, post(batch))

    @rule(target=sent, user_id=wallets, kind=CREDIT_OR_DEBIT, amount=AMOUNTS)
    def crash_before_the_answer(self, user_id: int, kind: type[Operation], amount: Decimal) -> Operation:
        """It was committed, and nobody was told: the model moves, and whoever asks again gets a replay."""
        operation = kind(user_id=user_id, amount=amount, reference_id=self.new_reference())
        post([operation])
        self.expect(operation)
        return operation

    @rule(user_id=wallets, amount=AMOUNTS, where=st.sampled_from(["_lock", "record", "_store"]))
    def crash_before_the_commit(self, user_id: int, amount: Decimal, where: str) -> None:
        operation = Credit(user_id=user_id, amount=amount, reference_id=self.new_reference())
        real: Callable[..., Any] = getattr(posting, where)

        def die(*arguments: Any) -> None:
            real(*arguments)
            connection.close()
            raise CrashedError

        with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashedError):
            patch.setattr(posting, where, die)
            post([operation])

    def carry_out(self, operation: Operation) -> Operation:
        """Post it, and hold the answer against the model's."""
        self.check([operation], post([operation]))
        return operation

    def check(self, operations: list[Operation], outcomes: list[Outcome]) -> None:
        """Hold each outcome against what the model says, in order."""
        for operation, outcome in zip(operations, outcomes, strict=True):
            expected = self.expect(operation)
            if isinstance(outcome, Refused):
                error = {"conflict": DuplicateReference, "nobody": WalletNotFound}[expected.status]
                assert isinstance(outcome.error, error)
                continue
            assert isinstance(outcome, Posted)
            row = outcome.transaction
            assert (row.status, row.balance_after, row.amount, outcome.replayed) == (
                expected.status,
                expected.balance,
                expected.amount,
                expected.replayed,
            )

    def expect(self, operation: Operation) -> Expected:
        """What the dictionaries would answer, and the dictionaries after it."""
        if known := self.answers.get(operation.reference_id):
            first, answer = known
            same = first == operation or (type(first), first.user_id, first.amount, first.counterparty) == (
                type(operation),
                operation.user_id,
                operation.amount,
                operation.counterparty,
            )
            if not same:
                return Expected("conflict")
            return Expected(answer.status, answer.balance, answer.amount, replayed=True)
        if operation.user_id not in self.balances:
            return Expected("nobody")
        amount, enough = self.amount(operation)
        status = self.move(operation, amount) if enough and self.can_move(operation, amount) else "FAILED"
        answer = Expected(status, self.balances[operation.user_id], amount)
        self.answers[operation.reference_id] = (operation, answer)
        return answer

    def amount(self, operation: Operation) -> tuple[Decimal, bool]:
        """How much it is about, and whether that much is left of what it concerns."""
        if isinstance(operation, Capture):
            hold = self.holds[operation.concerns]
            row = Transaction.objects.get(concerns=operation.concerns, kind="HOLD")
            captured = Transaction.objects.filter(concerns=operation.concerns, kind="CAPTURE", status="SUCCESS")
            left = row.amount - sum((each.amount for each in captured), Decimal(0))
            amount = operation.amount or left or row.amount
            return amount, hold.is_open and amount <= hold.left
        if isinstance(operation, Reversal):
            left = operation.original - self.reversed.get(operation.concerns, Decimal(0))
            amount = operation.amount or left or operation.original
            return amount, amount <= left
        assert operation.amount is not None
        return operation.amount, True

    def can_move(self, operation: Operation, amount: Decimal) -> bool:
        """Whether the wallets have it, and have room for it."""
        gives = operation.user_id if operation.type == "DEBIT" else None
        takes = operation.counterparty if operation.type == "DEBIT" else operation.user_id
        if takes is not None:
            limit = self.limits[takes]["balance_limit"]
            if self.status[takes] in {"FROZEN", "CLOSED"}:
                return False
            if self.balances[takes] + amount > (MAX_MONEY if limit is None else limit):
                return False
        if gives is None:
            return True
        if self.status[gives] != "ACTIVE":
            return False
        if isinstance(operation, Capture):
            return True
        most = self.limits[gives]["amount_limit"]
        if operation.spends and most is not None and amount > most:
            return False
        if isinstance(operation, PlaceHold) and self.held(gives) + amount > MAX_MONEY:
            return False
        return amount <= self.balances[gives] - self.held(gives) + (self.limits[gives]["overdraft_limit"] or 0)

    def move(self, operation: Operation, amount: Decimal) -> str:
        """The dictionaries after it; the status that its transaction has."""
        if isinstance(operation, PlaceHold):
            self.holds[operation.concerns] = ModelHold(operation.user_id, amount, operation.expires_at)
            return "HELD"
        self.balances[operation.user_id] += amount if operation.type == "CREDIT" else -amount
        if operation.counterparty is not None:
            self.balances[operation.counterparty] += amount
            self.sides += 1
        if isinstance(operation, Capture):
            hold = self.holds[operation.concerns]
            hold.left = Decimal(0) if operation.final else hold.left - amount
            hold.status = "OPEN" if hold.left else "CAPTURED"
        if isinstance(operation, Reversal):
            self.reversed[operation.concerns] = self.reversed.get(operation.concerns, Decimal(0)) + amount
        return "SUCCESS"

    def held(self, user_id: int) -> Decimal:
        """What the user's open holds have left."""
        return sum((hold.left for hold in self.holds.values() if hold.is_open and hold.user_id == user_id), Decimal(0))

    @invariant()
    def balances_and_holds_are_the_models(self) -> None:
        for user_id, balance in self.balances.items():
            now = balance_now(user_id)
            assert (now.balance, now.held) == (balance, self.held(user_id))

    @invariant()
    def every_answer_is_one_row_or_two_sides(self) -> None:
        rows = Transaction.objects.filter(wallet_id__in=self.balances)
        asked = rows.filter(leg=0).exclude(kind__in=["RELEASE", "EXPIRY"])
        assert sorted(asked.values_list("reference_id", flat=True)) == sorted(self.answers)
        assert rows.filter(kind="RELEASE").count() == self.let_go_of
        assert rows.filter(leg=1).count() == self.sides

    @invariant()
    def the_ledger_proves_itself(self) -> None:
        for user_id in self.balances:
            assert verify(Scope(user_id=user_id), {}).findings == []
        assert all(balance.holds for balance in trial_balances())


@pytest.mark.django_db(transaction=True)
def test_any_sequence_of_operations_leaves_what_a_few_dictionaries_would_say() -> None:
    run_state_machine_as_test(
        Wallets,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

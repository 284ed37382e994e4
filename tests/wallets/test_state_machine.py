"""Any sequence of operations, replays, conflicts and crashes leaves what a dictionary of balances would say.

Hypothesis makes up the sequences, and shortens one that fails to the few steps that matter. Every commit is a real one,
and a crash is a connection that is gone in the middle of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ledger.models import Transaction
from ledger.money import MAX_MONEY
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, verify
from tests.factories import new_wallet
from wallets import posting
from wallets.decisions import Refused
from wallets.exceptions import DuplicateReference, WalletNotFound
from wallets.models import Wallet
from wallets.operations import Credit, Debit, Operation
from wallets.posting import Outcome, Posted, post

NOBODY = 2**62
AMOUNTS = st.one_of(
    st.decimals("0.01", "500", places=2),
    st.sampled_from([Decimal("0.01"), Decimal("99999999999999.99"), Decimal(50000000000000)]),
)


@dataclass(frozen=True)
class Expected:
    """What the model says of one operation."""

    status: str  # SUCCESS, FAILED, conflict, nobody
    balance: Decimal | None = None
    replayed: bool = False


class CrashedError(Exception):
    """The process died here."""


class Wallets(RuleBasedStateMachine):
    """The service beside a model that anybody can check: balances by user, and answers by reference."""

    wallets = Bundle("wallets")
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.name = uuid4().hex[:8]  # the machine before this one has committed what it did
        self.balances: dict[int, Decimal] = {}
        self.answers: dict[str, tuple[Operation, Expected]] = {}

    def new_reference(self) -> str:
        return f"{self.name}-{len(self.answers)}"

    @rule(target=wallets)
    def open_wallet(self) -> int:
        user_id: int = new_wallet().pk
        self.balances[user_id] = Decimal(0)
        return user_id

    @rule(target=sent, user_id=wallets, kind=st.sampled_from([Credit, Debit]), amount=AMOUNTS)
    def send(self, user_id: int, kind: type[Operation], amount: Decimal) -> Operation:
        operation = kind(user_id=user_id, amount=amount, reference_id=self.new_reference())
        self.check([operation], post([operation]))
        return operation

    @rule(operation=sent)
    def send_again(self, operation: Operation) -> None:
        self.check([operation], post([operation]))

    @rule(operation=sent, user_id=wallets, kind=st.sampled_from([Credit, Debit]), amount=AMOUNTS)
    def send_something_under_a_used_reference(
        self, operation: Operation, user_id: int, kind: type[Operation], amount: Decimal
    ) -> None:
        other = kind(user_id=user_id, amount=amount, reference_id=operation.reference_id)
        self.check([other], post([other]))

    @rule(amount=AMOUNTS)
    def send_to_nobody(self, amount: Decimal) -> None:
        operation = Credit(user_id=NOBODY, amount=amount, reference_id="nobody")
        self.check([operation], post([operation]))

    @rule(data=st.data(), users=st.lists(wallets, min_size=1, max_size=6))
    def send_a_batch(self, data: st.DataObject, users: list[int]) -> None:
        batch: list[Operation] = []
        for number, user_id in enumerate(users):
            kind = data.draw(st.sampled_from([Credit, Debit]))
            reference = f"{self.new_reference()}-{0 if data.draw(st.booleans()) else number}"
            batch.append(kind(user_id=user_id, amount=data.draw(AMOUNTS), reference_id=reference))
        self.check(batch, post(batch))

    @rule(target=sent, user_id=wallets, kind=st.sampled_from([Credit, Debit]), amount=AMOUNTS)
    def crash_before_the_answer(self, user_id: int, kind: type[Operation], amount: Decimal) -> Operation:
        """It was committed, and nobody was told: the model moves, and whoever asks again gets a replay."""
        operation = kind(user_id=user_id, amount=amount, reference_id=self.new_reference())
        post([operation])
        self.expect(operation)
        return operation

    @rule(user_id=wallets, amount=AMOUNTS, where=st.sampled_from(["_lock", "record", "_store"]))
    def crash_before_the_commit(self, user_id: int, amount: Decimal, where: str) -> None:
        operation = Credit(user_id=user_id, amount=amount, reference_id=self.new_reference())
        real = getattr(posting, where)

        def die(*arguments: Any) -> None:
            real(*arguments)
            connection.close()
            raise CrashedError

        with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashedError):
            patch.setattr(posting, where, die)
            post([operation])

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
            assert (row.status, row.balance_after, outcome.replayed) == (
                expected.status,
                expected.balance,
                expected.replayed,
            )

    def expect(self, operation: Operation) -> Expected:
        """What a dictionary would answer, and the dictionary after it."""
        if known := self.answers.get(operation.reference_id):
            first, answer = known
            same = (type(first), first.user_id, first.amount) == (type(operation), operation.user_id, operation.amount)
            return Expected(answer.status, answer.balance, replayed=True) if same else Expected("conflict")
        if operation.user_id not in self.balances:
            return Expected("nobody")
        before = self.balances[operation.user_id]
        after = before + (operation.amount if isinstance(operation, Credit) else -operation.amount)
        if 0 <= after <= MAX_MONEY:
            self.balances[operation.user_id] = after
            answer = Expected("SUCCESS", after)
        else:
            answer = Expected("FAILED", before)
        self.answers[operation.reference_id] = (operation, answer)
        return answer

    @invariant()
    def balances_are_the_models(self) -> None:
        assert dict(Wallet.objects.filter(pk__in=self.balances).values_list("pk", "balance")) == self.balances

    @invariant()
    def every_answer_is_one_row(self) -> None:
        rows = Transaction.objects.filter(wallet_id__in=self.balances).values_list("reference_id", flat=True)
        assert sorted(rows) == sorted(self.answers)

    @invariant()
    def the_ledger_proves_itself(self) -> None:
        for user_id in self.balances:
            assert verify(Scope(user_id=user_id), {}).findings == []
        assert all(balance.holds for balance in trial_balances())


@pytest.mark.django_db(transaction=True)
def test_any_sequence_of_operations_leaves_what_a_dictionary_would_say() -> None:
    run_state_machine_as_test(
        Wallets,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

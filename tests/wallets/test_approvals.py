"""Large corrections take two people: one proposes, another approves, and it is posted once."""

from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.transaction import atomic

from accounts.models import Staff
from ledger.exceptions import InvalidAmount
from ledger.models import AuditRecord, Transaction
from ledger.verification import Scope, verify
from tests.conftest import Api, NothingMoved
from tests.factories import StaffFactory, new_wallet
from tests.threads import in_a_thread
from wallets import corrections, services
from wallets.approvals import approve, decline, pending, propose_adjustment, propose_reversal
from wallets.exceptions import (
    AlreadyDecided,
    InvalidCorrection,
    NeedsApproval,
    NotAnother,
    NotReversible,
    ProposalNotFound,
    TransactionNotFound,
    WalletNotFound,
)
from wallets.models import Proposal, Wallet

pytestmark = pytest.mark.django_db
WHY = "Fee charged twice, ticket 4711"


@pytest.fixture(autouse=True)
def _alone(settings: Any) -> None:
    """One person may correct up to 100."""
    settings.WALLET_APPROVAL_LIMIT = Decimal(100)


def supervisor(username: str) -> Staff:
    staff: Staff = StaffFactory.create(username=username, is_superuser=False)
    staff.groups.add(Group.objects.get(name="supervisor"))
    return Staff.objects.get(pk=staff.pk)


def proposal(wallet: Wallet, amount: int | Decimal = 500, actor: str = "staff:asha") -> Proposal:
    return propose_adjustment(user_id=wallet.pk, amount=Decimal(amount), reason=WHY, actor=actor)


def balance(wallet: Wallet) -> Decimal:
    assert verify(Scope(), {}).findings == []
    return Wallet.objects.values_list("balance", flat=True).get(pk=wallet.pk)


def test_one_person_adjusts_up_to_the_limit_and_no_more(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(1000)
    why: Any = {"user_id": wallet.pk, "reason": WHY, "actor": "staff:asha"}
    corrections.adjust(amount=Decimal(100), reference_id="a", **why)
    with nothing_moved():
        for amount in ("100.01", "-100.01", "500"):
            with pytest.raises(NeedsApproval, match="Correcting more than 100 needs two people"):
                corrections.adjust(amount=Decimal(amount), reference_id="b", **why)
    corrections.adjust(amount=Decimal(-100), reference_id="b", **why)
    assert balance(wallet) == 1000


def test_nor_does_one_caller_reverse_more_by_the_api_or_the_shell(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(1000)
    debited = services.debit(user_id=wallet.pk, amount=300, reference_id="d").transaction.transaction_id
    path = f"/transactions/{debited}/reverse"
    refused = (403, {"error": "Correcting more than 100 needs two people: propose it in the back office"})
    with nothing_moved():
        assert Api().post(path, {"referenceId": "r", "reason": "Why"}).answer == refused, "all of it is more"
        assert Api().post(path, {"amount": 100.01, "referenceId": "r", "reason": "Why"}).answer == refused
        with pytest.raises(NeedsApproval):
            services.reverse(transaction_id=debited, reference_id="r")
        with pytest.raises(CommandError, match="needs two people"):
            call_command("adjust_wallet", str(wallet.pk), "500", "--reason", WHY, "--operator", "asha")
    assert Api().post(path, {"amount": 100, "referenceId": "r", "reason": "Why"}).status == 200
    services.debit(user_id=wallet.pk, amount=500, reference_id="spending is no correction".replace(" ", "-"))


def test_what_one_proposes_another_approves_and_it_is_posted(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(1000)
    with nothing_moved():
        asked = proposal(wallet, -500)
        assert pending() == 1
    posted = approve(proposal_id=asked.pk, staff=supervisor("bela"))
    row = posted.transaction
    assert (row.kind, row.type, row.amount, row.status) == ("ADJUSTMENT", "DEBIT", 500, "SUCCESS")
    assert (row.actor, row.description, row.account_id) == ("staff:bela", WHY, "adjustments")
    assert balance(wallet) == 500
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.transaction_id) == ("APPROVED", "staff:bela", row.transaction_id)
    record = AuditRecord.objects.get()
    assert (record.action, record.actor, record.before["proposed_by"]) == (
        "approved proposal",
        "staff:bela",
        "staff:asha",
    )
    assert pending() == 0


def test_a_reversal_is_proposed_in_whole_or_in_part() -> None:
    wallet = new_wallet(1000)
    debited = services.debit(user_id=wallet.pk, amount=600, reference_id="d").transaction.transaction_id
    asha: Any = {"transaction_id": debited, "reason": WHY, "actor": "staff:asha"}
    part, rest = propose_reversal(amount=Decimal("200.50"), **asha), propose_reversal(amount=None, **asha)
    for each, after in ((part, "600.50"), (rest, "1000")):
        row = approve(proposal_id=each.pk, staff=supervisor(f"bela-{each.pk}")).transaction
        assert (row.kind, row.concerns, row.balance_after) == ("REVERSAL", debited, Decimal(after))
    late = propose_reversal(amount=None, **asha)
    row = approve(proposal_id=late.pk, staff=supervisor("carl")).transaction
    assert (row.status, row.failure_reason) == ("FAILED", "Reversal exceeds what is left of the transaction")
    late.refresh_from_db()
    assert (late.status, late.transaction_id) == ("APPROVED", row.transaction_id)
    assert balance(wallet) == 1000


@pytest.mark.parametrize("proposed_by", ["staff:asha", "command:asha", "command: Asha", "staff:ASHA"])
def test_nobody_approves_or_declines_what_they_proposed_themselves(
    proposed_by: str, nothing_moved: NothingMoved
) -> None:
    asked = proposal(new_wallet(1000), actor=proposed_by)
    asha = supervisor("asha")
    with nothing_moved():
        with pytest.raises(NotAnother, match="What you proposed yourself another has to approve"):
            approve(proposal_id=asked.pk, staff=asha)
        with pytest.raises(NotAnother):
            decline(proposal_id=asked.pk, staff=asha, reason="Why not")
    assert pending() == 1


def test_nor_does_anybody_without_the_right_to(nothing_moved: NothingMoved) -> None:
    asked = proposal(new_wallet(1000))
    operator: Staff = StaffFactory.create(username="olga", is_superuser=False)
    operator.groups.add(Group.objects.get(name="operator"))
    gone = supervisor("gone")
    gone.is_active = False
    with nothing_moved():
        for staff in (operator, gone):
            with pytest.raises(NotAnother, match="You may not approve"):
                approve(proposal_id=asked.pk, staff=staff)
    assert pending() == 1


def test_the_database_keeps_it_from_the_one_who_proposed_it() -> None:
    asked = proposal(new_wallet(1000))
    for change in ({"status": "APPROVED", "decided_by": "staff:asha"}, {"status": "APPROVED"}, {"status": "approved"}):
        with pytest.raises(IntegrityError), atomic():
            Proposal.objects.filter(pk=asked.pk).update(**change)


def test_it_is_decided_once(nothing_moved: NothingMoved) -> None:
    wallet = new_wallet(1000)
    asked, bela, carl = proposal(wallet), supervisor("bela"), supervisor("carl")
    first = approve(proposal_id=asked.pk, staff=bela)
    with nothing_moved():
        again = approve(proposal_id=asked.pk, staff=bela)
        assert (again.transaction.pk, again.replayed) == (first.transaction.pk, True)
        with pytest.raises(AlreadyDecided, match="Approved before, by staff:bela"):
            approve(proposal_id=asked.pk, staff=carl)
        with pytest.raises(AlreadyDecided):
            decline(proposal_id=asked.pk, staff=bela, reason="After all")
    assert AuditRecord.objects.count() == 1


def test_what_is_declined_is_not_done_and_says_why(nothing_moved: NothingMoved) -> None:
    asked, bela = proposal(new_wallet(1000)), supervisor("bela")
    with nothing_moved():
        with pytest.raises(InvalidCorrection, match="A reason"):
            decline(proposal_id=asked.pk, staff=bela, reason=" ")
        for _ in range(2):
            decline(proposal_id=asked.pk, staff=bela, reason="No such fee")
        with pytest.raises(AlreadyDecided, match="Declined before, by staff:bela"):
            approve(proposal_id=asked.pk, staff=supervisor("carl"))
    asked.refresh_from_db()
    assert (asked.status, asked.decision_reason, asked.transaction_id) == ("DECLINED", "No such fee", None)
    assert AuditRecord.objects.get().reason == "No such fee"


def test_what_cannot_be_done_cannot_be_proposed() -> None:
    wallet = new_wallet(1000)
    debited = services.debit(user_id=wallet.pk, amount=100, reference_id="d").transaction.transaction_id
    reversal = services.reverse(transaction_id=debited, reference_id="r").transaction.transaction_id
    adjustments: list[tuple[type[Exception], Any]] = [
        (InvalidCorrection, {"reason": ""}),
        (InvalidCorrection, {"actor": " "}),
        (InvalidAmount, {"amount": Decimal(0)}),
        (InvalidAmount, {"amount": Decimal("1.234")}),
        (WalletNotFound, {"user_id": 404404}),
    ]
    good: dict[str, Any] = {"user_id": wallet.pk, "amount": Decimal(5), "reason": WHY, "actor": "staff:asha"}
    for error, what in adjustments:
        with pytest.raises(error):
            propose_adjustment(**good | what)
    reversals: list[tuple[type[Exception], Any]] = [
        (InvalidCorrection, {"amount": Decimal(101)}),
        (NotReversible, {"transaction_id": reversal}),
        (TransactionNotFound, {"transaction_id": uuid4()}),
    ]
    good = {"transaction_id": debited, "amount": None, "reason": WHY, "actor": "staff:asha"}
    for error, what in reversals:
        with pytest.raises(error):
            propose_reversal(**good | what)
    with pytest.raises(ProposalNotFound):
        approve(proposal_id=404, staff=supervisor("bela"))
    assert not Proposal.objects.exists()


def test_the_command_proposes() -> None:
    wallet, out = new_wallet(1000), StringIO()
    arguments = (str(wallet.pk), "-500", "--reason", WHY, "--operator", "asha", "--propose")
    call_command("adjust_wallet", *arguments, "--dry-run", stdout=out)
    assert not Proposal.objects.exists()
    call_command("adjust_wallet", *arguments, stdout=out)
    asked = Proposal.objects.get()
    assert f"Proposed, as number {asked.pk}." in out.getvalue()
    assert (asked.type, asked.amount, asked.proposed_by, asked.reason) == ("DEBIT", 500, "command:asha", WHY)


@pytest.mark.django_db(transaction=True)
@pytest.mark.engine("mysql")
def test_two_supervisors_at_the_same_moment_post_it_once() -> None:
    wallet = new_wallet(1000)
    staff = [supervisor(f"s{number}") for number in range(8)]
    for _ in range(5):
        asked = proposal(wallet, 200).pk
        tried = [in_a_thread(partial(_outcome, asked, who)) for who in staff]
        outcomes = [each.result(30) for each in tried]
        assert sorted(outcomes) == ["AlreadyDecided"] * 7 + ["posted"]
    assert balance(wallet) == 2000
    assert Transaction.objects.filter(kind="ADJUSTMENT").count() == 5


def _outcome(proposal_id: int, staff: Staff) -> str:
    try:
        approve(proposal_id=proposal_id, staff=staff)
    except AlreadyDecided:
        return "AlreadyDecided"
    return "posted"

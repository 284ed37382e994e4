"""Corrections that take two people: one proposes, another approves or declines.

Approving posts the correction through the one door, in the commit that notes who approved it: so it happens once, also
when two click at the same moment.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError
from django.db.transaction import atomic, set_rollback
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.callers import STAFF
from accounts.models import Staff
from ledger.database_errors import is_duplicate
from ledger.models import Status, Type
from ledger.money import parse_amount, wrong_decimals
from ledger.retrying import insert
from wallets.corrections import adjustment, record, require_words
from wallets.decisions import Refused
from wallets.exceptions import (
    AlreadyDecided,
    DuplicateReference,
    InvalidCorrection,
    NotAnother,
    ProposalNotFound,
    WalletNotFound,
)
from wallets.models import Proposal, ProposalStatus, Wallet
from wallets.operations import Operation
from wallets.posting import Posted, in_one_transaction, post, settled
from wallets.selectors import require_transaction
from wallets.services import reversal

APPROVE = "wallets.approve_correction"
MOST_COUNTED = 100


def propose_adjustment(
    *, user_id: int, amount: Decimal, reason: str, actor: str, token: UUID | None = None
) -> Proposal:
    """Ask for `amount`, in the wallet's currency, to be moved into the wallet, or out of it when negative.

    Asking twice with one `token` is asking once. Raises InvalidCorrection without a reason or an actor, InvalidAmount,
    WalletNotFound; DuplicateReference for a token that asked for something else.
    """
    require_words(reason, actor)
    wallet = Wallet.objects.filter(pk=user_id).first()
    if wallet is None:
        raise WalletNotFound
    whole = parse_amount(abs(amount)).normalize()
    if error := wrong_decimals(whole, wallet.currency):
        raise error
    type_ = Type.DEBIT if amount < 0 else Type.CREDIT
    return _proposed(token, wallet_id=user_id, type=type_, amount=whole, reason=reason, proposed_by=actor)


def propose_reversal(
    *, transaction_id: UUID, amount: Decimal | None, reason: str, actor: str, token: UUID | None = None
) -> Proposal:
    """Ask for a transaction to be reversed, or `amount` of it; without an amount, all that is left then.

    Asking twice with one `token` is asking once. Raises InvalidCorrection without a reason or an actor,
    TransactionNotFound, NotReversible, InvalidAmount; DuplicateReference for a token that asked for something else.
    """
    require_words(reason, actor)
    original = require_transaction(transaction_id)
    whole = None if amount is None else parse_amount(amount).normalize()
    reversal(original, reference_id="only-to-see-whether-it-can-be", amount=whole, reason=reason)
    if whole is not None and whole > original.amount:
        raise InvalidCorrection("A reversal cannot be of more than the transaction")
    what = {"wallet_id": original.wallet_id, "concerns": transaction_id, "amount": whole}
    return _proposed(token, **what, reason=reason, proposed_by=actor)


def _proposed(token: UUID | None, **what: object) -> Proposal:
    reference = f"proposal-{token or uuid7()}"
    proposal = Proposal(reference_id=reference, proposed_at=timezone.now(), **what)
    try:
        insert(proposal)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        proposal = Proposal.objects.get(reference_id=reference)
        if any(getattr(proposal, name) != value for name, value in what.items()):
            raise DuplicateReference from error
    return proposal


def approve(*, proposal_id: int, staff: Staff) -> Posted:
    """Post what was proposed, in the name of whoever approves it. Answers its transaction, which may have FAILED.

    The same person approving again gets the same answer. Raises ProposalNotFound; NotAnother for whoever proposed it,
    and for whoever may not approve; AlreadyDecided; OutcomeUnknown, after which asking again tells.
    """

    def once() -> Posted:
        proposal = _locked(proposal_id)
        actor = _another(proposal, staff)
        if proposal.status == ProposalStatus.APPROVED and proposal.decided_by == actor:
            assert proposal.transaction_id is not None, "it was noted in the same commit"
            return Posted(require_transaction(proposal.transaction_id), replayed=True)
        _require_pending(proposal)
        posted = settled(post([operation_of(proposal, actor)])[0])
        proposal.transaction_id = posted.transaction.transaction_id
        _decide(proposal, ProposalStatus.APPROVED, actor, "")
        return posted

    return in_one_transaction(once, may_refuse=True)


def decline(*, proposal_id: int, staff: Staff, reason: str) -> None:
    """Note that it will not be done, and why. Raises what `approve` raises, and InvalidCorrection without a reason."""

    def once() -> None:
        proposal = _locked(proposal_id)
        actor = _another(proposal, staff)
        require_words(reason, actor)
        if proposal.status == ProposalStatus.DECLINED and proposal.decided_by == actor:
            return
        _require_pending(proposal)
        _decide(proposal, ProposalStatus.DECLINED, actor, reason)

    in_one_transaction(once, may_refuse=True)


def operation_of(proposal: Proposal, actor: str) -> Operation:
    """What approving `proposal` posts, in the name of `actor`."""
    if proposal.concerns is None:
        assert proposal.amount is not None, "an adjustment has an amount; a constraint says so"
        signed = proposal.amount if proposal.type == Type.CREDIT else -proposal.amount
        operation: Operation = adjustment(
            user_id=proposal.wallet_id,
            amount=signed,
            reason=proposal.reason,
            actor=actor,
            reference_id=proposal.reference_id,
        )
    else:
        operation = reversal(
            require_transaction(proposal.concerns),
            reference_id=proposal.reference_id,
            amount=None if proposal.amount is None else proposal.amount.normalize(),
            reason=proposal.reason,
            actor=actor,
        )
    return replace(operation, approved=True)


@dataclass(frozen=True)
class Preview:
    """What approving would do now: the balance before and after, or why it would not move."""

    before: Decimal
    after: Decimal
    failure: str


def preview(proposal: Proposal) -> Preview:
    """What approving `proposal` would do, if it were done now: it is tried, and undone."""
    with atomic():
        (outcome,) = post([operation_of(proposal, "preview")])
        set_rollback(True)
    if isinstance(outcome, Refused):
        balance = Wallet.objects.values_list("balance", flat=True).get(pk=proposal.wallet_id)
        return Preview(balance, balance, str(outcome.error))
    row = outcome.transaction
    moved = row.amount if row.status == Status.SUCCESS else Decimal(0)
    before = row.balance_after - moved if row.type == Type.CREDIT else row.balance_after + moved
    return Preview(before, row.balance_after, row.failure_reason)


def person(actor: str) -> str:
    """Whoever it is, however they came: `staff:Asha` and `command:asha` are one."""
    return actor.rpartition(":")[2].strip().casefold()


def _another(proposal: Proposal, staff: Staff) -> str:
    """The actor who decides. Raises NotAnother."""
    if not (staff.is_active and staff.has_perm(APPROVE)):
        raise NotAnother("You may not approve or decline what others propose")
    actor = f"{STAFF}{staff.get_username()}"
    if person(actor) == person(proposal.proposed_by):
        raise NotAnother("What you proposed yourself another has to approve or decline")
    return actor


def _locked(proposal_id: int) -> Proposal:
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise ProposalNotFound
    return proposal


def _require_pending(proposal: Proposal) -> None:
    if proposal.status != ProposalStatus.PENDING:
        raise AlreadyDecided(f"{proposal.status.capitalize()} before, by {proposal.decided_by}")


def _decide(proposal: Proposal, status: ProposalStatus, actor: str, reason: str) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, actor, timezone.now()
    proposal.decision_reason = reason
    proposal.save(update_fields=["status", "decided_by", "decided_at", "decision_reason", "transaction_id"])
    record(
        f"{status.lower()} proposal",
        proposal.wallet_id,
        reason=reason or proposal.reason,
        actor=actor,
        before={"proposal": proposal.pk, "proposed_by": proposal.proposed_by, "status": "PENDING"},
        after={"proposal": proposal.pk, "transaction": str(proposal.transaction_id or "")},
    )


def pending() -> int:
    """How many wait to be decided; beyond MOST_COUNTED it does not matter."""
    return len(Proposal.objects.filter(status=ProposalStatus.PENDING).values_list("pk", flat=True)[:MOST_COUNTED])

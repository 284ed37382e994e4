"""What operators do to put a wallet right. Each leaves a row that says who did it and why; none overwrites a balance
that the rows prove.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.transaction import atomic
from django.utils import timezone

from ledger.models import AuditRecord, Transaction
from ledger.money import parse_amount
from ledger.proof import COLUMNS, Finding, Proof, Row, WalletState
from ledger.references import MAX_ACTOR_LENGTH, MAX_DESCRIPTION_LENGTH, check_words
from wallets.exceptions import InvalidCorrection, WalletNotFound
from wallets.models import Wallet, WalletStatus
from wallets.operations import ADJUSTMENTS, CreditAdjustment, DebitAdjustment
from wallets.posting import Posted
from wallets.services import carry_out


def adjust(*, user_id: int, amount: Decimal, reason: str, actor: str, reference_id: str) -> Posted:
    """Move `amount`, in the wallet's currency, into the wallet, or out of it when negative, against `adjustments`.

    Raises InvalidCorrection without a reason or an actor, and what `services.debit` raises.
    """
    _require_words(reason, actor)
    adjustment = DebitAdjustment if amount < 0 else CreditAdjustment
    return carry_out(
        adjustment(
            user_id=user_id,
            amount=parse_amount(abs(amount)).normalize(),
            reference_id=reference_id,
            account=ADJUSTMENTS,
            description=reason,
            actor=actor,
        )
    )


def set_frozen(*, user_id: int, frozen: bool, reason: str, actor: str) -> bool:
    """Freeze the wallet, so that no money moves, or let it move again. Answers whether anything changed.

    Raises InvalidCorrection without a reason or an actor, or for a closed wallet; WalletNotFound.
    """
    _require_words(reason, actor)
    wanted = WalletStatus.FROZEN if frozen else WalletStatus.ACTIVE
    with atomic():
        wallet = _locked(user_id)
        if wallet.status == WalletStatus.CLOSED:
            raise InvalidCorrection("The wallet is closed")
        if wallet.status == wanted:
            return False
        action = "freeze" if frozen else "unfreeze"
        before = {"status": wallet.status}
        # The proof of the ledger finds money that moved after this transaction, and before the wallet was unfrozen.
        after = {"status": str(wanted), "sequence": wallet.sequence}
        _record(action, wallet, reason=reason, actor=actor, before=before, after=after)
        Wallet.objects.filter(pk=wallet.pk).update(status=wanted, updated_at=timezone.now())
    return True


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a wallet, and whether its rows are sound, so that its own row can be brought back to them."""

    findings: list[Finding]
    repairable: bool
    repaired: bool


def repair(*, user_id: int, apply: bool, reason: str, actor: str) -> Diagnosis:
    """Explain what is wrong with one wallet and, with `apply`, bring its stored state back to what its rows prove.

    Rows are never touched: where they themselves do not hold, nothing is repaired. Raises InvalidCorrection when
    `apply` comes without a reason or an actor; WalletNotFound.
    """
    if apply:
        _require_words(reason, actor)
    with atomic():
        wallet = _locked(user_id)
        state = WalletState(wallet.pk, wallet.balance, wallet.sequence, wallet.head_hash, wallet.status)
        proof = Proof(state)
        rows = Transaction.objects.filter(wallet=wallet).order_by("sequence").values_list(*COLUMNS)
        in_rows = list(proof.rows(Row(*values) for values in rows.iterator(chunk_size=2000)))
        in_wallet = list(proof.end())
        repairable = bool(in_wallet) and not in_rows
        if apply and repairable:
            before = {"balance": str(wallet.balance), "sequence": wallet.sequence, "head_hash": wallet.head_hash}
            after = {"balance": str(proof.balance), "sequence": proof.sequence, "head_hash": proof.head}
            _record("repair", wallet, reason=reason, actor=actor, before=before, after=after)
            Wallet.objects.filter(pk=wallet.pk).update(
                balance=proof.balance, sequence=proof.sequence, head_hash=proof.head, updated_at=timezone.now()
            )
    return Diagnosis([*in_rows, *in_wallet], repairable, repaired=apply and repairable)


def _locked(user_id: int) -> Wallet:
    wallet = Wallet.objects.select_for_update().filter(pk=user_id).first()
    if wallet is None:
        raise WalletNotFound
    return wallet


def _record(action: str, wallet: Wallet, *, reason: str, actor: str, before: object, after: object) -> None:
    AuditRecord.objects.create(
        created_at=timezone.now(),
        actor=actor,
        action=action,
        user_id=wallet.pk,
        reason=reason,
        before=before,
        after=after,
    )


def _require_words(reason: str, actor: str) -> None:
    words = (("A reason", reason, MAX_DESCRIPTION_LENGTH), ("An operator's name", actor, MAX_ACTOR_LENGTH))
    for name, text, most in words:
        check_words(name, text, most=most)
        if not text.strip():
            raise InvalidCorrection(f"{name} of 1 to {most} characters is needed")

"""What operators do to put a wallet right. Each leaves a row that says who did it and why; none overwrites a balance
that the rows prove.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.transaction import atomic
from django.utils import timezone

from ledger.models import AuditRecord, Transaction
from ledger.money import MAX_MONEY, parse_amount, wrong_decimals
from ledger.proof import COLUMNS, Finding, Proof, Row, WalletState
from ledger.references import MAX_ACTOR_LENGTH, MAX_DESCRIPTION_LENGTH, check_words
from ledger.retrying import retried
from wallets.exceptions import InvalidCorrection, InvalidLimits, WalletNotFound
from wallets.models import Wallet, WalletStatus
from wallets.operations import ADJUSTMENTS, CreditAdjustment, DebitAdjustment, Operation
from wallets.posting import Posted, note_expired
from wallets.services import carry_out


def adjust(*, user_id: int, amount: Decimal, reason: str, actor: str, reference_id: str) -> Posted:
    """Move `amount`, in the wallet's currency, into the wallet, or out of it when negative, against `adjustments`.

    Raises InvalidCorrection without a reason or an actor, NeedsApproval for more than one person may do alone (see
    `wallets.approvals`), and what `services.debit` raises.
    """
    require_words(reason, actor)
    return carry_out(adjustment(user_id=user_id, amount=amount, reason=reason, actor=actor, reference_id=reference_id))


def adjustment(*, user_id: int, amount: Decimal, reason: str, actor: str, reference_id: str) -> Operation:
    """The operation that `adjust` carries out."""
    return (DebitAdjustment if amount < 0 else CreditAdjustment)(
        user_id=user_id,
        amount=parse_amount(abs(amount)).normalize(),
        reference_id=reference_id,
        account=ADJUSTMENTS,
        description=reason,
        actor=actor,
    )


def set_frozen(*, user_id: int, frozen: bool, reason: str, actor: str, debits_only: bool = False) -> bool:
    """Freeze the wallet, so that no money moves or, with `debits_only`, none goes out; or let it move again.

    Answers whether anything changed. Raises InvalidCorrection without a reason or an actor, or for a closed wallet;
    WalletNotFound.
    """
    if not frozen:
        return _set_status(user_id, WalletStatus.ACTIVE, "unfreeze", reason=reason, actor=actor)
    status = WalletStatus.DEBIT_FROZEN if debits_only else WalletStatus.FROZEN
    return _set_status(user_id, status, "freeze", reason=reason, actor=actor)


def note(*, user_id: int, reason: str, actor: str) -> None:
    """Write down what is worth knowing of the wallet; it changes nothing, and stays.

    Raises InvalidCorrection for no words or no name; WalletNotFound.
    """
    require_words(reason, actor)
    if not Wallet.objects.filter(pk=user_id).exists():
        raise WalletNotFound
    record("note", user_id, reason=reason, actor=actor, before={}, after={})


def close(*, user_id: int, reason: str, actor: str) -> bool:
    """Close the wallet for ever. Answers whether anything changed.

    Raises InvalidCorrection without a reason or an actor, or while the wallet has a balance, owes one, or holds
    anything; WalletNotFound.
    """
    _note_expired(user_id)
    return _set_status(user_id, WalletStatus.CLOSED, "close", reason=reason, actor=actor)


def _set_status(user_id: int, status: WalletStatus, action: str, *, reason: str, actor: str) -> bool:
    require_words(reason, actor)

    def once() -> bool:
        with atomic():
            wallet = _locked(user_id)
            if wallet.status == status:
                return False
            if wallet.status == WalletStatus.CLOSED:
                raise InvalidCorrection("The wallet is closed")
            if status == WalletStatus.CLOSED and (wallet.balance or wallet.held):
                raise InvalidCorrection("A wallet can be closed when its balance is 0 and nothing is held")
            before = {"status": wallet.status}
            # The proof of the ledger finds money that moved after this transaction, and before the next status.
            after = {"status": str(status), "sequence": wallet.sequence}
            record(action, wallet.pk, reason=reason, actor=actor, before=before, after=after)
            Wallet.objects.filter(pk=wallet.pk).update(status=status, updated_at=timezone.now())
        return True

    return retried(once)


LIMITS = ("overdraft_limit", "amount_limit", "daily_limit", "monthly_limit", "balance_limit")


def set_limits(*, user_id: int, limits: Mapping[str, Decimal | None], reason: str, actor: str) -> Wallet:
    """Set those of LIMITS that `limits` names, in the wallet's currency; None is back to the service's own.

    Raises InvalidLimits for one that the wallet is beyond already, InvalidCorrection without a reason or an actor, or
    for a closed wallet; WalletNotFound.
    """
    require_words(reason, actor)
    unknown = set(limits) - set(LIMITS)
    if unknown:
        raise InvalidLimits(f"Unknown limit: {', '.join(sorted(unknown))}")
    _note_expired(user_id)

    def once() -> Wallet:
        with atomic():
            wallet = _locked(user_id)
            if wallet.status == WalletStatus.CLOSED:
                raise InvalidCorrection("The wallet is closed")
            before = {name: _text(getattr(wallet, name)) for name in limits}
            for name, value in limits.items():
                setattr(wallet, name, Decimal(0) if name == "overdraft_limit" and value is None else value)
            _require_within(wallet)
            wallet.updated_at = timezone.now()
            wallet.save(update_fields=[*limits, "updated_at"])
            after = {name: _text(getattr(wallet, name)) for name in limits}
            record("set limits", wallet.pk, reason=reason, actor=actor, before=before, after=after)
            return wallet

    return retried(once)


def _note_expired(user_id: int) -> None:
    """Let go of what is over, which counts no more."""
    if Wallet.objects.filter(pk=user_id, held__gt=0).exists():
        note_expired(user_id)


def _require_within(wallet: Wallet) -> None:
    for name in LIMITS:
        value = getattr(wallet, name)
        if value is not None and (value < 0 or value > MAX_MONEY):
            raise InvalidLimits("A limit must be 0 or more, and less than 100000000000000")
        if value is not None and wrong_decimals(value.normalize(), wallet.currency):
            raise InvalidLimits(f"A limit must have no more decimals than {wallet.currency} has")
    if wallet.available < 0:
        raise InvalidLimits("The overdraft limit must cover what the wallet owes and holds now")
    if wallet.balance_limit is not None and wallet.balance > wallet.balance_limit:
        raise InvalidLimits("The balance limit must cover what the wallet has now")


def _text(money: Decimal | None) -> str | None:
    return None if money is None else str(money)


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
        require_words(reason, actor)
    with atomic():
        wallet = _locked(user_id)
        state = WalletState(wallet.pk, wallet.balance, wallet.sequence, wallet.head_hash, wallet.status, wallet.held)
        proof = Proof(state)
        rows = Transaction.objects.filter(wallet=wallet).order_by("sequence").values_list(*COLUMNS)
        in_rows = list(proof.rows(Row(*values) for values in rows.iterator(chunk_size=2000)))
        in_wallet = list(proof.end())
        repairable = bool(in_wallet) and not in_rows
        if apply and repairable:
            proven = {"balance": proof.balance, "held": proof.held, "sequence": proof.sequence, "head_hash": proof.head}
            before = {name: str(getattr(wallet, name)) for name in proven}
            after = {name: str(value) for name, value in proven.items()}
            record("repair", wallet.pk, reason=reason, actor=actor, before=before, after=after)
            Wallet.objects.filter(pk=wallet.pk).update(**proven, updated_at=timezone.now())
    return Diagnosis([*in_rows, *in_wallet], repairable, repaired=apply and repairable)


def _locked(user_id: int) -> Wallet:
    wallet = Wallet.objects.select_for_update().filter(pk=user_id).first()
    if wallet is None:
        raise WalletNotFound
    return wallet


def record(action: str, user_id: int, *, reason: str, actor: str, before: object, after: object) -> None:
    """Write down what a person did to a wallet, in the caller's database transaction."""
    AuditRecord.objects.create(
        created_at=timezone.now(),
        actor=actor,
        action=action,
        user_id=user_id,
        reason=reason,
        before=before,
        after=after,
    )


def require_words(reason: str, actor: str) -> None:
    """Raise InvalidCorrection unless there are a reason and a name; InvalidDescription for what is no text."""
    words = (("A reason", reason, MAX_DESCRIPTION_LENGTH), ("An operator's name", actor, MAX_ACTOR_LENGTH))
    for name, text, most in words:
        check_words(name, text, most=most)
        if not text.strip():
            raise InvalidCorrection(f"{name} of 1 to {most} characters is needed")

"""Letting go of what is held: one hold by its number, or all that are over."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from wallets.models import Hold, HoldStatus
from wallets.operations import Release
from wallets.posting import Posted, note_expired
from wallets.selectors import require_hold
from wallets.services import carry_out


def release(*, hold_id: UUID, description: str = "", actor: str = "") -> Posted:
    """Let go of all that a hold has left; asked for again, it answers the same transaction.

    Raises HoldNotFound, HoldClosed for one that is captured or has expired, and OutcomeUnknown.
    """
    return carry_out(release_of(require_hold(hold_id), description=description, actor=actor))


def release_of(hold: Hold, *, description: str = "", actor: str = "") -> Release:
    """The operation that lets go of `hold`."""
    return Release(
        user_id=hold.wallet_id,
        concerns=hold.pk,
        reference_id=f"release {hold.pk}",
        account=hold.account_id,
        description=description,
        actor=actor,
    )


def over() -> QuerySet[Hold]:
    """Holds that are over, and of which nobody has noted it yet."""
    return Hold.objects.filter(status=HoldStatus.OPEN, expires_at__lte=timezone.now())


def expire_all() -> Iterator[int]:
    """Write down which holds are over, wallet by wallet; after each, how many. Nothing depends on it being done."""
    for user_id in over().order_by("wallet_id").values_list("wallet_id", flat=True).distinct():
        yield note_expired(user_id)

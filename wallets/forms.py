"""What staff fill in to act on a wallet: a reason always, and what the action needs."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from ledger.money import MONEY_DECIMALS, MONEY_DIGITS
from ledger.references import MAX_DESCRIPTION_LENGTH
from wallets.corrections import LIMITS
from wallets.statement_files import FILES


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        max_length=MAX_DESCRIPTION_LENGTH,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Kept for ever, with your name.",
    )


class NoteForm(ReasonForm):
    """What is worth knowing."""

    reason = forms.CharField(
        label="Note",
        max_length=MAX_DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="Kept for ever, with your name. It cannot be changed or removed.",
    )

    def clean_reason(self) -> str:
        """In one line: records are."""
        return " ".join(str(self.cleaned_data["reason"]).split())


class FreezeForm(ReasonForm):
    """Whether money may still come in."""

    debits_only = forms.BooleanField(required=False, label="Money may still come in")
    field_order = ("debits_only", "reason")


def _money(**what: Any) -> forms.DecimalField:
    return forms.DecimalField(max_digits=MONEY_DIGITS, decimal_places=MONEY_DECIMALS, **what)


class AdjustForm(ReasonForm):
    """How much, in the wallet's currency."""

    amount = _money(help_text="In the wallet's currency. Negative takes away.")
    # Names the adjustment, so that a form that is sent twice takes effect once.
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("amount", "reason", "token")

    def clean_amount(self) -> Decimal:
        """Anything but nothing."""
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError("An adjustment of 0 changes nothing.")
        return amount.normalize()


class ReverseForm(ReasonForm):
    """How much of a transaction."""

    amount = _money(required=False, min_value=Decimal("0.0001"), help_text="Empty: all that was not reversed before.")
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("amount", "reason", "token")


class LimitsForm(ReasonForm):
    """All limits of a wallet; empty is the service's own."""

    overdraft_limit = _money(required=False, min_value=0, help_text="How far below 0 it may go.")
    amount_limit = _money(required=False, min_value=0, help_text="The largest single amount.")
    daily_limit = _money(required=False, min_value=0, help_text="What may be spent within 24 hours.")
    monthly_limit = _money(required=False, min_value=0, help_text="What may be spent within 30 days.")
    balance_limit = _money(required=False, min_value=0, help_text="The largest balance.")
    field_order = (*LIMITS, "reason")


class StatementForm(forms.Form):
    """Of which days, in UTC, and in which form. Without days, of all until now."""

    format = forms.ChoiceField(choices=[(name, name) for name in FILES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from", "to"):  # words of Python
            self.fields[name] = forms.DateField(required=False)

    def clean(self) -> dict[str, Any]:
        """Moments for days."""
        cleaned = {"from": None, "to": None} | (super().clean() or {})
        start, end = (day and datetime.combine(day, time.min, tzinfo=UTC) for day in (cleaned["from"], cleaned["to"]))
        return cleaned | {"from": start, "to": end or timezone.now()}

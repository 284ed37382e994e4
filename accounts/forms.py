"""The form on which staff say what a new API key may do."""

from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.utils import timezone

from accounts.models import ApiKey
from accounts.scopes import Scope
from ledger.models import Account
from ledger.widgets import DayAndTime

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[ApiKey]
else:
    _ModelForm = forms.ModelForm


class NewKeyForm(_ModelForm):
    """What a new key may do."""

    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    accounts = forms.ModelMultipleChoiceField(
        Account.objects.filter(must_be_zero=False),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The only ledger accounts that it may use. None: any.",
    )
    expires_at = forms.SplitDateTimeField(required=False, widget=DayAndTime, help_text="Empty: never.")

    class Meta:
        """The fields, in the order in which they are filled in."""

        model = ApiKey
        fields = ("client", "scopes", "accounts", "largest_amount", "requests_per_minute", "expires_at")
        help_texts = {
            "largest_amount": "The most that one operation may move, in the wallet's currency. Empty: any amount.",
            "requests_per_minute": "Empty: the service's own limit.",
        }

    def clean_scopes(self) -> str:
        """As a key keeps them."""
        return " ".join(self.cleaned_data["scopes"])

    def clean_accounts(self) -> str:
        """As a key keeps them."""
        return " ".join(sorted(account.code for account in self.cleaned_data["accounts"]))

    def clean_expires_at(self) -> datetime | None:
        """A time to come."""
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("A key must expire in the future.")
        return expires_at

"""What may be written of a person or a program: the same rules for the API, the admin, commands and other code."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from accounts.scopes import Scope


def validate_text(value: str) -> None:
    """Raise ValidationError for text that is blank or has control characters or halves of a surrogate pair in it.

    Format characters stay: names in Indic scripts are written with joiners.
    """
    if not value.strip() or any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise ValidationError("must not be blank or have control characters in it")


def validate_email_shape(value: str) -> None:
    """Raise ValidationError unless `value` is something, one @, something, without spaces.

    Only a message to the address could tell more.
    """
    before, at, after = value.partition("@")
    if not (before and at and after) or "@" in after or " " in value:
        raise ValidationError("must be an e-mail address such as name@example.com")


def validate_client_name(value: str) -> None:
    """Raise ValidationError unless `value` may be the name of an API client."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", value, re.ASCII):
        raise ValidationError("must be lower-case letters, digits, dots, _ and -, such as shop-backend")


def validate_scopes(value: str) -> None:
    """Raise ValidationError unless `value` names scopes that there are, at least one, with a space between."""
    unknown = sorted(set(value.split()) - set(Scope.values))
    if unknown or not value.split():
        instead = f", not {unknown[0]}" if unknown else ""
        raise ValidationError(f"must be one or more of {', '.join(Scope.values)}{instead}")

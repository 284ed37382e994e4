"""What may be written of a person: the same rules for the API, the admin and other Django code."""

import unicodedata

from django.core.exceptions import ValidationError


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

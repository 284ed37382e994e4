"""What a referenceId is, the name of one operation for ever, and what words about an operation may be."""

import re
import unicodedata

from ledger.exceptions import InvalidDescription, InvalidReference

MAX_REFERENCE_LENGTH = 100
MAX_DESCRIPTION_LENGTH = 500
MAX_ACTOR_LENGTH = 100
_REFERENCE = re.compile(rf"[!-~]{{1,{MAX_REFERENCE_LENGTH}}}", re.ASCII)


def check_reference(value: object) -> str:
    """`value` itself, when it is a reference: 1 to 100 visible ASCII characters without spaces.

    Raises InvalidReference otherwise. Nothing is trimmed or converted, so that no two names become one.
    """
    if value is None or value == "":
        raise InvalidReference("referenceId is required")
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise InvalidReference(
            f"referenceId must be a string of 1 to {MAX_REFERENCE_LENGTH} visible ASCII characters without spaces"
        )
    return value


def check_words(name: str, text: str, *, most: int) -> str:
    """`text` itself, when it has at most `most` characters and none that controls or is half of one.

    Raises InvalidDescription, which says `name`.
    """
    if len(text) > most or any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise InvalidDescription(f"{name} must have at most {most} characters and no control characters")
    return text

"""What a referenceId is: the name of one operation, for ever, across the whole service."""

import re

from ledger.exceptions import InvalidReference

MAX_REFERENCE_LENGTH = 100
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

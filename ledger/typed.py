"""What somebody has typed, read; None where it is no such thing."""

from uuid import UUID


def whole_number(term: str) -> int | None:
    """`term` as a number that may be a userId, or None."""
    number = int(term) if term.isascii() and term.isdigit() and len(term) < 20 else 0
    return number if 1 <= number < 2**63 else None


def uuid_of(term: str) -> UUID | None:
    """`term` as a UUID, or None."""
    try:
        return UUID(term)
    except ValueError:
        return None

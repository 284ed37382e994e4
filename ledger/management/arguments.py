"""Arguments that several commands take."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """A time in ISO 8601, UTC unless it says otherwise. Raises ArgumentTypeError, which argparse prints."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a time such as 2026-02-11T10:00:00Z") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

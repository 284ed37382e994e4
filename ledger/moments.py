"""How a moment is written wherever the service writes one for programs: in replies, statements and lists."""

from datetime import UTC, datetime


def timestamp(moment: datetime) -> str:
    """ISO 8601, UTC, milliseconds, `Z`: 2026-02-11T10:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

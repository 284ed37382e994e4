"""How values are written in replies: numbers exactly, times in UTC with milliseconds."""

from datetime import UTC, datetime

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def as_json(body: object) -> bytes:
    """`body` as JSON; a Decimal is written digit by digit, as a number."""
    return _ENCODER.encode(body)


def timestamp(moment: datetime) -> str:
    """ISO 8601, UTC, milliseconds, `Z`: 2026-02-11T10:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

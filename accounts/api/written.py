"""How replies are written as JSON: numbers exactly."""

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def as_json(body: object) -> bytes:
    """`body` as JSON; a Decimal is written digit by digit, as a number."""
    return _ENCODER.encode(body)

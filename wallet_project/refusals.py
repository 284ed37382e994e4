"""What the gateway refuses before Django sees it: how it tells Django so, and how the log stays readable then."""

import logging
from time import monotonic

# Where `environ` says with which status the request is to be refused; `wallet_project.api.middleware` does so.
REFUSAL = "mini_wallet.refusal"
TOO_MANY = 503

QUIET_SECONDS = 1


class OneLineASecond(logging.Filter):
    """Of requests that were too many at once, a line a second, with how many there were."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at, self._unsaid = 0.0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is None or request.META.get(REFUSAL) != TOO_MANY:
            return True
        now = monotonic()
        if now - self._said_at < QUIET_SECONDS:
            self._unsaid += 1
            return False
        if self._unsaid:
            record.msg, record.args = f"{record.getMessage()} (and {self._unsaid} before it)", ()
        self._said_at, self._unsaid = now, 0
        return True

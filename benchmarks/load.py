"""Load: callers that ask again as soon as they have been answered, and what came of it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

BATCH = 100  # operations in one batch; load.lua has the same
WALLETS = 1000
CALLERS = 32

_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked, of how many wallets, by how many callers at once.

    `operation` is credit, debit, batch, read, or mixed: a debit and then a read of the same wallet.
    """

    operation: str
    wallets: int = WALLETS
    callers: int = CALLERS

    @property
    def operations_per_request(self) -> int:
        """How many operations one request asks for."""
        return BATCH if self.operation == "batch" else 1


@dataclass(frozen=True, slots=True)
class Answered:
    """What a load got: operations in how many seconds, latency of requests in milliseconds, and errors of any kind."""

    operations: int
    seconds: float
    p50: float
    p90: float
    p99: float
    worst: float
    errors: int
    cpu_seconds: float | None = None  # of a contestant that counts its own


def send(load: Load, url: str, *, seconds: float, key: str = "") -> Answered:
    """Send `load` to the service at `url` for so long, with an API key if one is given."""
    whole_seconds = max(1, round(seconds))  # wrk takes no others
    command = ["wrk", "-t1", f"-c{load.callers}", f"-d{whole_seconds}s", "--timeout", "30s"]
    command += ["-s", str(_SCRIPT), url, "--", load.operation, str(load.wallets), *([key] if key else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    operations = result.pop("requests") * load.operations_per_request
    return Answered(operations=operations, **result)

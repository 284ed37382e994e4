"""What processes have used: CPU time and memory, as the kernel counts them in /proc (proc(5))."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all that it has started, and those again."""
    found = [pid]
    for each in found:
        for thread in Path(f"/proc/{each}/task").glob("*/children"):
            found.extend(map(int, thread.read_text().split()))
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these processes have used so far, in user mode and in the kernel on their behalf."""
    return sum(_cpu_ticks(pid) for pid in pids) / _TICKS_PER_SECOND


def _cpu_ticks(pid: int) -> int:
    # The second field is a name in brackets that may hold spaces; utime and stime are the 14th and the 15th.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def memory_megabytes(pids: Iterable[int]) -> float:
    """Memory that these processes hold together, in 10^6 bytes; what they share is counted once."""
    return sum(_proportional_kilobytes(pid) for pid in pids) * 1024 / 1e6


def _proportional_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError(f"/proc/{pid}/smaps_rollup names no Pss")

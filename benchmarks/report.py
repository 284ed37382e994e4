"""The results of a run: a file of their own, and in benchmarks/README.md a table and a plot of the last ones."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.contestants import PROCESSES
from benchmarks.load import CALLERS

_HERE = Path(__file__).parent
_README, _PLOT = _HERE / "README.md", _HERE / "ratios.svg"
# Where a part of the README begins and ends that is written here.
_RESULTS = "<!-- results: written by make bench -->", "<!-- end of results -->"
_GROWTH = "<!-- growth: written by make bench ROW=growth -->", "<!-- end of growth -->"


def machine(database: str) -> dict[str, str]:
    """What the figures were measured on."""
    cpu = next(
        (line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "processor": f"{cpu}, {os.cpu_count()} cores, shared with the callers and the database",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "Node.js": node,
        "database": f"{database}, a flush to the disk for each commit (innodb_flush_log_at_trx_commit=1)",
        "load": f"{CALLERS} callers, each asking again as soon as it is answered; this service: {PROCESSES} processes",
    }


def write(results: Mapping[str, Any], about: Mapping[str, str], verified: list[str], *, shown: bool) -> Path:
    """Keep `results` in a file named by the time; those that are `shown`, in the README too. Answers the file."""
    now = datetime.now(UTC)
    path = (_HERE / "results" if shown else _HERE.parent / "var" / "bench") / f"{now:%Y-%m-%d-%H%M}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"at": now.isoformat(timespec="seconds"), "machine": about, "verified": verified, "rows": results}
    path.write_text(json.dumps(whole, indent=1) + "\n")
    if shown:
        _show(whole, path.name)
    return path


def _show(whole: Mapping[str, Any], name: str) -> None:
    text = section(whole, name)
    begin, end = text.splitlines()[0], text.splitlines()[-1]
    before, _, rest = _README.read_text().partition(begin)
    _README.write_text(f"{before}{text}{rest.partition(end)[2]}")
    if "growth" not in whole["rows"]:
        _PLOT.write_text(_plot(whole["rows"]))


def section(whole: Mapping[str, Any], name: str) -> str:
    """What the README says of the results in the file `name`, from the line that begins it to the one that ends it."""
    begin, end = _GROWTH if "growth" in whole["rows"] else _RESULTS
    return "\n".join([begin, *_measured(whole, name), end])


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """All that there is to see, as Markdown."""
    if any("contestants" in row for row in results.values()):
        yield from _comparisons(results)
    if "callers" in results:
        yield from _curve(results["callers"]["points"])
    if "memory" in results:
        yield from _memory(results["memory"]["megabytes"])
    if "growth" in results:
        yield from _growth(results["growth"])


def _comparisons(results: Mapping[str, Any]) -> Iterator[str]:
    yield "The ratio stands beside whom this service is compared with: its operations for each one of theirs.\n"
    yield "| load | goal | ratio | who | operations/s | p50, p99 ms | app CPU ms/op | database CPU ms/op | errors |"
    yield "|---|---:|---:|---|---:|---:|---:|---:|---:|"
    for row in results.values():
        for name, figures in row.get("contestants", {}).items():
            mine = name == row["who"]
            goal = f"{row['goal']:g} ×" if row["goal"] else ""
            first = f"| {row['title']} | {goal} | " if mine else "| | | "
            ratio = row["ratios"].get(name)
            yield (
                f"{first}{'' if ratio is None else f'{ratio:.2f} ×'} | {name} | {figures['per_second']:,.0f} "
                f"| {figures['p50']:.0f}, {figures['p99']:.0f} | {figures['app_cpu']:.2f} "
                f"| {figures['database_cpu']:.2f} | {figures['errors']} |"
            )


def _measured(whole: Mapping[str, Any], name: str) -> Iterator[str]:
    yield f"\nMeasured on {whole['at'][:10]}; every round is in [results/{name}](results/{name}).\n"
    yield from (f"- {what}: {value}" for what, value in whole["machine"].items())
    yield ""
    yield from tables(whole["rows"])
    yield "\nAfter the run, `verify_ledger`: " + "; ".join(whole["verified"]) + "."


def _curve(points: list[dict[str, Any]]) -> Iterator[str]:
    yield "\n| callers | operations/s | p50, p99 ms | errors | Express | p50, p99 ms | errors |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for mine, theirs in zip(points[::2], points[1::2], strict=True):
        yield (
            f"| {mine['callers']} | "
            + " | ".join(
                f"{each['per_second']:,.0f} | {each['p50']:.0f}, {each['p99']:.0f} | {each['errors']}"
                for each in (mine, theirs)
            )
            + " |"
        )


def _memory(megabytes: list[float]) -> Iterator[str]:
    yield (
        f"\nMemory of the service's processes under debits, reads and batches in turns: {megabytes[0]:.0f} MB in the "
        f"first turn, {megabytes[-1]:.0f} MB in the last of {len(megabytes)}, {max(megabytes):.0f} MB at most."
    )


def _growth(growth: dict[str, Any]) -> Iterator[str]:
    yield from _comparisons(growth["loads"])
    yield "\n| table | rows | megabytes | for a million rows | of which |"
    yield "|---|---:|---:|---:|---|"
    for each in growth["tables"]:
        whole = sum(each["megabytes"].values())
        parts = ", ".join(
            f"{'the rows' if name == 'PRIMARY' else name} {size}" for name, size in each["megabytes"].items()
        )
        yield f"| {each['table']} | {each['rows']:,} | {whole:,} | {1e6 * whole / each['rows']:,.0f} | {parts} |"
    yield "\n| what is asked | statement | table | access | index | rows expected | |"
    yield "|---|---|---|---|---|---:|---|"
    for plan in growth["plans"]:
        yield "| " + " | ".join("" if value is None else str(value) for value in plan.values()) + " |"


def _plot(results: Mapping[str, Any]) -> str:
    """A bar for each comparison, as long as the ratio is of its goal; the line is the goal."""
    rows = [
        (row["title"], next(iter(row["ratios"].values())) / row["goal"]) for row in results.values() if row.get("goal")
    ]
    height = 30 * len(rows) + 30
    goal, left = 400, 330  # where the goal lies, and where the bars begin
    bars = "".join(
        f'<text x="{left - 10}" y="{30 * number + 33}" text-anchor="end">{title}</text>'
        f'<rect x="{left}" y="{30 * number + 20}" width="{min(part, 1.4) * goal:.0f}" height="18" '
        f'fill="{"#2f7d4f" if part >= 1 else "#b5563c"}"/>'
        f'<text x="{left + 8}" y="{30 * number + 33}" fill="#fff">{part:.2f}</text>'
        for number, (title, part) in enumerate(rows)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 {height}" font-family="sans-serif" font-size="13">'
        f'<rect width="920" height="{height}" fill="#fff"/>{bars}'
        f'<line x1="{left + goal}" x2="{left + goal}" y1="8" y2="{height - 6}" stroke="#333" stroke-dasharray="4"/>'
        f'<text x="{left + goal + 6}" y="14">goal</text></svg>\n'
    )

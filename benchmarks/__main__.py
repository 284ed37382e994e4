"""`make bench`: every row but growth, or the one that ROW names; shorter then, so that it takes less than a minute.

Growth is asked for by its name, because it writes ten million transactions first.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.growth import GROWTH
from benchmarks.rows import ROWS
from benchmarks.stage import stage
from tests.packages import apt_install

_EXPRESS = Path(__file__).with_name("express")


def main() -> None:
    """Measure, prove the ledger, and write down what came of it."""
    rows = {row.name: row for row in (*ROWS, GROWTH)}
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--row", choices=rows, help="only this one")
    parser.add_argument("--rounds", type=int, default=5, help="of each contestant, in turns (default 5)")
    parser.add_argument("--seconds", type=float, help="of each round (default 6, with another --row than growth 2)")
    options = parser.parse_args()
    if options.rounds < 1 or (options.seconds is not None and options.seconds < 1):
        parser.error("--rounds and --seconds must be 1 or more.")
    chosen = [rows[options.row]] if options.row else ROWS
    shown = options.row in {None, GROWTH.name}
    seconds = options.seconds or (6 if shown else 2)
    _require_programs()
    results = {}
    with stage() as on:
        for row in chosen:
            print(f"{row.name}:", flush=True)
            results[row.name] = row.run(on, rounds=options.rounds, seconds=seconds)
        verified = list(on.verify())
        about = report.machine(on.database_version)
    path = report.write(results, about, verified, shown=shown)
    print(*report.tables(results), "", *verified, f"Every round: {path}", sep="\n")


def _require_programs() -> None:
    """Install what the callers and the baseline are made of, where that is allowed; or end with what to do."""
    programs = {"wrk": ["wrk"], "node": ["nodejs"], "npm": ["npm"]}
    for install in (True, False):
        missing = [name for name in programs if not _is_there(name)]
        packages = [package for name in missing for package in programs[name]]
        if missing and install:
            apt_install(packages, why="to send load, and for the server that is compared with")
        elif missing:
            sys.exit(f"The benchmarks need {' and '.join(missing)}. Install: apt-get install {' '.join(packages)}")
    if not (_EXPRESS / "node_modules").is_dir():
        print("Installing the baseline's packages …", flush=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=_EXPRESS, check=False).returncode:
            sys.exit("npm could not install the packages of benchmarks/express; its message is above.")


def _is_there(program: str) -> bool:
    try:
        subprocess.run([program, "--version"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()

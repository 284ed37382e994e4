"""Verifying a part of the ledger in a process of its own. Imports no model before Django is set up there."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import django
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from ledger.verification import Anchors, Report


def verify_in_processes(ranges: Sequence[tuple[int, int]], anchors: "Anchors", jobs: int) -> Iterator["Report"]:
    """The report of each range of user_ids, as `verify_wallets` gives it, from `jobs` processes."""
    database = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
    connections.close_all()
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start_on, initargs=(database,)) as processes:
        parts = [
            processes.submit(
                _verify,
                low,
                high,
                {user_id: heads for user_id, heads in anchors.items() if low <= user_id <= high},
            )
            for low, high in ranges
        ]
        for part in parts:
            yield part.result()


def _start_on(database: str) -> None:
    django.setup()
    # The parent's database, also where that is a test's.
    connections[DEFAULT_DB_ALIAS].settings_dict["NAME"] = database


def _verify(low: int, high: int, anchors: "Anchors") -> "Report":
    from ledger.verification import verify_wallets

    return verify_wallets(low=low, high=high, anchors=anchors)

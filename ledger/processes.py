"""Verifying a part of the ledger in a process of its own. Imports no model before Django is set up there."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import django
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from ledger.anchors import Anchors
    from ledger.verification import Report, Scope


def verify_in_processes(scopes: Sequence["Scope"], anchors: "Anchors", jobs: int) -> Iterator["Report"]:
    """The report of each of `scopes`, from `jobs` processes."""
    database = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
    connections.close_all()
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start_on, initargs=(database,)) as processes:
        for part in [processes.submit(_verify, astuple(scope), anchors) for scope in scopes]:
            yield part.result()


def _start_on(database: str) -> None:
    django.setup()
    # The parent's database, also where that is a test's.
    connections[DEFAULT_DB_ALIAS].settings_dict["NAME"] = database


def _verify(scope: tuple[Any, ...], anchors: "Anchors") -> "Report":
    from ledger.verification import Scope, verify

    return verify(Scope(*scope), anchors)

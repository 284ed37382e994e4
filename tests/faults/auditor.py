"""Holds the ledger against what the callers wrote down: `python -m tests.faults.auditor JOURNAL…`.

Exits with 0 and says how many operations were acknowledged, or dies of the first thing that does not hold.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django


def main(*paths: str) -> None:
    """Check every invariant, ask again for everything that was ever asked, and check again."""
    django.setup()
    from ledger.models import Transaction
    from tests.faults.caller import answer, operation_of
    from wallets.posting import Posted, post

    lines = [json.loads(line) for path in paths for line in Path(path).read_text().splitlines()]
    begun = {line["begin"]: line for line in lines if "begin" in line}
    told = {line["told"]: line["answer"] for line in lines if "told" in line}

    _assert_sound()
    rows = {row.reference_id: row for row in Transaction.objects.all()}
    assert set(rows) <= set(begun), "a row that nobody asked for"
    assert set(told) <= set(rows), "an acknowledged operation is gone"
    for reference_id, was_told in told.items():
        assert answer(rows[reference_id]) == was_told, f"{reference_id} is not as it was answered"

    for again in (False, True):
        before = _counted()
        for reference_id, line in begun.items():
            (outcome,) = post([operation_of(line)])
            assert isinstance(outcome, Posted), outcome
            assert outcome.replayed or (not again and reference_id not in rows), f"{reference_id} took effect twice"
            assert told.setdefault(reference_id, answer(outcome.transaction)) == answer(outcome.transaction)
        assert not again or _counted() == before, "asking again changed something"
    _assert_sound()
    print(len(set(told) & set(rows)))  # noqa: T201


def _assert_sound() -> None:
    from ledger.trial_balance import trial_balances
    from ledger.verification import Scope, verify
    from tests.invariants import assert_ledger_is_sound

    assert_ledger_is_sound()
    assert verify(Scope(), {}).findings == []
    assert all(balance.holds for balance in trial_balances())


def _counted() -> tuple[int, list[Any]]:
    from ledger.models import Transaction
    from wallets.models import Wallet

    return Transaction.objects.count(), list(Wallet.objects.order_by("pk").values_list("pk", "balance", "sequence"))


if __name__ == "__main__":
    main(*sys.argv[1:])

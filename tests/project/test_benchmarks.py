"""What `make bench` is made of, as far as it can be tried without sending load."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from benchmarks import floor, past, plans, report
from ledger.models import Transaction
from tests.factories import new_wallet
from tests.invariants import assert_ledger_is_sound

FOLDER = Path(report.__file__).parent
RESULTS = sorted((FOLDER / "results").glob("*.json"))


def wallets(*numbers: int) -> None:
    """Rich wallets of users with these numbers."""
    for number in numbers:
        user = User.objects.create(user_id=number, user_name="A", user_email=f"{number}@b.cd", user_phone=str(number))
        new_wallet(1000, user=user)


@pytest.mark.engine("mysql")
@pytest.mark.django_db(transaction=True)
def test_the_floor_sends_the_statements_of_a_debit_and_they_debit(capsys: pytest.CaptureFixture[str]) -> None:
    wallets(1, 2, 3, floor._USER)
    before = Transaction.objects.count() + 2  # those that it looks at
    floor.main(wallets=3, callers=2, seconds=0.3)
    answered = json.loads(capsys.readouterr().out)
    assert answered["operations"] > 0
    assert Transaction.objects.count() - before == answered["operations"]
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
@pytest.mark.django_db(transaction=True)
def test_a_long_past_is_one_that_the_ledger_proves_and_plans_can_be_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "ROWS", 100)
    past._write(range(1, 501), each=3)
    connection.close()  # it has been told to trust what comes
    assert Transaction.objects.count() == 1500
    assert_ledger_is_sound()
    call_command("verify_ledger")
    plans.main()
    asked = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"debit", "balance and 10 transactions", "what a reference became"} <= {line["asked"] for line in asked}


@pytest.mark.parametrize("growth", [True, False])
def test_the_readme_shows_the_newest_results_to_the_letter(growth: bool) -> None:
    newest = [path for path in RESULTS if ("growth" in json.loads(path.read_text())["rows"]) == growth][-1]
    assert report.section(json.loads(newest.read_text()), newest.name) in (FOLDER / "README.md").read_text()

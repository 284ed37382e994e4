"""import_transactions and export_transactions: each line once, however often it is sent."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from ledger.models import Transaction
from ledger.verification import Scope, verify
from tests.children import environment, suite_url
from tests.factories import new_wallet
from wallets.models import Wallet

HEADER = "user_id,type,amount,reference_id,account,description\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str]:
    capsys.readouterr()
    try:
        call_command("import_transactions", *map(str, arguments))
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, capsys.readouterr().out.strip()


@pytest.mark.django_db
def test_every_line_is_posted_once_however_often_the_file_is_sent(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wallet = new_wallet()
    file = tmp_path / "f.csv"
    file.write_text(
        f"{HEADER}{wallet.pk},CREDIT,100.50,a,,Salary\n{wallet.pk},DEBIT,30,b,adjustments,\n{wallet.pk},CREDIT,1,c,,\n"
    )
    assert run(capsys, file, "--dry-run") == (0, "3 lines: 3 would be posted, 0 there already, 0 refused")
    assert not Transaction.objects.exists()
    assert run(capsys, file, "--operator", "asha") == (0, "3 lines: 3 posted, 0 there already, 0 refused")
    assert run(capsys, file) == (0, "3 lines: 0 posted, 3 there already, 0 refused")
    rows = Transaction.objects.order_by("sequence").values_list("reference_id", "account_id", "description", "actor")
    assert list(rows) == [
        ("a", "external", "Salary", "command:asha"),
        ("b", "adjustments", "", "command:asha"),
        ("c", "external", "", "command:asha"),
    ]
    assert str(Wallet.objects.get().balance) == "71.5000"
    assert not (tmp_path / "f.csv.refused.csv").exists()


@pytest.mark.django_db
def test_a_line_that_cannot_be_posted_is_written_down_with_its_reason_and_stops_no_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wallet = new_wallet(10)
    lines = {
        f"{wallet.pk},CREDIT,5,good-1,,": None,
        f"{wallet.pk},DEBIT,1000,short,,": "Insufficient balance",
        "999999,CREDIT,5,nobody,,": "Wallet not found",
        "x,CREDIT,5,r1,,": "user_id must be a whole number",
        f"{10**19},CREDIT,5,r1,,": "user_id must be a whole number",
        f"{wallet.pk},CREDIT,5,r8,,{'x' * 501}": (
            "description must have at most 500 characters and no control characters"
        ),
        f"{wallet.pk},credit,5,r2,,": "type must be CREDIT or DEBIT",
        f"{wallet.pk},CREDIT,1.234,r3,,": "Amount must have at most 2 decimals in INR",
        f'{wallet.pk},CREDIT,"1,000",r4,,': "Amount must be a number, or a string of plain digits such as 10.50",
        f"{wallet.pk},CREDIT,-5,r5,,": "Amount must be a number, or a string of plain digits such as 10.50",
        f"{wallet.pk},CREDIT,5,,,": "referenceId is required",
        f"{wallet.pk},CREDIT,6,good-1,,": "Duplicate referenceId",
        f"{wallet.pk},CREDIT,5,r6,no_such,": "Unknown account: no_such",
        f"{wallet.pk},CREDIT,5,r7,,,,": "More values than columns",
        f"{wallet.pk},CREDIT,7,good-2,,": None,
    }
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "\n".join(lines) + "\n")
    refused = tmp_path / "f.csv.refused.csv"
    assert run(capsys, file) == (
        1,
        f"{len(lines)} lines: 2 posted, 0 there already, {len(lines) - 2} refused (see {refused})",
    )
    with refused.open(newline="") as written:
        said = {int(row["line"]): row["reason"] for row in csv.DictReader(written)}
    assert said == {number: reason for number, reason in enumerate(lines.values(), start=2) if reason}
    assert Wallet.objects.get().balance == 22
    assert verify(Scope(), {}).found == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "user_id, type, amount, reference_id missing"),
        ("user_id,type,amount\n", "reference_id missing"),
        ("user_id,type,amount,reference_id,balance\n", "balance unknown"),
    ],
)
def test_a_file_of_another_form_is_refused_before_anything_is_posted(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_transactions", str(tmp_path / "f.csv"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_transactions", str(tmp_path / "missing.csv"))


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_file_in_debug_either(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Any
) -> None:
    settings.DEBUG = True
    wallet = new_wallet()
    (tmp_path / "f.csv").write_text(HEADER + "".join(f"{wallet.pk},CREDIT,1,line-{n},,\n" for n in range(1001)))
    run(capsys, tmp_path / "f.csv")
    assert len(connection.queries) < 8, "the statements of a batch at most"


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_half_way_is_finished_by_running_it_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wallets = [new_wallet().pk for _ in range(5)]
    file = tmp_path / "f.csv"
    count = 5000
    file.write_text(HEADER + "".join(f"{wallets[n % 5]},CREDIT,1,line-{n},,\n" for n in range(count)))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_transactions", str(file)],
        env=environment(suite_url()),
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while Transaction.objects.count() == 0 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = Transaction.objects.count()
    assert 0 < there < count
    assert run(capsys, file) == (0, f"{count} lines: {count - there} posted, {there} there already, 0 refused")
    assert Transaction.objects.count() == count
    assert set(Wallet.objects.values_list("balance", flat=True)) == {count // 5}
    assert verify(Scope(), {}).found == 0


@pytest.mark.django_db
def test_what_is_exported_is_every_row_with_every_field(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.management.commands.export_transactions.ROWS_AT_A_TIME", 2)
    wallet, other = new_wallet(100), new_wallet(5)
    for number in range(4):
        new_wallet(number + 1)
    call_command("export_transactions")
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["hash"] for row in rows] == list(Transaction.objects.order_by("pk").values_list("hash", flat=True))
    assert (rows[0]["user_id"], rows[0]["amount"], rows[0]["account"]) == (str(wallet.pk), "100.0000", "external")

    call_command("export_transactions", wallet=other.pk, format="jsonl")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["balance_after"] == "5.0000"

    target = tmp_path / "out.csv"
    call_command("export_transactions", "--dry-run", wallet=other.pk, output=target)
    assert (capsys.readouterr().out, target.exists()) == ("1 transactions would be written\n", False)
    first = Transaction.objects.order_by("pk")[1].created_at
    call_command("export_transactions", start=first, output=target)
    assert capsys.readouterr().out == f"5 transactions written to {target}\n"
    assert len(target.read_text().splitlines()) == 6
    with pytest.raises(CommandError, match="File exists"):
        call_command("export_transactions", output=target)

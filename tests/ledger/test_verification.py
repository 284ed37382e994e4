"""verify_ledger finds what was done behind the application's back, and says where."""

import json
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from ledger.append_only import create_triggers, drop_triggers
from ledger.hashing import chain_hash
from ledger.models import Transaction, Verification
from ledger.proof import COLUMNS, Proof, Row, WalletState
from ledger.trial_balance import trial_balances
from ledger.verification import Scope, whole_ledger
from tests.conftest import Api
from tests.factories import new_wallet
from wallets import services
from wallets.corrections import set_frozen
from wallets.exceptions import TransactionFailed
from wallets.models import Wallet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wallet() -> Wallet:
    """A wallet with five transactions, one of them refused; others around it have some too."""
    new_wallet(7)
    wallet = new_wallet(100)
    services.debit(user_id=wallet.pk, amount=30, reference_id="two")
    with pytest.raises(TransactionFailed):
        services.debit(user_id=wallet.pk, amount=1000, reference_id="three")
    services.credit(user_id=wallet.pk, amount=Decimal("0.5"), reference_id="four")
    services.debit(user_id=wallet.pk, amount=20, reference_id="five")
    new_wallet(9)
    return wallet


@pytest.fixture
def unguarded() -> Iterator[None]:
    """Somebody with every right has dropped the triggers."""
    drop_triggers(connection)
    yield
    create_triggers(connection)


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines of the report."""
    capsys.readouterr()
    try:
        call_command("verify_ledger", *arguments)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, capsys.readouterr().out.splitlines()


def test_an_honest_ledger_holds(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsys) == (0, ["3 wallets, 7 transactions: all holds"])
    stored = Verification.objects.get()
    assert (stored.wallets, stored.rows, stored.findings, stored.report) == (3, 7, 0, "")
    assert verify(capsys, "--jobs", "2") == (0, ["3 wallets, 7 transactions: all holds"])


def test_an_empty_ledger_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsys) == (0, ["0 wallets, 0 transactions: all holds"])


TAMPERED: dict[str, tuple[str, int | None, str]] = {
    "an amount": ("UPDATE transactions SET amount = {ten} WHERE reference_id = 'two'", 2, "balance after"),
    "a type": ("UPDATE transactions SET type = 'CREDIT' WHERE reference_id = 'two'", 2, "balance after"),
    "a reference": ("UPDATE transactions SET reference_id = 'twp' WHERE reference_id = 'two'", 2, "hash"),
    "a time": ("UPDATE transactions SET created_at = '2020-01-01 00:00:00' WHERE reference_id = 'four'", 4, "hash"),
    "an account": ("UPDATE transactions SET account = 'adjustments' WHERE reference_id = 'two'", 2, "hash"),
    "a reason": ("UPDATE transactions SET failure_reason = 'No' WHERE reference_id = 'three'", 3, "hash"),
    "a refusal made a success": (
        "UPDATE transactions SET status = 'SUCCESS', failure_reason = '' WHERE reference_id = 'three'",
        3,
        "balance after",
    ),
    "a running balance": (
        "UPDATE transactions SET balance_after = {ten} WHERE reference_id = 'three'",
        3,
        "balance after",
    ),
    "one character of a hash": (
        "UPDATE transactions SET hash = REPLACE(hash, SUBSTR(hash, 1, 1), 'g') WHERE reference_id = 'two'",
        2,
        "hash",
    ),
    "a row in the middle deleted": ("DELETE FROM transactions WHERE reference_id = 'three'", 4, "sequence"),
    "the newest row deleted": (
        "DELETE FROM transactions WHERE reference_id = 'five'",
        None,
        "number of transactions",
    ),
    "a balance": ("UPDATE wallets SET balance = {ten} WHERE user_id = {user}", None, "balance"),
    "a sequence": ("UPDATE wallets SET sequence = 6 WHERE user_id = {user}", None, "number of transactions"),
    "an account that there is none of": (
        "UPDATE transactions SET account = 'nowhere' WHERE reference_id = 'two'",
        2,
        "account",
    ),
    "a head": ("UPDATE wallets SET head_hash = 'x' WHERE user_id = {user}", None, "head of the hash chain"),
}


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("name", TAMPERED)
def test_one_thing_changed_is_found_and_its_place_is_named(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    sql, sequence, check = TAMPERED[name]
    with connection.constraint_checks_disabled():
        execute(sql.format(user=wallet.pk, ten=100000 if connection.vendor == "sqlite" else 10))
    code, report = verify(capsys)
    assert code == 1
    row = "" if sequence is None else f", sequence {sequence}"
    assert any(line.startswith(f"wallet {wallet.pk}{row}: {check}: expected ") for line in report), report
    assert not [line for line in report if line.startswith("wallet ") and not line.startswith(f"wallet {wallet.pk}")]
    assert re.fullmatch(r"3 wallets, \d+ transactions: \d+ findings", report[-1])
    assert Verification.objects.get().findings > 0


@pytest.mark.usefixtures("unguarded")
def test_a_swapped_pair_is_found(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        execute("UPDATE transactions SET sequence = %s WHERE user_id = %s AND sequence = %s", new, wallet.pk, old)
    code, report = verify(capsys)
    assert code == 1
    assert report[0].startswith(f"wallet {wallet.pk}, sequence 4: ")


def forged(wallet: Wallet, sequence: int, previous: str) -> Transaction:
    """A credit of a million that nobody posted, with a hash that continues the chain."""
    balance = wallet.balance + 1_000_000
    row = Transaction(
        transaction_id="01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
        wallet_id=wallet.pk,
        sequence=sequence,
        type="CREDIT",
        kind="CREDIT",
        amount=Decimal(1_000_000),
        status="SUCCESS",
        balance_after=balance,
        available_after=balance,
        account_id="external",
        reference_id="forged",
        created_at=Transaction.objects.order_by("-pk")[0].created_at,
    )
    row.hash = chain_hash(previous, row)
    return row


def test_an_inserted_row_is_found(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    wallet.refresh_from_db()
    forged(wallet, 6, wallet.head_hash).save()
    code, report = verify(capsys)
    assert code == 1
    assert f"wallet {wallet.pk}, sequence 6: sequence beyond the wallet's newest: expected at most 5, found 6" in report


@pytest.mark.usefixtures("unguarded")
def test_a_tail_computed_anew_is_found_by_what_was_written_down_elsewhere(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The most that somebody with every right can do: change a row and make all that follows agree with it."""
    anchors = tmp_path / "heads.jsonl"
    call_command("ledger_heads")
    anchors.write_text(capsys.readouterr().out)
    assert json.loads(anchors.read_text().splitlines()[1])["user_id"] == wallet.pk
    assert verify(capsys, "--anchors", str(anchors))[0] == 0

    rows = list(Transaction.objects.filter(wallet=wallet).order_by("sequence"))
    previous, lower = rows[0].hash, Decimal(0)
    scale = 10**4 if connection.vendor == "sqlite" else 1
    for row in rows[1:]:
        if row.reference_id == "two":
            row.amount, lower = Decimal(10), Decimal(20)
        row.balance_after += lower
        row.available_after += lower
        row.hash = previous = chain_hash(previous, row)
        execute(
            "UPDATE transactions SET amount = %s, balance_after = %s, available_after = %s, hash = %s WHERE id = %s",
            *(int(value * scale) if scale > 1 else value for value in (row.amount, row.balance_after)),
            int(row.available_after * scale) if scale > 1 else row.available_after,
            row.hash,
            row.pk,
        )
    Wallet.objects.filter(pk=wallet.pk).update(balance=rows[-1].balance_after, head_hash=previous)

    assert verify(capsys)[0] == 0, "from within, nothing shows"
    code, report = verify(capsys, "--anchors", str(anchors))
    assert code == 1
    assert report[0].startswith(f"wallet {wallet.pk}, sequence 5: anchored hash: expected ")


@pytest.mark.usefixtures("unguarded")
def test_a_wallet_set_back_is_found_by_what_was_written_down_elsewhere(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    anchors = tmp_path / "heads.jsonl"
    call_command("ledger_heads")
    anchors.write_text(capsys.readouterr().out + '{"user_id": 99999, "sequence": 1, "hash": "x"}\n')
    before = Transaction.objects.get(wallet=wallet, sequence=4)
    execute("DELETE FROM transactions WHERE reference_id = 'five'")
    Wallet.objects.filter(pk=wallet.pk).update(balance=before.balance_after, head_hash=before.hash, sequence=4)
    assert verify(capsys)[0] == 0
    code, report = verify(capsys, "--anchors", str(anchors))
    assert code == 1
    assert f"wallet {wallet.pk}, sequence 5: anchored transaction: expected " in report[0]
    assert "wallet 99999: anchored wallet: expected a wallet, found none" in report


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("arguments", [(), ("--jobs", "2")])
def test_rows_whose_wallet_is_gone_are_found(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with connection.constraint_checks_disabled():
        execute("DELETE FROM wallets WHERE user_id = %s", wallet.pk)
    code, report = verify(capsys, *arguments)
    assert code == 1
    assert f"wallet {wallet.pk}: wallet of transactions: expected a wallet, found none" in report
    execute("DELETE FROM transactions WHERE user_id = %s", wallet.pk)


@pytest.fixture
def pair() -> tuple[Wallet, Wallet]:
    """Two wallets with a transfer between them, half of it reversed, and a hold on the first, partly captured."""
    sender, receiver = new_wallet(100), new_wallet()
    posted = services.transfer(from_user_id=sender.pk, to_user_id=receiver.pk, amount=30, reference_id="transfer")
    services.reverse(transaction_id=posted.transaction.transaction_id, amount=15, reference_id="reversal")
    hold = services.place_hold(user_id=sender.pk, amount=20, reference_id="hold").transaction.concerns
    assert hold is not None
    services.capture_hold(hold_id=hold, amount=5, reference_id="capture")
    return sender, receiver


def test_transfers_reversals_and_holds_hold(pair: tuple[Wallet, Wallet], capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsys) == (0, ["2 wallets, 7 transactions: all holds"])
    assert verify(capsys, "--jobs", "2")[0] == 0


COUNTERPARTS = {
    "a side that is gone": (
        "DELETE FROM transactions WHERE reference_id = 'transfer' AND leg = 1",
        ", sequence 2: other side: expected of transfer and 30.0000, found none",
    ),
    "a side of another amount": (
        "UPDATE transactions SET amount = amount + 1 WHERE reference_id = 'transfer' AND leg = 1",
        ", sequence 2: other side: expected of transfer and 30.0000, found none",
    ),
    "more reversed than there was": (
        "UPDATE transactions SET amount = amount * 3 WHERE reference_id = 'reversal'",
        ", sequence 2: reversed: expected at most 30.0000, found 45.0000",
    ),
    "a wallet that holds more": ("UPDATE wallets SET held = held + 1", ": held: expected 15.0000, found "),
    "a row after which less is held": (
        "UPDATE transactions SET held_after = 0 WHERE reference_id = 'hold'",
        ", sequence 4: held after: expected what a HOLD leaves of 0.0000, found 0.0000",
    ),
    "a capture that takes less from the hold": (
        "UPDATE transactions SET held_after = held_after * 2 WHERE reference_id = 'capture'",
        ", sequence 5: held after: expected what a CAPTURE leaves of 20.0000, found 30.0000",
    ),
    "a hold that has let go": ("UPDATE holds SET status = 'RELEASED'", ": held: expected 0.0000, found 15.0000"),
    "a larger hold": ("UPDATE holds SET amount = amount + 1", ": amount of hold "),
    "a hold that is less captured": ("UPDATE holds SET captured = 0", ": captured of hold "),
    "a hold that nobody placed": ("DELETE FROM transactions WHERE reference_id = 'hold'", ": amount of hold "),
}


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("name", COUNTERPARTS)
def test_what_one_row_says_of_another_is_held_against_it(
    pair: tuple[Wallet, Wallet], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    sql, said = COUNTERPARTS[name]
    execute(sql)
    code, report = verify(capsys)
    assert code == 1
    assert any(line.startswith(f"wallet {pair[0].pk}{said}") for line in report), report


def freeze(wallet: Wallet, *, frozen: bool) -> None:
    set_frozen(user_id=wallet.pk, frozen=frozen, reason="A dispute", actor="asha")


def test_money_that_moved_while_a_wallet_was_frozen_is_found(
    wallet: Wallet, capsys: pytest.CaptureFixture[str]
) -> None:
    """By somebody who thawed it in the database, for a moment, and left no record."""
    freeze(wallet, frozen=True)
    with pytest.raises(TransactionFailed):
        services.debit(user_id=wallet.pk, amount=1, reference_id="refused")
    assert verify(capsys)[0] == 0
    Wallet.objects.filter(pk=wallet.pk).update(status="ACTIVE")
    services.debit(user_id=wallet.pk, amount=7, reference_id="stolen")
    Wallet.objects.filter(pk=wallet.pk).update(status="FROZEN")
    freeze(wallet, frozen=False)
    services.debit(user_id=wallet.pk, amount=1, reference_id="thawed")
    freeze(wallet, frozen=True)
    finding = f"wallet {wallet.pk}, sequence 7: money of a wallet that was FROZEN: expected none, found 7.0000"
    for arguments in ((), ("--wallet", str(wallet.pk)), ("--jobs", "2")):
        code, report = verify(capsys, *arguments)
        assert (code, report[:-1]) == (1, [finding])


def test_a_ledger_of_many_wallets_is_proved_in_parts(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.verification.WALLETS_AT_A_TIME", 1)
    assert whole_ledger() == [Scope(0, 4), Scope(1, 4), Scope(2, 4), Scope(3, 4)]
    Wallet.objects.filter(pk=wallet.pk).update(balance=1)
    code, report = verify(capsys)
    assert code == 1
    assert f"wallet {wallet.pk}: balance: expected 50.5000, found 1.0000" in report
    assert report[-1] == "3 wallets, 7 transactions: 2 findings"


def test_rows_stored_out_of_their_order_are_no_finding(wallet: Wallet) -> None:
    state = WalletState(
        *Wallet.objects.values_list("pk", "balance", "sequence", "head_hash", "status").get(pk=wallet.pk)
    )
    rows = [Row(*values) for values in Transaction.objects.filter(wallet=wallet).values_list(*COLUMNS)]
    for order in permutations(rows):
        proof = Proof(state)
        assert [*proof.rows(order), *proof.end()] == []


def test_of_very_many_findings_the_first_are_kept_and_all_are_counted(
    wallet: Wallet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.verification.MOST_KEPT", 2)
    Wallet.objects.update(head_hash="x")
    code, report = verify(capsys)
    assert (code, len(report)) == (1, 4)
    assert report[2:] == ["… and 1 more", "3 wallets, 7 transactions: 3 findings"]
    assert Verification.objects.get().findings == 3


def test_one_wallet_can_be_verified_for_itself(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsys, "--wallet", str(wallet.pk)) == (0, ["1 wallets, 5 transactions: all holds"])
    with pytest.raises(CommandError, match="There is no wallet of user 404"):
        call_command("verify_ledger", wallet=404)
    assert not Verification.objects.exists()


def test_the_report_can_be_had_as_json(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=1)
    code, (line,) = verify(capsys, "--json")
    assert code == 1
    assert json.loads(line)["findings"][0] == {
        "user_id": wallet.pk,
        "sequence": None,
        "check": "balance",
        "expected": "50.5000",
        "found": "1.0000",
    }


@pytest.mark.parametrize("text", ["nonsense", "{}", '{"user_id": 1, "sequence": "x", "hash": 1}', "[]"])
def test_a_file_that_has_no_anchors_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_text(text)
    with pytest.raises(CommandError, match="f: line 1 is not a line that ledger_heads printed"):
        call_command("verify_ledger", anchors=tmp_path / "f")
    with pytest.raises(CommandError, match=r"Cannot read .*: No such file or directory"):
        call_command("verify_ledger", anchors=tmp_path / "missing")


def test_a_long_history_is_read_in_pages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ledger.verification.ROWS_AT_A_TIME", 3)
    wallets = [new_wallet(10) for _ in range(5)]
    for number in range(10):
        services.credit(user_id=wallets[2].pk, amount=1, reference_id=f"r{number}")
    assert verify(capsys) == (0, ["5 wallets, 15 transactions: all holds"])


def test_it_holds_while_sixteen_callers_write(capsys: pytest.CaptureFixture[str]) -> None:
    wallets = [new_wallet(1000).pk for _ in range(8)]
    stop = threading.Event()

    def write(name: int) -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                call = Api().credit if number % 3 else Api().debit
                assert call(wallets[(name + number) % 8], 1, f"{name}-{number}").status == 200
        finally:
            connections.close_all()

    threads = [threading.Thread(target=partial(write, name)) for name in range(16)]
    for thread in threads:
        thread.start()
    try:
        results = [verify(capsys)]
        while len(results) < 5 or results[-1] == results[0]:
            results.append(verify(capsys))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert {code for code, _ in results} == {0}, results


def lines(at: Any = None) -> dict[str, dict[str, Decimal]]:
    return {balance.currency: dict(balance.lines) for balance in trial_balances(at=at)}


def test_debits_equal_credits(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    services.debit(user_id=wallet.pk, amount=Decimal("10.25"), reference_id="fix", account="adjustments")
    yen = new_wallet(500, currency="JPY")
    assert lines() == {
        "INR": {"adjustments": Decimal("10.25"), "external": Decimal("-66.5"), "wallets": Decimal("56.25")},
        "JPY": {"external": Decimal(-500), "wallets": Decimal(500)},
    }
    call_command("trial_balance", currency="INR")
    assert capsys.readouterr().out.split() == [
        *("INR", "debit", "credit"),
        *("adjustments", "10.2500"),
        *("external", "66.5000"),
        *("wallets", "56.2500"),
        *("total", "66.5000", "66.5000"),
    ]
    call_command("trial_balance", format="csv")
    assert capsys.readouterr().out.splitlines()[:3] == [
        "currency,account,debit,credit",
        "INR,adjustments,,10.2500",
        "INR,external,66.5000,",
    ]
    call_command("trial_balance", format="json", at=Transaction.objects.get(wallet=yen).created_at)
    assert json.loads(capsys.readouterr().out) == [
        {
            "currency": "INR",
            "accounts": {"adjustments": "10.2500", "external": "-66.5000", "wallets": "56.2500"},
            "holds": True,
            "complaints": [],
        }
    ]


def test_a_trial_balance_that_does_not_hold_says_so(wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=1)
    with pytest.raises(SystemExit) as end:
        call_command("trial_balance")
    assert end.value.code == 1
    assert "the wallets hold 17.0000, and their transactions say 66.5000" in capsys.readouterr().out


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="'yesterday' is not a time such as 2026-02-11T10:00:00Z"):
        call_command("trial_balance", "--at", "yesterday")

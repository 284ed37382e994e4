"""The commands by which an operator puts a wallet right: with a reason and a name, safe to try and to repeat."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.transaction import atomic

from ledger.append_only import create_triggers, drop_triggers
from ledger.exceptions import LedgerIsAppendOnly
from ledger.models import AuditRecord, Transaction
from ledger.verification import Scope, verify
from tests.conftest import NothingMoved
from tests.factories import new_wallet
from wallets import services
from wallets.exceptions import TransactionFailed
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

WHY = ("--reason", "Fee charged twice, ticket 4711", "--operator", "asha")


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> str:
    capsys.readouterr()
    call_command(*map(str, arguments))
    return capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")


def balance(wallet: Wallet) -> Decimal:
    wallet.refresh_from_db()
    return wallet.balance


@pytest.mark.parametrize(
    ("amount", "after", "type_"), [("12.50", "112.5", "CREDIT"), ("-12.50", "87.5", "DEBIT"), ("-100", "0", "DEBIT")]
)
def test_an_adjustment_is_a_transaction_with_a_reason_and_a_name(
    capsys: pytest.CaptureFixture[str], amount: str, after: str, type_: str
) -> None:
    wallet = new_wallet(100)
    said = run(capsys, "adjust_wallet", wallet.pk, amount, *WHY, "--reference", "ticket-4711")
    assert said.startswith(f"Adjusted: {type_} ")
    assert balance(wallet) == Decimal(after)
    row = Transaction.objects.get(reference_id="ticket-4711")
    assert (row.kind, row.type, row.account_id) == ("ADJUSTMENT", type_, "adjustments")
    assert (row.description, row.actor) == ("Fee charged twice, ticket 4711", "command:asha")
    assert verify(Scope(), {}).found == 0


@pytest.mark.parametrize("reference", [(), ("--reference", "ticket-4711")])
def test_an_adjustment_is_safe_to_run_twice(capsys: pytest.CaptureFixture[str], reference: tuple[str, ...]) -> None:
    wallet = new_wallet(100)
    assert run(capsys, "adjust_wallet", wallet.pk, "5", *WHY, *reference).startswith("Adjusted: ")
    again = run(capsys, "adjust_wallet", wallet.pk, "5.00", *WHY, *reference)
    assert again.startswith("Was adjusted before: CREDIT 5.00 INR, balance then 105.00 INR")
    assert balance(wallet) == 105


def test_another_amount_reason_or_reference_is_another_adjustment(capsys: pytest.CaptureFixture[str]) -> None:
    wallet = new_wallet(100)
    for words in (("5", *WHY), ("-5", *WHY), ("5", "--reason", "Other", *WHY[2:]), ("5", *WHY, "--reference", "r")):
        assert run(capsys, "adjust_wallet", wallet.pk, *words).startswith("Adjusted: ")
    assert balance(wallet) == 110


def test_a_dry_run_of_an_adjustment_changes_nothing(
    capsys: pytest.CaptureFixture[str], nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(100)
    with nothing_moved():
        said = run(capsys, "adjust_wallet", wallet.pk, "-30", *WHY, "--dry-run")
    assert said.startswith("Would adjust: DEBIT 30.00 INR, balance then 70.00 INR")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("5", "--operator", "asha"), "A reason of 1 to 500 characters is needed."),
        (("5", "--reason", "why"), "An operator's name of 1 to 100 characters is needed."),
        (
            ("5", "--reason", "x" * 501, "--operator", "asha"),
            "A reason must have at most 500 characters and no control characters.",
        ),
        (("0", *WHY), "Amount must be greater than 0."),
        (("1.234", *WHY), "Amount must have at most 2 decimals in INR."),
        (("five", *WHY), "'five' is not an amount such as 12.50 or -12.50."),
        (("NaN", *WHY), "'NaN' is not an amount such as 12.50 or -12.50."),
    ],
)
def test_an_adjustment_that_makes_no_sense_is_refused_with_a_sentence(
    arguments: tuple[str, ...], sentence: str, nothing_moved: NothingMoved
) -> None:
    wallet = new_wallet(100)
    with nothing_moved(), pytest.raises(CommandError, match=f"^{re.escape(sentence)}$"):
        call_command("adjust_wallet", str(wallet.pk), *arguments)


def test_an_adjustment_takes_no_more_than_there_is_and_the_refusal_is_kept() -> None:
    wallet = new_wallet(100)
    with pytest.raises(CommandError, match="Insufficient balance"):
        call_command("adjust_wallet", str(wallet.pk), "-100.01", *WHY, "--reference", "r")
    assert balance(wallet) == 100
    assert Transaction.objects.get(reference_id="r").status == "FAILED"


def test_an_unknown_wallet_is_said_to_be() -> None:
    for command in (("adjust_wallet", "404", "5"), ("freeze_wallet", "404"), ("repair_wallet", "404")):
        with pytest.raises(CommandError, match=r"^Wallet not found\.$"):
            call_command(*command, *WHY)


def test_a_wallet_is_frozen_and_unfrozen_and_both_are_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    wallet = new_wallet(100)
    assert run(capsys, "freeze_wallet", wallet.pk, *WHY, "--dry-run") == f"Would freeze wallet {wallet.pk}.\n"
    assert not AuditRecord.objects.exists()
    assert run(capsys, "freeze_wallet", wallet.pk, *WHY) == f"Froze wallet {wallet.pk}.\n"
    assert run(capsys, "freeze_wallet", wallet.pk, *WHY) == "Nothing to do: it is so already.\n"
    with pytest.raises(TransactionFailed, match="Wallet is frozen"):
        services.debit(user_id=wallet.pk, amount=1, reference_id="while-frozen")
    assert run(capsys, "unfreeze_wallet", wallet.pk, *WHY) == f"Unfroze wallet {wallet.pk}.\n"
    services.debit(user_id=wallet.pk, amount=1, reference_id="after")
    assert list(AuditRecord.objects.order_by("pk").values_list("action", "user_id", "actor", "before", "after")) == [
        ("freeze", wallet.pk, "command:asha", {"status": "ACTIVE"}, {"status": "FROZEN", "sequence": 1}),
        ("unfreeze", wallet.pk, "command:asha", {"status": "FROZEN"}, {"status": "ACTIVE", "sequence": 2}),
    ]


def test_a_wallet_can_be_frozen_for_debits_only(capsys: pytest.CaptureFixture[str]) -> None:
    wallet = new_wallet(100)
    assert run(capsys, "freeze_wallet", wallet.pk, *WHY, "--debits-only") == f"Froze wallet {wallet.pk}.\n"
    services.credit(user_id=wallet.pk, amount=1, reference_id="in")
    with pytest.raises(TransactionFailed, match="Wallet is frozen"):
        services.debit(user_id=wallet.pk, amount=1, reference_id="out")
    assert verify(Scope(), {}).found == 0
    Wallet.objects.filter(pk=wallet.pk).update(status="ACTIVE")
    services.debit(user_id=wallet.pk, amount=1, reference_id="stolen")
    (finding,) = verify(Scope(), {}).findings
    assert finding.check == "money of a wallet that was DEBIT_FROZEN"


@pytest.mark.parametrize("command", ["freeze_wallet", "unfreeze_wallet"])
def test_freezing_needs_a_reason_and_a_name(command: str) -> None:
    wallet = new_wallet()
    with pytest.raises(CommandError, match="is needed"):
        call_command(command, str(wallet.pk), "--operator", "asha")
    assert not AuditRecord.objects.exists()


def repair(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, list[str]]:
    capsys.readouterr()
    try:
        call_command("repair_wallet", *map(str, arguments))
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, capsys.readouterr().out.splitlines()


def test_a_balance_that_its_rows_do_not_prove_is_explained_and_brought_back_only_when_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wallet = new_wallet(100)
    services.debit(user_id=wallet.pk, amount=30, reference_id="r")
    assert repair(capsys, wallet.pk) == (0, ["Nothing is wrong."])
    Wallet.objects.filter(pk=wallet.pk).update(balance=99999)

    explained = f"wallet {wallet.pk}: balance: expected 70.0000, found 99999.0000"
    advice = "Its transactions are sound: --apply brings the wallet back to them."
    assert repair(capsys, wallet.pk) == (1, [explained, advice])
    assert balance(wallet) == 99999
    assert repair(capsys, wallet.pk, "--apply", "--dry-run", *WHY) == (1, [explained, "Would be repaired."])
    assert balance(wallet) == 99999
    with pytest.raises(CommandError, match="A reason of 1 to 500 characters is needed"):
        call_command("repair_wallet", str(wallet.pk), "--apply")

    assert repair(capsys, wallet.pk, "--apply", *WHY) == (0, [explained, "Repaired."])
    assert balance(wallet) == 70
    assert repair(capsys, wallet.pk, "--apply", *WHY) == (0, ["Nothing is wrong."])
    record = AuditRecord.objects.get()
    assert (record.action, record.before["balance"], record.after["balance"]) == ("repair", "99999.0000", "70.0000")
    assert verify(Scope(), {}).found == 0


@pytest.mark.django_db(transaction=True)
def test_a_wallet_whose_rows_do_not_hold_is_not_repaired(capsys: pytest.CaptureFixture[str]) -> None:
    wallet = new_wallet(100)
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE transactions SET balance_after = balance_after + 1, hash = 'x'")
    create_triggers(connection)
    code, said = repair(capsys, wallet.pk, "--apply", *WHY)
    assert code == 1
    assert said[-1].startswith("Its transactions themselves do not hold; nothing was changed.")
    assert balance(wallet) == 100
    assert not AuditRecord.objects.exists()


def test_an_audit_record_cannot_be_changed(capsys: pytest.CaptureFixture[str]) -> None:
    wallet = new_wallet()
    run(capsys, "freeze_wallet", wallet.pk, *WHY)
    with pytest.raises(LedgerIsAppendOnly):
        AuditRecord.objects.update(actor="somebody else")
    for sql in ("UPDATE audit_records SET actor = 'x'", "DELETE FROM audit_records"):
        with pytest.raises(DatabaseError, match="append-only"), atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert AuditRecord.objects.get().actor == "command:asha"

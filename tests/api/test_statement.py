"""GET /wallets/:userId/statement."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from ledger.models import Transaction
from tests.conftest import Api
from tests.factories import new_user, new_wallet
from wallets import services
from wallets.models import Wallet
from wallets.statements import statement

pytestmark = pytest.mark.django_db
START = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def wallet() -> Wallet:
    """Five days: a salary, a purchase, a refusal and a hold, a capture, a refund."""
    with time_machine.travel(START, tick=False) as clock:
        wallet = services.create_wallet(user_id=new_user(user_name="Asha Rao").pk)
        services.credit(user_id=wallet.pk, amount=1000, reference_id="salary", description="Salary")
        clock.shift(timedelta(days=1))
        services.debit(user_id=wallet.pk, amount=Decimal("250.50"), reference_id="shoes", description="=SUM(A1)")
        clock.shift(timedelta(days=1))
        Api().debit(wallet.pk, 5000, "refused")
        hold = services.place_hold(user_id=wallet.pk, amount=100, reference_id="hold").transaction.concerns
        assert hold is not None
        clock.shift(timedelta(days=1))
        services.capture_hold(hold_id=hold, amount=60, reference_id="capture", final=True)
        clock.shift(timedelta(days=1))
        services.credit(user_id=wallet.pk, amount=20, reference_id="refund", description="<b>Refund</b>")
    return wallet


def day(number: int) -> str:
    return (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(wallet: Wallet, query: str = "") -> Any:
    return Client().get(f"/wallets/{wallet.pk}/statement{query}")


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


def json_of(response: Any) -> Any:
    import json

    assert response.headers["Content-Type"] == "application/json"
    return json.loads(text_of(response), parse_float=Decimal)


def test_opening_and_lines_come_to_closing(wallet: Wallet) -> None:
    body = json_of(fetch(wallet, f"?from={day(1)}&to={day(4)}"))
    assert {name: body[name] for name in ("userId", "currency", "from", "to")} == {
        "userId": str(wallet.pk),
        "currency": "INR",
        "from": "2026-02-02T00:00:00.000Z",
        "to": "2026-02-05T00:00:00.000Z",
    }
    assert (body["opening"], body["credits"], body["debits"], body["closing"]) == (
        *(1000, 0),
        Decimal("310.5"),
        Decimal("689.5"),
    )
    assert [(line["reference_id"], line["balance_after"]) for line in body["lines"]] == [
        ("shoes", Decimal("749.5")),
        ("capture", Decimal("689.5")),
    ]


def test_any_period_adds_up_and_two_that_follow_each_other_meet(wallet: Wallet) -> None:
    for first in range(6):
        for second in range(first, 7):
            found = statement(wallet.pk, start=START + timedelta(days=first), end=START + timedelta(days=second))
            lines = list(found.lines())
            signed = [line["amount"] if line["type"] == "CREDIT" else -line["amount"] for line in lines]
            assert found.opening + sum(signed, Decimal(0)) == found.closing
            assert not lines or lines[-1]["balance_after"] == found.closing
            before = statement(wallet.pk, start=None, end=START + timedelta(days=first))
            assert before.closing == found.opening
    assert json_of(fetch(wallet))["closing"] == Decimal("709.5")


def test_lines_are_those_that_were_decided_between_also_when_clocks_differ(wallet: Wallet) -> None:
    with time_machine.travel(START + timedelta(days=3, hours=12), tick=False):  # a machine whose clock is late
        services.debit(user_id=wallet.pk, amount=1, reference_id="late")
    for end in (4, 5):
        found = statement(wallet.pk, start=START + timedelta(days=2), end=START + timedelta(days=end))
        signed = [line["amount"] if line["type"] == "CREDIT" else -line["amount"] for line in found.lines()]
        assert found.opening + sum(signed, Decimal(0)) == found.closing


def test_a_long_statement_is_read_in_pieces(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallets.statements.LINES_AT_A_TIME", 2)
    assert len(json_of(fetch(wallet))["lines"]) == 4


def test_a_statement_as_csv_carries_no_formula(wallet: Wallet) -> None:
    response = fetch(wallet, f"?format=csv&to={day(7)}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="statement-{wallet.pk}.csv"'
    rows = list(csv.DictReader(text_of(response).splitlines()))
    assert [(row["kind"], row["debit"], row["credit"], row["balance"]) for row in rows] == [
        ("OPENING", "", "", "0.00"),
        ("CREDIT", "", "1000.00", "1000.00"),
        ("DEBIT", "250.50", "", "749.50"),
        ("CAPTURE", "60.00", "", "689.50"),
        ("CREDIT", "", "20.00", "709.50"),
        ("CLOSING", "310.50", "1020.00", "709.50"),
    ]
    assert rows[2]["description"] == "'=SUM(A1)"


def test_a_statement_as_a_page_shows_it_and_carries_no_markup(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    response = fetch(wallet, f"?format=html&from={day(0)}&to={day(7)}")
    page = text_of(response)
    assert response.headers["Content-Type"].startswith("text/html")
    for words in ("Asha Rao", "Opening balance", "709.50", "&lt;b&gt;Refund&lt;/b&gt;", "Capture"):
        assert words in page, words
    assert "refused" not in page
    monkeypatch.setattr("wallets.statement_files.MOST_LINES", {"html": 3, "pdf": 2})
    for form, most in (("html", 3), ("pdf", 2)):
        refused = fetch(wallet, f"?format={form}")
        sentence = f"More than {most} lines for {form}: name a shorter period, or take the csv"
        assert (refused.status_code, refused.json()) == (400, {"error": sentence})


def test_a_statement_as_pdf_shows_it_in_its_own_letters(wallet: Wallet) -> None:
    wallet.user.user_name = "आशा राव"
    wallet.user.save()
    for number in range(60):
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"{number}-{'x' * 90}", description="Ελληνικά" * 9)
    response = fetch(wallet, "?format=pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="statement-{wallet.pk}.pdf"'
    assert response.content.startswith(b"%PDF-")
    assert response.content.count(b"/Type /Page\n") == 2, "as many lines as there are need two pages"


def test_an_empty_wallet_has_an_empty_statement() -> None:
    wallet = new_wallet()
    body = json_of(fetch(wallet))
    assert (body["opening"], body["closing"], body["lines"]) == (0, 0, [])
    assert "Nothing moved in this period." in text_of(fetch(wallet, "?format=html"))
    assert not Transaction.objects.exists()


def test_what_is_no_period_is_refused(api: Api, wallet: Wallet) -> None:
    path = f"/wallets/{wallet.pk}/statement"
    for query, sentence in {
        "from=yesterday": "from must be a time such as 2026-02-11T10:00:00Z",
        f"from={day(2)}&to={day(1)}": "to must not be before from",
        "format=xls": "format must be one of json, csv, html, pdf",
        "month=2": "Unknown field: month",
    }.items():
        assert api.get(f"{path}?{query}").answer == (400, {"error": sentence})
    assert api.get("/wallets/404404/statement").answer == (404, {"error": "Wallet not found"})

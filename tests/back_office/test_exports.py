"""A list as CSV: what the list shows, all of it, for whoever may look at it, and nothing that a spreadsheet runs."""

import csv
import io
import logging
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import ApiClient, User
from ledger.back_office import FastList
from ledger.exports import as_text, harmless
from ledger.models import Transaction
from tests.factories import StaffFactory, new_user, new_wallet
from wallets import services
from wallets.approvals import propose_adjustment
from wallets.corrections import set_frozen
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model, shown in admin.site._registry.items()
    if isinstance(shown, FastList)
]
USERS, WALLETS, TRANSACTIONS, ACCOUNTS = (
    reverse(f"admin:{name}_changelist")
    for name in ("accounts_user", "wallets_wallet", "ledger_transaction", "ledger_account")
)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(StaffFactory.create(username="asha"))
    return client


@pytest.fixture
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.exports.ROWS_AT_A_TIME", 2)
    monkeypatch.setattr("ledger.exports.KEYS_AT_A_TIME", 4)


def member(role: str) -> Client:
    staff = StaffFactory.create(username=role, is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(staff)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content).decode()


def get(client: Client, url: str) -> Any:
    return client.get(f"{url}export/")


def exported(client: Client, url: str, **query: str) -> list[list[str]]:
    """The lines of the CSV, with the header."""
    return list(csv.reader(io.StringIO(text_of(client.get(f"{url}export/", query)), newline="")))


def column(client: Client, url: str, name: str, **query: str) -> list[str]:
    header, *lines = exported(client, url, **query)
    return [line[header.index(name)] for line in lines]


def a_row_of_everything() -> None:
    wallet = new_wallet(1234)
    services.place_hold(user_id=wallet.pk, amount=50, reference_id="h")
    set_frozen(user_id=wallet.pk, frozen=True, reason="A dispute", actor="asha")
    propose_adjustment(user_id=wallet.pk, amount=Decimal(50000), reason="Ticket 4711", actor="staff:asha")


@pytest.mark.parametrize("url", LISTS)
def test_every_list_offers_what_it_shows(staff: Client, url: str) -> None:
    a_row_of_everything()
    page = staff.get(url)
    assert f'<a href="{url}export/?">Download CSV</a>' in page.content.decode()
    assert "Download CSV" not in staff.get(url, {"_popup": "1"}).content.decode()
    response = staff.get(f"{url}export/")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = f"-{datetime.now(UTC):%Y-%m-%d}.csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="')
    assert response.headers["Content-Disposition"].endswith(f'{name}"')
    header, *lines = csv.reader(io.StringIO(text_of(response), newline=""))
    shown = list(page.context["cl"].list_display)
    assert len(header) - len([name for name in shown if name != "action_checkbox"]) == ("Currency" in header)
    assert len(lines) == page.context["cl"].result_count
    for line in lines:
        assert len(line) == len(header)
        assert "<" not in "".join(line)


def test_money_can_be_added_up_and_its_currency_stands_beside_it(staff: Client) -> None:
    wallet = new_wallet(1234567)
    Wallet.objects.filter(pk=wallet.pk).update(overdraft_limit=2000000)
    services.debit(user_id=wallet.pk, amount=2000000, reference_id="d")
    header, line = exported(staff, WALLETS)
    assert header == ["User id", "User name", "Balance", "Available", "Status", "Updated at", "Currency"]
    assert line[2:5] == ["-765433.00", "1234567.00", "ACTIVE"]
    assert line[6] == "INR"
    assert column(staff, TRANSACTIONS, "Amount") == ["2000000.00", "1234567.00"]


@pytest.mark.parametrize("url", LISTS)
def test_no_list_has_an_amount_that_cannot_be_added_up(staff: Client, url: str) -> None:
    a_row_of_everything()
    for line in exported(staff, url):
        for cell in line:
            # A sentence may say an amount: Credit 50,000.00 INR.
            assert not cell.endswith("\N{NO-BREAK SPACE}INR") or cell[0].isalpha(), cell


def test_what_is_searched_and_filtered_is_exported_and_nothing_else(staff: Client) -> None:
    new_user(user_name="Asha Rao", user_email="asha@rao.in")
    new_user(user_name="Asha Das")
    new_user(user_name="Bela Das")
    assert column(staff, USERS, "User name", q="Asha") == ["Asha Das", "Asha Rao"]
    assert column(staff, USERS, "User email", q="asha@rao.in") == ["asha@rao.in"]
    assert column(staff, USERS, "User name", q="nobody") == []
    wallets = [new_wallet() for _ in range(3)]
    Wallet.objects.filter(pk=wallets[1].pk).update(status="FROZEN")
    assert column(staff, WALLETS, "User id", status__exact="FROZEN") == [str(wallets[1].pk)]
    assert "/export/?q=Asha" in staff.get(USERS, {"q": "Asha", "p": "1"}).content.decode()
    assert "/export/?status__exact=FROZEN" in staff.get(WALLETS, {"status__exact": "FROZEN"}).content.decode()


@pytest.mark.usefixtures("_two_at_a_time")
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 9])
def test_all_rows_are_exported_in_the_order_of_the_list(
    staff: Client, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.back_office.MAX_LISTED", 3)
    names = [f"A{number % 3}" for number in range(rows)]  # several share a name
    users = [new_user(user_name=name).pk for name in names]
    assert column(staff, USERS, "User id") == [str(pk) for pk in reversed(users)]
    assert column(staff, USERS, "User id", o="2", p="9") == [str(pk) for pk in reversed(users)], "in no other order"
    found = [line[:2] for line in exported(staff, USERS, q="A")[1:]]
    assert found == [[str(pk), name] for name, pk in sorted(zip(names, users, strict=True))]


@pytest.mark.usefixtures("_two_at_a_time")
def test_accounts_and_a_wallets_transactions_too(staff: Client) -> None:
    assert column(staff, ACCOUNTS, "Code") == ["adjustments", "external", "transfers"]
    wallet, other = new_wallet(), new_wallet()
    references = [f"r{number}" for number in range(7)]
    for reference in references:
        services.credit(user_id=wallet.pk, amount=5, reference_id=reference)
        services.credit(user_id=other.pk, amount=5, reference_id=f"other-{reference}")
    assert column(staff, TRANSACTIONS, "Reference id", q=str(wallet.pk)) == references[::-1]
    assert len(column(staff, TRANSACTIONS, "Reference id")) == 14


@pytest.mark.usefixtures("_two_at_a_time")
def test_rows_are_read_a_page_at_a_time_and_the_header_comes_before_them(staff: Client) -> None:
    for _ in range(5):
        new_wallet(5)
    response = get(staff, WALLETS)
    assert response.streaming
    with CaptureQueriesContext(connection) as queries:
        pieces = iter(response.streaming_content)
        assert next(pieces).startswith(b"User id,")
        assert len(queries) == 0
        assert [piece.count(b"\n") for piece in pieces] == [2, 2, 1]
    # Four keys, two rows, two rows; one key, one row.
    assert [("LIMIT 4" in query["sql"], " IN (" in query["sql"]) for query in queries] == [
        *((True, False), (False, True), (False, True)),
        *((True, False), (False, True)),
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("+919876543210", "'+919876543210"),
        ("-1+1", "'-1+1"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\N{NO-BREAK SPACE}=1", "'\N{NO-BREAK SPACE}=1"),
        ("\N{ZERO WIDTH SPACE}=1", "'\N{ZERO WIDTH SPACE}=1"),
        ("\N{IDEOGRAPHIC SPACE}\N{FULLWIDTH EQUALS SIGN}1", "'\N{IDEOGRAPHIC SPACE}\N{FULLWIDTH EQUALS SIGN}1"),
        ("\N{FULLWIDTH PLUS SIGN}1", "'\N{FULLWIDTH PLUS SIGN}1"),
        ("\N{FULLWIDTH HYPHEN-MINUS}1", "'\N{FULLWIDTH HYPHEN-MINUS}1"),
        ("\N{FULLWIDTH COMMERCIAL AT}A", "'\N{FULLWIDTH COMMERCIAL AT}A"),
        ("x;=1+1", "x;'=1+1"),
        ('a;"=1+1;b', "a;'\"=1+1;b"),
        ("a;' =1", "a;'' =1"),
        ("x\n=1", "x\n'=1"),
        ("-12.50", "-12.50"),
        ("-12", "-12"),
        ("12.5", "12.5"),
        ("-१२", "'-१२"),
        ("a=1", "a=1"),
        ("a@b.c", "a@b.c"),
        ("1-2", "1-2"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_and_a_number_stays_one(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_what_a_caller_sent_is_no_formula_in_the_file(staff: Client) -> None:
    new_user(user_name='=HYPERLINK("https://evil.example","x")', user_email="+a@b.c", user_phone="+91 98765 43210")
    line = exported(staff, USERS)[1]
    assert line[1:4] == ['\'=HYPERLINK("https://evil.example","x")', "'+a@b.c", "'+91 98765 43210"]


def test_values_are_plain_text() -> None:
    indian = datetime(2026, 2, 11, 15, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert as_text(indian) == "2026-02-11T10:00:00.000Z"
    assert as_text(format_html("<b>{}</b>", "a & b")) == "a & b"
    assert as_text("<b>a &amp; b</b>") == "<b>a &amp; b</b>", "which is what somebody wrote"
    assert [as_text(value) for value in (None, True, False, Decimal("1E+3"), 5)] == ["", "yes", "no", "1000", "5"]


def test_whoever_may_look_at_a_list_may_export_it_and_nobody_else() -> None:
    everybody = {role: member(role) for role in ("viewer", "operator", "supervisor", "administrator")}
    refused = 0
    for url in LISTS:
        assert Client().get(f"{url}export/").headers["Location"].startswith("/admin/login/"), url
        for role, client in everybody.items():
            expected = client.get(url).status_code
            assert client.get(f"{url}export/").status_code == expected, (role, url)
            refused += expected == 403
            if expected == 403:
                assert client.get(f"{url}export/?q=1").status_code == 403, (role, url)
    assert refused >= 9, "API clients, keys and second factors are an administrator's"
    assert everybody["viewer"].post(f"{WALLETS}export/").status_code == 405


def test_where_a_second_factor_is_needed_nothing_is_exported_without(staff: Client, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert staff.get(f"{WALLETS}export/").headers["Location"] == "/admin/second-factor/"


def test_a_filter_that_the_list_does_not_offer_is_refused(staff: Client) -> None:
    for query in ("nothing=5", "user__user_name__startswith=A"):
        assert staff.get(f"{WALLETS}export/?{query}").status_code == 400


@pytest.mark.usefixtures("_two_at_a_time")
def test_the_log_says_who_took_how_much(staff: Client, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        new_wallet()
    with caplog.at_level(logging.INFO, "ledger.back_office"):
        text_of(staff.get(f"{WALLETS}export/"))
        assert caplog.messages == ["staff:asha exported wallets.wallet, 5 rows"]
        cut_off = get(staff, WALLETS)
        next(cut_off.streaming_content)
        next(cut_off.streaming_content)
        cut_off.close()
    assert caplog.messages[1:] == ["staff:asha exported wallets.wallet, 2 rows"]


def test_a_file_that_is_not_whole_says_so(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = new_wallet()

    def fails_half_way(_: Any) -> Any:
        yield [wallet]
        raise OperationalError("the server has gone away")

    monkeypatch.setattr("ledger.back_office.in_pages", fails_half_way)
    pieces = iter(get(staff, WALLETS).streaming_content)
    assert [next(pieces).count(b"\n") for _ in range(2)] == [1, 1]
    assert next(pieces) == b'"INCOMPLETE: reading failed here, download it again"\r\n'
    with pytest.raises(OperationalError):
        next(pieces)


def test_keys_are_exported_without_their_secrets(staff: Client) -> None:
    from accounts.api_keys import create_key

    made = create_key(client="shop", scopes=["wallets:read"], created_by="asha")
    text = text_of(staff.get("/admin/accounts/apikey/export/"))
    assert text.startswith("API key,Client,")
    assert ApiClient.objects.get().name in text
    assert made.text[17:] not in text
    assert made.key.secret_hash not in text


def test_nothing_is_left_out_when_rows_are_written_meanwhile(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.exports.KEYS_AT_A_TIME", 3)
    wallet = new_wallet()
    for number in range(8):
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"r{number}")
    pieces = iter(get(staff, TRANSACTIONS).streaming_content)
    text = next(pieces) + next(pieces)
    services.credit(user_id=wallet.pk, amount=1, reference_id="late")
    text += b"".join(pieces)
    assert [f"r{number}" for number in range(8) if f"r{number}".encode() not in text] == []
    assert (Transaction.objects.count(), User.objects.count(), text.count(b"\n")) == (9, 1, 9)

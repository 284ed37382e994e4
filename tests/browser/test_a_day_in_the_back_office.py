"""A day in the back office, walked as a person: a customer is found, a wallet frozen, money put right by two people."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import PASSWORD, Visitor
from tests.children import environment
from tests.service import USER, Service

NBSP = "\N{NO-BREAK SPACE}"
STAFF = f"""
from django.contrib.auth.models import Group
from accounts.models import Staff
for name, role in (("asha", "operator"), ("sara", "supervisor"), ("tom", "supervisor")):
    staff = Staff.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
"""


def staff_join(url: str) -> None:
    """An operator and two supervisors."""
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", STAFF],
        cwd=settings.BASE_DIR,
        env=environment(url),
        check=True,
        capture_output=True,
    )


def test_a_customer_is_helped_and_money_put_right_by_two_people(
    browser: Browser, service: Service, database_url: str, tmp_path: Path
) -> None:
    staff_join(database_url)
    service.call("POST", "/users", USER | {"user_phone": "9876543210", "user_name": "Shefali Sethiya"})
    service.call("POST", "/wallets", {"userId": 1})
    service.call("POST", "/wallets/1/credit", {"amount": 50000, "referenceId": "salary"})
    service.call("POST", "/wallets/1/debit", {"amount": 60000, "referenceId": "too-much"})
    asha, sara, tom = (Visitor(browser, service, name=name) for name in ("asha", "sara", "tom"))

    # Asha finds who calls by their phone, and reads why the payment failed.
    page = asha.page
    asha.sign_in()
    asha.keep("dashboard")
    page.keyboard.press("/")
    page.keyboard.type("9876543210")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Shefali Sethiya")).to_be_visible()
    expect(page.get_by_text("failed: Insufficient balance")).to_be_visible()
    asha.keep("wallet")
    page.locator("tr", has_text="too-much").get_by_role("link").click()
    expect(page.get_by_text(f"50,000.00{NBSP}INR available")).to_be_visible()
    asha.keep("failed-transaction")

    # She freezes the wallet, writes a note, and lets money move again.
    _act(asha, "Freeze", "Ticket 4711", "The wallet is frozen.", picture="freeze")
    _act(asha, "Note", "Called: the card was lost", "The note is kept.", label="Note")
    _act(asha, "Unfreeze", "Ticket 4711 is settled", "Money may move again.")

    # Sara proposes to put a salary right that was paid twice. She may approve, but not what is her own.
    page = sara.page
    sara.sign_in()
    page.goto("/admin/wallets/wallet/1/adjust/")
    page.get_by_label("Amount").fill("-20000")
    page.get_by_label("Reason").fill("Salary paid twice, ticket 4712")
    sara.keep("adjust")
    page.get_by_role("button", name="Adjust").click()
    expect(page.get_by_text("It is proposed, as number")).to_be_visible()
    page.get_by_role("link", name="Proposals (1)").click()
    sara.keep("proposals")
    page.locator("#result_list a").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("another has to approve or decline")).to_be_visible()
    sara.keep("refused-to-approve-ones-own")
    assert service.call("GET", "/wallets/1")[1]["balance"] == 50000

    # Tom approves it; it is in the history of the wallet and among the records.
    page = tom.page
    tom.sign_in()
    page.get_by_role("link", name="Proposals (1)").click()
    page.locator("#result_list a").first.click()
    expect(page.get_by_text(f"from 50,000.00{NBSP}INR to 30,000.00{NBSP}INR")).to_be_visible()
    tom.keep("proposal")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved and posted.")).to_be_visible()
    assert service.call("GET", "/wallets/1")[1]["balance"] == 30000
    page.goto("/admin/wallets/wallet/1/change/")
    expect(page.get_by_text("adjustment, Salary paid twice, ticket 4712")).to_be_visible()
    expect(page.get_by_text("Called: the card was lost")).to_be_visible()
    page.goto("/admin/ledger/auditrecord/")
    expect(page.get_by_text("approved proposal")).to_be_visible()
    tom.keep("audit-records")

    # He sends the customer the statement, and takes the list for the accountant.
    page.goto("/admin/wallets/wallet/1/change/")
    for name, first in (("CSV", "time,transaction_id"), ("PDF", "%PDF")):
        assert _downloaded(tom, page.get_by_role("button", name=name), tmp_path).startswith(first)
    page.goto("/admin/ledger/transaction/?q=1")
    assert "too-much" in _downloaded(tom, page.get_by_role("link", name="Download CSV"), tmp_path)
    assert asha.complaints + sara.complaints + tom.complaints == []


def _act(visitor: Visitor, name: str, words: str, said: str, *, label: str = "Reason", picture: str = "") -> None:
    page = visitor.page
    page.goto("/admin/wallets/wallet/1/change/")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label(label).fill(words)
    if picture:
        visitor.keep(picture)
    page.get_by_role("button", name=name).click()
    expect(page.get_by_text(said)).to_be_visible()


def _downloaded(visitor: Visitor, button: Locator, folder: Path) -> str:
    """The text of the file that a click on it gives."""
    with visitor.page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_text(encoding="utf-8-sig", errors="replace")

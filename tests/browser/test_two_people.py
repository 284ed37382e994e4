"""A day in the back office, walked as a person: a customer is found, a wallet frozen, money put right by two people."""

import subprocess
import sys

from django.conf import settings
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PASSWORD, Visitor
from tests.children import environment
from tests.service import USER, Service

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


def test_money_is_put_right_by_two_people(browser: Browser, service: Service, database_url: str) -> None:
    staff_join(database_url)
    service.call("POST", "/users", USER | {"user_phone": "9876543210", "user_name": "Shefali Sethiya"})
    service.call("POST", "/wallets", {"userId": 1})
    service.call("POST", "/wallets/1/credit", {"amount": 50000, "referenceId": "salary"})
    service.call("POST", "/wallets/1/debit", {"amount": 60000, "referenceId": "too-much"})
    asha, sara = (Visitor(browser, service, name=name) for name in ("asha", "sara"))

    page = asha.page
    asha.sign_in()
    page.goto("/admin/wallets/wallet/")
    page.locator("#searchbar").fill("9876543210")
    page.keyboard.press("Enter")
    page.locator("#result_list").get_by_role("link", name="1").first.click()
    expect(page.get_by_role("link", name="Freeze", exact=True)).to_be_visible()
    asha.keep("wallet")
    page.goto("/admin/ledger/transaction/?status__exact=FAILED")
    expect(page.get_by_text("Insufficient balance")).to_be_visible()

    page.goto("/admin/wallets/wallet/1/freeze/")
    page.get_by_label("Reason").fill("Ticket 4711")
    asha.keep("freeze")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("The wallet is frozen.")).to_be_visible()
    page.goto("/admin/wallets/wallet/1/unfreeze/")
    page.get_by_label("Reason").fill("Ticket 4711 is settled")
    page.get_by_role("button", name="Unfreeze").click()

    page.goto("/admin/wallets/wallet/1/adjust/")
    page.get_by_label("Amount").fill("-20000")
    page.get_by_label("Reason").fill("Salary paid twice, ticket 4712")
    asha.keep("adjust")
    page.get_by_role("button", name="Adjust").click()
    expect(page.get_by_text("It is proposed, as number")).to_be_visible()
    page.goto("/admin/wallets/proposal/")
    asha.keep("proposals")
    page.locator("#result_list a").first.click()
    expect(page.get_by_text("It waits for somebody who may approve it.")).to_be_visible()
    assert service.call("GET", "/wallets/1")[1]["balance"] == 50000

    page = sara.page
    sara.sign_in()
    page.get_by_role("link", name="Proposals (1)").click()
    page.locator("#result_list a").first.click()
    expect(page.get_by_text("bring the balance from 50000.0000 to 30000.0000")).to_be_visible()
    sara.keep("proposal")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved and posted.")).to_be_visible()
    assert service.call("GET", "/wallets/1")[1]["balance"] == 30000
    page.goto("/admin/ledger/auditrecord/")
    expect(page.get_by_text("approved proposal")).to_be_visible()
    sara.keep("audit-records")
    page.set_viewport_size({"width": 400, "height": 800})
    for name in ("wallets/wallet/1/change", "wallets/wallet/1/adjust", "wallets/proposal"):
        page.goto(f"/admin/{name}/")
        sara.keep(f"narrow-{name.split('/')[-1]}")
    assert asha.complaints + sara.complaints == []

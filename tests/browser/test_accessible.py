"""Every page of the back office, for those who read with ears, in the dark or on a phone.

axe-core finds no serious fault, in light and in dark; on 400 pixels nothing sticks out; the console is empty and no
request leaves the machine. The pictures are for people to look at.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor
from tests.service import USER, Service

SERIOUS = {"serious", "critical"}
# Of axe-core: all that WCAG 2 asks for at levels A and AA; and what depends on the colours.
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
PAGES = (
    *("", "find/?q=nobody", "second-factor/", "password_change/"),
    *("wallets/wallet/1/change/", "wallets/wallet/1/statement/?format=html", "wallets/wallet/1/adjust/"),
    *("wallets/wallet/1/limits/", "wallets/wallet/1/note/", "wallets/wallet/1/history/"),
    *("ledger/transaction/1/change/", "ledger/transaction/2/change/", "ledger/transaction/4/change/"),
    *("wallets/proposal/1/change/", "ledger/auditrecord/1/change/", "accounts/user/1/change/"),
    *("accounts/staff/1/change/", "accounts/apikey/add/", "accounts/apiclient/add/", "ledger/account/add/"),
    *("wallets/wallet/", "wallets/proposal/", "ledger/transaction/"),
)

# They share a template, and so their colours and their width.
OTHER_LISTS = (
    *("accounts/user/", "accounts/staff/", "accounts/apiclient/", "accounts/apikey/", "wallets/hold/"),
    *("ledger/account/", "ledger/auditrecord/", "ledger/verification/", "auth/group/"),
    *("otp_totp/totpdevice/", "axes/accessattempt/", "axes/accesslog/"),
)


@pytest.fixture
def life(service: Service) -> None:
    """Something of everything: a failure, a transfer, a reversal, a hold, a proposal, a record."""
    for number in (1, 2):
        person = {"userId": number, "user_email": f"u{number}@example.com", "user_phone": f"987654321{number}"}
        assert service.call("POST", "/users", USER | person)[0] == 201
        service.call("POST", "/wallets", {"userId": number})
    service.call("POST", "/wallets/1/credit", {"amount": 50000, "referenceId": "salary"})
    service.call("POST", "/wallets/1/debit", {"amount": 60000, "referenceId": "too-much"})
    paid = service.call("POST", "/wallets/1/debit", {"amount": 900, "referenceId": "order"})
    assert paid[0] == 200
    found = service.call("GET", "/transactions?referenceId=order")[1]["transactions"][0]["transaction_id"]
    refund = {"amount": 100, "referenceId": "refund", "reason": "Broken"}
    assert service.call("POST", f"/transactions/{found}/reverse", refund)[0] == 200
    transfer = {"fromUserId": 1, "toUserId": 2, "amount": 1500, "referenceId": "rent"}
    assert service.call("POST", "/transfers", transfer)[0] == 200
    assert service.call("POST", "/wallets/1/holds", {"amount": 300, "referenceId": "hotel"})[0] in {200, 201}


def look(visitor: Visitor, rules: list[str] | None, pages: Sequence[str] = PAGES) -> list[str]:
    """What is wrong with any of the pages by these rules of axe-core, as one line each."""
    wrong = []
    for path in pages:
        reply = visitor.page.goto(f"/admin/{path}")
        assert reply is not None
        if reply.status != 200:
            wrong.append(f"{path}: {reply.status}")
        if rules:
            wrong += [f"{path}: {each}" for each in faults(visitor, rules)]
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{path}: {wide} pixels stick out")
    return wrong


def faults(visitor: Visitor, rules: list[str]) -> list[str]:
    options = {"resultTypes": ["violations"], "runOnly": rules}
    before = visitor.complaints.copy()
    found: list[dict[str, Any]] = Axe().run(visitor.page, options=options).response["violations"]
    visitor.complaints[:] = before  # axe-core tries styles of its own, which the policy refuses
    return [f"{each['id']} {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in SERIOUS]


@pytest.mark.engine("sqlite")
def test_every_page_can_be_read_by_everybody_wherever_they_are(browser: Browser, service: Service, life: None) -> None:
    light, dark, phone = (
        Visitor(browser, service),
        Visitor(browser, service, color_scheme="dark"),
        Visitor(browser, service, color_scheme="dark", viewport={"width": 400, "height": 800}),
    )
    light.page.goto("/admin/")
    assert faults(light, ALL) == []
    light.sign_in()
    _propose(light)
    dark.sign_in()
    phone.sign_in()
    wrong = {"light": look(light, ALL, (*PAGES, *OTHER_LISTS)), "dark": look(dark, COLOURS), "phone": look(phone, None)}
    assert wrong == {"light": [], "dark": [], "phone": []}
    assert light.complaints + dark.complaints + phone.complaints == []


@pytest.mark.engine("sqlite")
def test_pictures_are_kept_of_the_pages_in_light_and_dark_wide_and_narrow(
    browser: Browser, service: Service, life: None
) -> None:
    kept = {"home": "", "wallet": "wallets/wallet/1/change/", "transaction": "ledger/transaction/4/change/"}
    kept |= {"list": "ledger/transaction/", "find": "find/?q=nobody"}
    for scheme in ("light", "dark"):
        for width in (1280, 400):
            visitor = Visitor(browser, service, color_scheme=scheme, viewport={"width": width, "height": 900})
            visitor.sign_in()
            for name, path in kept.items():
                visitor.page.goto(f"/admin/{path}")
                visitor.keep(f"{name}-{scheme}-{width}")
            assert visitor.complaints == []


def _propose(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/admin/wallets/wallet/1/adjust/")
    page.get_by_label("Amount").fill("-20000")
    page.get_by_label("Reason").fill("Paid twice")
    page.get_by_role("button", name="Adjust").click()
    page.wait_for_url("**/change/")
    page.goto("/admin/wallets/wallet/1/note/")
    page.get_by_label("Note").fill("Called")
    page.get_by_role("button", name="Note").click()

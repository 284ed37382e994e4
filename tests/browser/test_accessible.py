"""Every page of the back office, for those who read with ears, in the dark or on a phone.

axe-core finds no serious fault, in light and in dark; on 400 pixels nothing sticks out; the console is empty and no
request leaves the machine. The pictures are for people to look at.
"""

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
)

LISTS = tuple(
    f"{name}/"
    for name in (
        *("accounts/user", "accounts/staff", "accounts/apiclient", "accounts/apikey", "wallets/wallet", "wallets/hold"),
        *("wallets/proposal", "ledger/transaction", "ledger/account", "ledger/auditrecord", "ledger/verification"),
        *("auth/group", "otp_totp/totpdevice", "axes/accessattempt", "axes/accesslog"),
    )
)
# Colours change when they are told to, not in the course of a tenth of a second.
AT_ONCE = """
    const style = new CSSStyleSheet();
    style.replaceSync("* { transition: none !important }");
    document.adoptedStyleSheets = [style];
"""
# Pictures are kept of these, for people to look at.
KEPT = {
    "": "home",
    "wallets/wallet/1/change/": "wallet",
    "ledger/transaction/4/change/": "transaction",
    "ledger/transaction/": "list",
    "find/?q=nobody": "find",
    "wallets/proposal/1/change/": "proposal",
}


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


def look(visitor: Visitor, path: str) -> list[str]:
    """What is wrong with a page in light and dark, wide and narrow, as one line each."""
    page = visitor.page
    reply = page.goto(f"/admin/{path}")
    wrong = [] if reply and reply.status == 200 else ["not there"]
    page.evaluate(AT_ONCE)
    for scheme, rules in (("light", ALL), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wrong += [f"{scheme}: {each}" for each in faults(visitor, rules)]
        for width in (400, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{too_wide} pixels stick out of {width}"] if too_wide else []
            if path in KEPT:
                visitor.keep(f"{KEPT[path]}-{scheme}-{width}")
    return wrong


def faults(visitor: Visitor, rules: list[str]) -> list[str]:
    options = {"resultTypes": ["violations"], "runOnly": rules}
    before = visitor.complaints.copy()
    found: list[dict[str, Any]] = Axe().run(visitor.page, options=options).response["violations"]
    visitor.complaints[:] = before  # axe-core tries styles of its own, which the policy refuses
    return [
        f"{each['id']} {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary'][:300]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.engine("sqlite")
def test_every_page_can_be_read_by_everybody_wherever_they_are(browser: Browser, service: Service, life: None) -> None:
    visitor = Visitor(browser, service)
    visitor.page.goto("/admin/")
    assert faults(visitor, ALL) == []
    visitor.sign_in()
    _propose(visitor)
    wrong = {path: found for path in (*PAGES, *LISTS) if (found := look(visitor, path))}
    assert wrong == {}
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

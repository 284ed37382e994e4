"""The documentation, and forms that show pictures or secrets, in a real browser under the strict policy for scripts."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.service import USER, Service

# Once is enough: what a page asks of the database is tested with each engine elsewhere.
pytestmark = pytest.mark.engine("sqlite")


def test_the_documentation_is_read_and_a_call_tried_in_it(browser: Browser, service: Service) -> None:
    service.call("POST", "/users", USER)
    service.call("POST", "/wallets", {"userId": 1})
    visitor = Visitor(browser, service)
    page = visitor.page
    page.goto("/docs")
    expect(page.get_by_text("Mini Wallet Service").first).to_be_visible()
    visitor.keep("docs")
    operation = page.locator("#operations-Wallets-creditWallet")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("user_id").fill("1")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.get_by_text('"message": "Wallet credited successfully"').first).to_be_visible()
    visitor.keep("docs-tried")
    assert service.call("GET", "/wallets/1")[1]["balance"] == 1000
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_text("A key that staff, or").first).to_be_visible()
    visitor.keep("docs-authorize")
    assert visitor.complaints == []


def test_a_key_is_made_and_a_second_factor_set_up(browser: Browser, service: Service) -> None:
    visitor = Visitor(browser, service)
    page = visitor.page
    visitor.sign_in()
    page.goto("/admin/accounts/apiclient/add/")
    page.get_by_label("Name").fill("shop")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/accounts/apikey/add/")
    page.get_by_label("Client").select_option(label="shop")
    page.get_by_label("users:write").check()
    visitor.keep("new-api-key")
    page.get_by_role("button", name="Save", exact=True).click()
    key = page.locator("#new-key").inner_text()
    visitor.keep("api-key-shown-once")
    headers = {"Authorization": f"Bearer {key}"}
    assert service.call("POST", "/users", USER, headers)[0] == 201
    page.goto("/admin/accounts/apikey/")
    visitor.keep("api-keys")
    page.goto("/admin/second-factor/")
    assert page.locator("img[alt='QR code of your second factor']").evaluate("image => image.naturalWidth") > 0
    visitor.keep("second-factor")
    assert visitor.complaints == []

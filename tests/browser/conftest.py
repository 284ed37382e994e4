"""A real browser on a real service. What it saw is kept as pictures in var/screenshots."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.packages import apt_install
from tests.service import Service, serving

PASSWORD = "a-long-and-secret-word"  # of staff that tests create
PICTURES = Path(settings.BASE_DIR) / "var" / "screenshots"
# Debian's Chromium, which asks Google for news of itself unless it is told not to.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def chromium() -> str:
    """The browser's program, installed where that is allowed; or the end, with what to do."""
    for install in (False, True):
        if install:
            apt_install(["chromium"], why="to see the pages in a real browser")
        for name in ("chromium", "chromium-browser", "google-chrome"):
            if found := shutil.which(name):
                return found
    return sys.exit("The tests need Chromium. Install it: apt-get install chromium")


@pytest.fixture
def browser(service: Service) -> Iterator[Browser]:
    """Started after the service, whose database is made before an event loop is there."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    with serving(database_url, tmp_path) as running:
        yield running


class Visitor:
    """Somebody at a browser, who minds what the console says and where requests go; the first operator, or `name`.

    `looks` are Playwright's: colour scheme, size of the window.
    """

    def __init__(self, browser: Browser, service: Service, *, name: str = "operator", **looks: Any) -> None:
        self.base = f"http://localhost:{service.port}"
        self.page: Page = browser.new_context(base_url=self.base, **looks).new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._mind(message.type, f"{message.text} ({message.location})"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._expect_ours(request.url))
        first = re.search(r"password  (\S{16})\n", service.log.read_text())
        assert first is not None
        self._name, self._password = name, first[1] if name == "operator" else PASSWORD

    def _mind(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _expect_ours(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"left the machine: {url}")

    def sign_in(self) -> None:
        """With name and password."""
        self.page.goto("/admin/")
        self.page.get_by_label("Username").fill(self._name)
        self.page.get_by_label("Password").fill(self._password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/")

    def keep(self, name: str) -> None:
        """A picture of the page as it is."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

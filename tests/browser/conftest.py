"""Real Chromium against a real server."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from declarations.models import User
from tests.factories import PASSWORD

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs beside Django

PATIENCE = 30_000
"""Milliseconds: waiting longer costs nothing where all is well."""
expect.set_options(timeout=PATIENCE)

WIDTHS = (360, 768, 1280)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
            *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
        ],
    }


class Person:
    """Somebody at a browser of their own, who fails on any script error on the way."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.context = context
        self.server = server
        self.errors: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: Any) -> None:
        text = message.text
        if message.type == "error" and "Failed to load resource" not in text:
            self.errors.append(text)

    def arrive(self, user: User) -> "Person":
        """At the home page, logged in before: most tests are not about the form for that."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = client.cookies[name].value
        self.context.add_cookies([{"name": name, "value": cookie, "url": self.server}])
        self.page.goto(f"{self.server}/")
        return self

    def log_in(self, user: User, password: str = PASSWORD) -> "Person":
        """By the form."""
        self.page.goto(f"{self.server}/login/")
        self.page.get_by_label("用户名").fill(user.username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(f"{self.server}/")
        return self

    def go(self, path: str) -> Page:
        self.page.goto(self.server + path)
        return self.page

    def copy(self, rows: list[list[str]]) -> None:
        """Puts a block on the clipboard as a spreadsheet does."""
        quoted = [
            [f'"{t.replace(chr(34), chr(34) * 2)}"' if "\n" in t or '"' in t else t for t in row]
            for row in rows
        ]
        text = "\n".join("\t".join(row) for row in quoted) + "\n"
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)

    def paste(self) -> None:
        self.page.keyboard.press("Control+V")


@pytest.fixture
def person(browser: Browser, live_server: Any) -> Iterator[Callable[..., Person]]:
    """Opens browsers: ``person(user)`` is logged in, ``person()`` is not."""
    people: list[Person] = []

    def arrive(user: User | None = None, **context: Any) -> Person:
        opened = browser.new_context(
            locale="zh-CN",
            viewport={"width": 1280, "height": 860},
            permissions=["clipboard-read", "clipboard-write"],
            **context,
        )
        opened.set_default_timeout(PATIENCE)
        people.append(Person(opened, live_server.url))
        return people[-1].arrive(user) if user else people[-1]

    yield arrive
    errors = [error for someone in people for error in someone.errors]
    for someone in people:
        # A page that is closed still sends what it holds: not into the next test's database.
        for page in someone.context.pages:
            page.wait_for_load_state("networkidle")
        someone.context.set_offline(True)
        someone.context.close()
    assert not errors, errors


def run_axe(page: Page, *, tries: int = 5) -> AxeResults:
    """On one document from beginning to end: a click does not wait for the page that it leads to.

    Raises Playwright's Error where axe itself fails.
    """
    page.wait_for_load_state()
    try:
        found = (Axe("") if _has_axe(page) else Axe()).run(page)
        if _has_axe(page):
            return found
    except Error:
        if not tries:
            raise
    assert tries, "the page is replaced again and again"
    return run_axe(page, tries=tries - 1)


def _has_axe(page: Page) -> bool:
    """Once it has run, until another document takes the place of this one."""
    return bool(page.evaluate("'axe' in window"))


def check_accessible(page: Page) -> None:
    """axe finds nothing, at three widths."""
    size = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found = run_axe(page)
        assert found.violations_count == 0, f"{page.url} at {width}px: {found.generate_report()}"
    assert size is not None
    page.set_viewport_size(size)

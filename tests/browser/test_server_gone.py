"""The server is gone for a while: the page keeps the text, says so, and saves when it is back."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import PATIENCE, Person, check_accessible
from tests.working import eventually

ROOT = Path(__file__).parent.parent.parent


class OwnServer:
    """gunicorn on the test's database, to be killed and started again."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = connection.settings_dict
        host = database["OPTIONS"].get("host") or database["HOST"]
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={host}"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
                *("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4"),
                *("--no-control-socket", "--log-level", "error"),
            ],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
            start_new_session=True,
        )
        eventually(self.answers)

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def visitor(own_server, browser, filer):
    """Somebody at the server that can be killed."""
    set_portable_password(filer)
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE)
    someone = Person(context, own_server.url)
    yield someone
    context.close()
    assert not someone.errors


@pytest.fixture
def own_server(transactional_db):
    server = OwnServer()
    server.start()
    yield server
    server.kill()


def test_text_survives_a_server_that_is_killed_and_started_again(
    own_server, visitor, filer, declaration
):
    page = visitor.log_in(filer).go(f"/declarations/{declaration.pk}/")
    goal = page.locator('[name="text/overall_goal"]')
    own_server.kill()
    goal.fill("服务器不在时写的目标")
    page.locator('[name="funding/basic/budget"]').fill("12.5")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("无法连接服务器，正在重试")
    expect(goal).to_have_value("服务器不在时写的目标")
    own_server.start()
    expect(page.locator("#save-status")).to_contain_text("已保存", timeout=60_000)
    assert declaration.passages.get(key="overall_goal").text == "服务器不在时写的目标"
    assert declaration.funding_lines.get(key="basic").budget == 125_000


def test_a_tab_closed_while_the_server_is_gone_offers_its_text_again(
    own_server, visitor, filer, declaration
):
    page = visitor.log_in(filer).go(f"/declarations/{declaration.pk}/")
    page.locator('[name="text/overall_goal"]').click()
    page.keyboard.type("来不及保存的目标")
    own_server.kill()
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert declaration.passages.get(key="overall_goal").text == ""
    own_server.start()
    visitor.page = visitor.open()
    page = visitor.go(f"/declarations/{declaration.pk}/")
    dialog = page.get_by_role("dialog", name="有上次没能保存的内容")
    expect(dialog).to_contain_text("来不及保存的目标")
    check_accessible(page)
    dialog.get_by_role("button", name="填回表中").click()
    expect(page.locator('[name="text/overall_goal"]')).to_have_value("来不及保存的目标")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert declaration.passages.get(key="overall_goal").text == "来不及保存的目标"


def set_portable_password(user) -> None:
    """One that a server outside the tests, with its own hashers, can check."""
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(factories.PASSWORD, hasher.salt(), iterations=1)
    user.save(update_fields=["password"])

"""Django system checks: what the machine must offer, said before a page of boxes is printed."""

import shutil
import subprocess
from typing import Any

from django.core import checks
from django.db import connection

from config.database_roles import owns_tables


@checks.register()
def check_chinese_font(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """PDFs need a Chinese font on the server; without one they print boxes."""
    if not shutil.which("fc-list"):
        return [checks.Warning("找不到 fontconfig（fc-list）", id="declarations.W002", hint=_HINT)]
    fonts = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    )
    if not fonts.stdout.strip():
        return [checks.Warning("没有中文字体，PDF 会印成方框", id="declarations.W001", hint=_HINT)]
    return []


@checks.register(deploy=True)
def check_database_roles(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Who owns a table can switch off its triggers, and rewrite the record."""
    if not owns_tables(connection):
        return []
    message = "应用以数据库表的所有者身份连接，可以改写审计记录"
    return [checks.Warning(message, id="declarations.W003", hint=_ROLES)]


_ROLES = "DATABASE_OWNER_URL：见 docs/deploy.md，Two database roles"
_HINT = "apt-get install fontconfig fonts-noto-cjk"

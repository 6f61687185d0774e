"""Django system checks: what the machine must offer, said before a page of boxes is printed."""

import shutil
import subprocess
from typing import Any

from django.core import checks


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


_HINT = "apt-get install fontconfig fonts-noto-cjk"

"""What a production server serves: collectstatic, with hashed names."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

NAMED = re.compile(r"""\{% static ['"]([^'"]+)['"] %\}""")


def test_what_pages_name_is_collected(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "config.storage.ModuleStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    named = {name for page in _pages() for name in NAMED.findall(page.read_text())}
    assert named >= {"css/app.css", "js/app.js", "vendor/htmx.min.js"}
    for name in named:
        hashed = staticfiles_storage.stored_name(name)
        assert hashed != name
        assert (tmp_path / hashed).is_file()


def _pages() -> list[Path]:
    return [*(settings.BASE_DIR / "templates").rglob("*.html")]

"""Verifying in a browser: without a script, too large a file, and for everybody to read."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from declarations.models import Declaration, Publication, User
from declarations.queries.files import content_of
from tests.browser.conftest import check_accessible
from tests.publishing import published, publisher_of

pytestmark = pytest.mark.django_db(transaction=True)
VERIFY = "/public/verify/"


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    publisher = publisher_of(declaration.round.bureau)
    return published(filer, reviewer, publisher, declaration)


@pytest.fixture
def files(publication: Publication, tmp_path: Path) -> dict[str, Path]:
    """By what they turn out to be."""
    content = content_of(publication.files.get(format="pdf").file)
    contents = {
        "与公开的文件一致": content,
        "与公开的文件不一致，可能被改动过": content[:-9] + b"x" + content[-8:],
        "没有找到": b"%PDF-1.7",
    }
    paths = {said: tmp_path / f"{number}.pdf" for number, said in enumerate(contents)}
    for said, path in paths.items():
        path.write_bytes(contents[said])
    return paths


def choose(page: Page, file: Path) -> None:
    page.get_by_label("PDF、Excel、Word 或者 JSON 文件").set_input_files(file)
    page.get_by_role("button", name="核验").click()


def test_it_works_without_a_script(
    person: Any, publication: Publication, files: dict[str, Path]
) -> None:
    page = person(java_script_enabled=False).go(VERIFY)
    expect(page.get_by_text("把文件拖到这里")).to_be_hidden()
    for said, file in files.items():
        choose(page, file)
        expect(page.get_by_role("heading", name=said, exact=True)).to_be_visible()
    page.get_by_label("核验码", exact=True).fill(publication.code.lower())
    page.get_by_role("button", name="查询").click()
    expect(page).to_have_url(re.compile(f"/public/verify/{publication.code}/$"))


@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_read_what_it_says(
    person: Any, publication: Publication, files: dict[str, Path], width: int
) -> None:
    citizen = person()
    citizen.page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "?code=7Q2M", "000000000000/", f"{publication.code}/"):
        check_accessible(citizen.go(VERIFY + path))
    for file in files.values():
        page = citizen.go(VERIFY)
        choose(page, file)
        expect(page.locator(".verdict")).to_be_visible()
        check_accessible(page)
    assert citizen.context.cookies() == []


def test_too_large_a_file_is_not_even_sent(person: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"x" * (settings.LARGEST_VERIFIED + 1))
    page = person().go(VERIFY)
    choose(page, large)
    expect(page.get_by_role("status")).to_contain_text("文件超过 10 MB")
    expect(page.locator(".verdict")).to_have_count(0)

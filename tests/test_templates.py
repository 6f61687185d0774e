"""Templates: every one is used, and none holds a script, a style or an on… attribute."""

import re
from pathlib import Path

import pytest

from declarations.views import home
from tests.pages import inline_code

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))

NAMED_BY_DJANGO = {"registration/login.html", "registration/password_change_form.html"}
"""What Django's own views ask for."""

HOMES = {template for template, _ in home._PAGES.values()}
"""What the home pages of the roles are called by."""

REFERENCE = re.compile(r"""["']([\w./-]+\.html)["']""")


def source_of(template: str) -> str:
    return (FOLDER / template).read_text(encoding="utf-8")


def test_every_template_is_used() -> None:
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "declarations").rglob("*.py")]
    sources += [p.read_text(encoding="utf-8") for p in (ROOT / "config").rglob("*.py")]
    sources += map(source_of, TEMPLATES)
    used = {name for source in sources for name in REFERENCE.findall(source)} | NAMED_BY_DJANGO
    used |= {f"home/{name}.html" for name in HOMES}
    assert [template for template in TEMPLATES if template not in used] == []


def test_every_template_that_is_named_exists() -> None:
    named = {name for template in TEMPLATES for name in REFERENCE.findall(source_of(template))}
    assert named <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_holds_no_inline_code(template: str) -> None:
    assert inline_code(source_of(template)) == []


@pytest.mark.parametrize(
    "html",
    [
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        "<script type='module'>import 'x'</script>",
        '<p style="color: red">',
        "<p class='a'\n  STYLE='color: red'>",
        '<button onclick="go()">',
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">',
    ],
)
def test_inline_code_is_found(html: str) -> None:
    assert inline_code(html)


@pytest.mark.parametrize(
    "html",
    [
        '<script src="/static/app.js" defer></script>',
        '<link rel="stylesheet" href="/static/app.css">',
        '<p data-style="x" class="onward">onclick = 5, style = no</p>',
        "<a href='/declarations/1/#cell-javascript'>",
    ],
)
def test_what_is_none_is_not_taken_for_it(html: str) -> None:
    assert inline_code(html) == []

"""docs/checks.md is what the registry says."""

from declarations.checks import CHECKS, Level
from declarations.checks.documentation import PATH, document


def test_the_document_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "make docs writes it"


def test_every_check_stands_in_it_under_its_level() -> None:
    must, hint, own = document().split("\n## ")[1:]
    for check in CHECKS.values():
        part = {Level.MUST: must, Level.HINT: hint, None: own}[check.level]
        assert f"### {check.title}\n\n{check.about}\n\n- 编号：`{check.code}`\n" in part


def test_its_link_leads_to_the_chapter_on_forms() -> None:
    chapters = (PATH.parent / "form-templates.md").read_text(encoding="utf-8")
    assert "\n## 十三、“校验”工作表\n" in chapters

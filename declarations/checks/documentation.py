"""``docs/checks.md``: every check as the registry describes it. ``make docs`` writes it."""

from pathlib import Path

from declarations.checks import CHECKS, Level
from declarations.checks.registry import Check

PATH = Path(__file__).parents[2] / "docs" / "checks.md"

_HEAD = """# 校验

填报时随时校验，提交时再校验一次，`manage.py declaration findings REF` 也可以列出。**必须修正**的改好后才能提交；**提示**可以改，也可以写明理由，理由随申报交给审核人。每条结果写明两边的内容和数字，并指向有关的格子。

各区自己的要求写在表样的“校验”工作表中，见[怎样把空白表做成表样](form-templates.md#十三校验工作表)。

本文由程序生成（`make docs`），不要直接修改；说明和代码写在一处，在 `declarations/checks/`。
"""


def document() -> str:
    """The whole document, in Markdown."""
    groups = [
        ("必须修正", [c for c in CHECKS.values() if c.level is Level.MUST]),
        ("提示", [c for c in CHECKS.values() if c.level is Level.HINT]),
        ("由表样规定", [c for c in CHECKS.values() if c.level is None]),
    ]
    return "\n".join([_HEAD, *(_group(title, checks) for title, checks in groups)])


def _group(title: str, checks: list[Check]) -> str:
    return "\n".join([f"## {title}", "", *(_entry(check) for check in checks)])


def _entry(check: Check) -> str:
    return f"### {check.title}\n\n{check.about}\n\n- 编号：`{check.code}`\n- 依据：{check.source}\n"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")

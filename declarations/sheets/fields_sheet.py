"""Reads the 字段 sheet: what an official says of each tag."""

import re
from typing import TYPE_CHECKING, Any

from declarations.sheets.kinds import Kind
from declarations.sheets.listing import read_lines

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_YES = {"是", "必填", "√", "✓", "1", "true", "yes"}
_NO = {"", "否", "选填", "0", "false", "no"}
COLUMNS = ("标签", "名称", "说明", "必填", "类型", "选项", "单位", "字数", "可为负数")
"""Headings of the 字段 sheet; only 标签 must be there, in any order."""


def read_fields_sheet(
    sheet: "Worksheet", problems: list[tuple[str, str, str]]
) -> dict[str, dict[str, Any]]:
    """The 字段 sheet by tag; only what is filled in, and ``cell``, where the tag stands.

    problems: is given what is wrong with it, as sheet, cell and message.
    """
    lines = read_lines(sheet, COLUMNS, "标签")
    if lines is None:
        problems.append((sheet.title, "", "找不到写有“标签”的表头行"))
        return {}
    said: dict[str, dict[str, Any]] = {}
    for line in lines:
        tag = line.text("标签").strip("{} ").partition("|")[0].strip()
        if not tag:
            continue
        place = line.cell("标签")
        if tag in said:
            message = f"标签 {tag} 写了两行，另一行在 {said[tag]['cell']}"
            problems.append((sheet.title, place, message))
            continue
        said[tag] = {"cell": place}
        for name, text in line.texts.items():
            if not text or name == "标签":
                continue
            try:
                said[tag][name] = READERS.get(name, str)(text)
            except (ValueError, KeyError) as error:
                message = f"“{name}”一栏：{error.args[0]}"
                problems.append((sheet.title, line.cell(name), message))
    return said


def _yes_or_no(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in _YES | _NO:
        raise ValueError(f"应填“是”或“否”，现为“{text}”")
    return lowered in _YES


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise ValueError(f"没有类型“{text}”，可用：{'、'.join(Kind)}") from None


def _choices(text: str) -> tuple[str, ...]:
    return tuple(c.strip() for c in re.split(r"[\n、，,；;|]+", text) if c.strip())


def _length(text: str) -> int:
    try:
        length = int(float(text))
    except ValueError:
        length = 0
    if length < 1:
        raise ValueError(f"应填正整数，现为“{text}”")
    return length


READERS = {
    "必填": _yes_or_no,
    "类型": _kind,
    "选项": _choices,
    "字数": _length,
    "可为负数": _yes_or_no,
}
"""What reads a column's text, where it is not taken as it is; each raises ValueError."""

"""What the API can be asked: each parameter says how it is read, and what its schema is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from declarations.sheets.open_datasets import KINDS

MOST = 100
"""Items on a page, at most."""
USUAL = 50
"""Items on a page, where nothing is said."""
_LONGEST = 100
_SHIFTED = re.compile(r" (\d{2}:?\d{2})$")
_YEARS = range(1900, 2200)
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class UnreadableError(ValueError):
    """A parameter cannot be read; the message says what it should be, in Chinese."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What can be asked for. read: of its text, raises UnreadableError."""

    name: str
    description: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    within: str = "query"
    example: str | int = ""

    def described(self) -> dict[str, Any]:
        """Its Parameter Object."""
        described: dict[str, Any] = {
            "name": self.name,
            "in": self.within,
            "description": self.description,
            "schema": dict(self.schema),
        }
        if self.within == "path":
            described["required"] = True
        if self.example:
            described["example"] = self.example
        return described


def _code(text: str) -> str:
    if len(text) > _LONGEST or not _CODE.fullmatch(text):
        raise UnreadableError("应为编码，只有小写字母、数字和连字符")
    return text


def _year(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text[:9]) in _YEARS:
        return int(text)
    raise UnreadableError("应为四位数的年份，例如 2023")


def _kind(text: str) -> str:
    if text not in KINDS:
        raise UnreadableError(f"应为 {'、'.join(KINDS)} 之一")
    return text


def _words(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST:
        raise UnreadableError(f"应为 1 至 {_LONGEST} 个字")
    return text.strip()


def _moment(text: str) -> datetime:
    """A moment, or the beginning of a day; a + that was not escaped has come as a space."""
    try:
        if day := parse_date(text):
            return timezone.make_aware(datetime.combine(day, time.min))
        moment = parse_datetime(_SHIFTED.sub(r"+\1", text))
    except ValueError:
        moment = None
    if moment is None:
        raise UnreadableError("应为日期或时间，例如 2023-05-01 或 2023-05-01T08:00:00+08:00")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _limit(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST:
        return int(text)
    raise UnreadableError(f"应为 1 至 {MOST} 的整数")


def _cursor(text: str) -> str:
    if not text or len(text) > _LONGEST:
        raise UnreadableError("只能用上一页的 next 中的")
    return text


_TEXT = {"type": "string"}
BUREAU_CODE = Parameter("bureau", "财政局编码", _TEXT, _code, example="panyu")
OF_DEPARTMENT = Parameter("department", "部门编码", _TEXT, _code, example="panyu-dpf")
OF_YEAR = Parameter("year", "年度", {"type": "integer"}, _year, example=2023)
OF_KIND = Parameter("kind", "种类", {"type": "string", "enum": list(KINDS)}, _kind)
WORDS = Parameter(
    "q",
    "搜索部门、标题和内容中的文字，两个字也可以；最多给出 1000 条，不能与 changed_since 同用",
    {"type": "string", "minLength": 1, "maxLength": _LONGEST},
    _words,
    example="康复",
)
SINCE = Parameter(
    "changed_since",
    "只要这一时间以后公开、更正、撤回的",
    {"type": "string"},
    _moment,
    example="2023-05-01",
)
CURSOR = Parameter("cursor", "从哪里接着读，见上一页的 next", _TEXT, _cursor)
LIMIT = Parameter(
    "limit",
    "一页最多几条",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    _limit,
)


OF_ONE = (
    replace(OF_DEPARTMENT, within="path"),
    replace(OF_YEAR, within="path"),
    Parameter("form", "表单编码", _TEXT, _code, "path", "panyu-target"),
)
"""The parts of a declaration's address."""
OF_VERSION = Parameter("number", "公开次序，从 1 起", {"type": "integer"}, int, "path", 1)

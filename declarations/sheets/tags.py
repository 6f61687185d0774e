"""The tags in a form's cells: what may stand between ``{{`` and ``}}``."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from declarations.sheets.catalogue import (
    CONTEXT,
    FUNDING_COLUMNS,
    INDICATORS,
    KEYS,
    LISTS,
    RUBRIC_COLUMNS,
    SCORE_COLUMNS,
    SCORES,
    SHOWN_COLUMNS,
    TASK_LISTS,
    TOTALS,
    columns_of,
)
from declarations.sheets.expressions import Expression, ExpressionError

NUMBER = "number"
"""``{{tasks.number}}``: the row's place in its list, from 1."""
MERGE = "merge"
"""``{{indicators.level1|merge}}``: equal neighbours become one cell, except while editing."""

NOT_IN_FORM = "不在表样中"
"""How every message ends that misses a tag."""

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KEY = re.compile(KEYS)


class TagError(ValueError):
    """The tag is not one of ours; the message says why, in Chinese."""


@dataclass(frozen=True)
class Tag:
    """One tag.

    path: ``tasks.indicators.target`` — as written, without options.
    list_path: the lists it repeats with, outer first: ``("tasks", "indicators")``.
    column: what it names in the innermost list, line, or context.
    shown: of what is worked out elsewhere, the path as written; `path` is its cell's then.
    """

    path: str
    list_path: tuple[str, ...] = ()
    column: str = ""
    options: frozenset[str] = field(default_factory=frozenset)
    expression: Expression | None = None
    shown: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether its value is worked out, by a formula of the form or by the rubric."""
        return bool(self.expression or self.shown)

    @property
    def is_context(self) -> bool:
        """Whether the system knows it by itself, or computes it from that: ``{{= year - 1}}``."""
        uses = self.expression.uses if self.expression else {self.path}
        return bool(uses) and uses <= CONTEXT.keys()

    @property
    def is_year(self) -> bool:
        """Whether it says a year, as in the heading ``{{= year - 1}}年``."""
        uses = self.expression.uses if self.expression else {self.path}
        return uses == {"year"}

    @property
    def is_number(self) -> bool:
        return bool(self.list_path) and self.column == NUMBER


def split_text(text: str) -> list[str | Tag]:
    """A cell's text as literal pieces and tags, in order. Raises TagError."""
    parts: list[str | Tag] = []
    end = 0
    for match in _TAG.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(parse_tag(match[1]))
        end = match.end()
    rest = text[end:]
    if "{{" in rest or "}}" in rest:
        raise TagError("标签的双花括号不成对，应写成 {{标签}}")
    if rest:
        parts.append(rest)
    return parts


def parse_tag(source: str) -> Tag:
    """What stands between the braces. Raises TagError."""
    text = source.strip()
    if text.startswith(("=", "＝")):
        if "{" in text:
            raise TagError("公式中的标签不加花括号，例如 {{= sum(tasks.amount)}}")
        try:
            expression = Expression.parse(text[1:])
        except ExpressionError as error:
            raise TagError(str(error)) from None
        for name in sorted(expression.names | expression.lists):
            _check_numeric(name)
        return Tag(path=text, expression=expression)
    path, *options = (part.strip() for part in text.replace("｜", "|").split("|"))
    if unknown := [option for option in options if option != MERGE]:
        raise TagError(f"标签 {path} 的选项“{unknown[0]}”不存在，可用：{MERGE}")
    tag = parse_path(path)
    if options and not tag.list_path:
        raise TagError(f"选项 {MERGE} 只能用于清单中的标签")
    return replace(tag, options=frozenset(options))


def parse_path(path: str) -> Tag:
    """A tag's dotted path. Raises TagError with what would be right."""
    try:
        return _read_path(path)
    except TagError:
        if meant := _meant(path):
            raise TagError(f"没有标签“{_visible(path)}”，应写成 {meant}") from None
        raise


def _meant(path: str) -> str:
    """The tag that was meant by one in full-width or capital letters, or with a slip in its
    first word; "" where there is none.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", path) if c.isprintable())
    plain = re.sub(r"[。、,·]", ".", "".join(plain.split())).lower().strip("{}")
    head, dot, rest = plain.partition(".")
    heads = ("funding", "text", SCORES, *LISTS) if dot else tuple(CONTEXT)
    near = get_close_matches(head, heads, n=1, cutoff=0.75)
    for attempt in (plain, *(n + dot + rest for n in near)):
        try:
            return _read_path(attempt).path
        except TagError:
            continue
    return ""


def _visible(path: str) -> str:
    """A tag on one line, as it can be quoted."""
    return " ".join("".join(c if c.isprintable() else " " for c in path).split())


def _read_path(path: str) -> Tag:
    if path in CONTEXT:
        return Tag(path)
    if path in TOTALS:
        return Tag(path, column=path.partition(".")[2], shown=path)
    head, *rest = path.split(".")
    if head == "funding":
        return _funding(path, rest)
    if head == SCORES:
        return _score(path, rest)
    if head == "text":
        if len(rest) != 1 or not _KEY.fullmatch(rest[0]):
            raise TagError(f"文字标签应写成 text.名称（小写英文字母、数字和下划线），现为“{path}”")
        return Tag(path, column=rest[0])
    if head in LISTS:
        return _in_list(path, head, rest)
    if re.fullmatch(r"\$?[A-Z]{1,3}\$?\d+", path):
        raise TagError(f"“{path}”是单元格，公式中要写标签，例如 {{{{= sum(tasks.amount)}}}}")
    if re.search(r"[(+*/]", path):
        raise TagError("公式要以等号开头，例如 {{= sum(tasks.amount)}}")
    raise TagError(f"没有标签“{path}”，请核对拼写")


def misplaced_sums(summed: Iterable[str], rows: tuple[str, ...]) -> Iterator[str]:
    """What cannot be summed up: tags outside lists, and, in the rows of one list, what is nested
    in the rows of another.
    """
    for name in sorted(summed):
        path = parse_path(name).list_path
        if not path:
            yield f"{name} 不在清单中，不用汇总"
        elif len(path) > 1 and rows and path[0] != rows[0]:
            yield f"{name} 不在清单 {rows[0]} 的行内，不能与它的各行一起计算"


def _funding(path: str, rest: list[str]) -> Tag:
    if len(rest) != 2 or not _KEY.fullmatch(rest[0]) or rest[1] not in FUNDING_COLUMNS:
        columns = "、".join(FUNDING_COLUMNS)
        raise TagError(f"收支标签应写成 funding.行.列，列为 {columns} 之一，现为“{path}”")
    return Tag(path, column=rest[1])


def _score(path: str, rest: list[str]) -> Tag:
    """``score.KEY.basis``, ``score.KEY.extra.name``; in formulas ``score.self_score`` of all items."""
    if rest == ["self_score"]:
        return Tag(path, (SCORES,), "self_score")
    column = ".".join(rest[1:])
    own = len(rest) == 3 and rest[1] in ("extra", "input") and _KEY.fullmatch(rest[2])
    known = len(rest) == 2 and rest[1] in (*SCORE_COLUMNS, *RUBRIC_COLUMNS, *SHOWN_COLUMNS)
    if not rest or not _KEY.fullmatch(rest[0]) or not (own or known):
        columns = "、".join((*RUBRIC_COLUMNS, *SCORE_COLUMNS, *SHOWN_COLUMNS))
        raise TagError(
            f"评分标签应写成 {SCORES}.编码.列，列为 {columns} 之一，"
            f"或 input.名称、extra.名称，现为“{path}”"
        )
    return Tag(path, column=column, shown=path if column in SHOWN_COLUMNS else "")


def _in_list(path: str, head: str, rest: list[str]) -> Tag:
    lists = [head]
    if head in TASK_LISTS and rest[:1] == [INDICATORS]:
        lists.append(rest.pop(0))
    innermost = lists[-1]
    known = columns_of(innermost)
    if len(rest) == 2 and rest[0] == "extra" and _KEY.fullmatch(rest[1]):
        return Tag(path, tuple(lists), f"extra.{rest[1]}")
    shown = SHOWN_COLUMNS if innermost == INDICATORS else {}
    if len(rest) == 1 and rest[0] in shown:
        return Tag(path, tuple(lists), rest[0], shown=path)
    if len(rest) == 1 and (rest[0] in known or rest[0] == NUMBER):
        return Tag(path, tuple(lists), rest[0])
    raise TagError(
        f"没有标签“{path}”：{innermost} 的列有 {'、'.join((*known, *shown))}、{NUMBER}，"
        f"本地区自有的列写成 {'.'.join(lists)}.extra.名称"
    )


def _check_numeric(name: str) -> None:
    tag = parse_path(name)
    if tag.is_context and name != "year":
        raise TagError(f"公式中不能使用“{name}”，它不是数字")

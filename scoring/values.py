"""Compares what was achieved with what was aimed at, as officials write both.

The grammar and every rule, with examples, are in docs/values.md. Nothing is guessed: where two
readings are possible it is unknown, with the reason.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from scoring.value_dates import YEARLESS
from scoring.value_figures import Result, UnknownError, compare_figures, compare_several
from scoring.value_reading import Value, ValueKind, quoted, read_value
from scoring.value_words import PLANNED, Comparison

__all__ = [
    "Comparison",
    "Met",
    "Outcome",
    "Value",
    "ValueKind",
    "compare_values",
    "read_value",
]

_OPPOSITE = re.compile(r"(?:未|没有|没|不)能?(.+)")
_YES_AND_NO = {("是", "否"), ("否", "是")}


class Met(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Met.MET: "达到",
    Met.PARTLY: "部分达到",
    Met.NOT_MET: "未达到",
    Met.UNKNOWN: "无法判断",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a target was met.

    share: 0 to 1, how far; None where unknown. ratio: actual ÷ target, uncapped, the worst of
    several; None where there is none (words, dates, ranges, a target of zero). explanation: one
    sentence in Chinese without its full stop, with both values.
    """

    met: Met
    share: Decimal | None
    ratio: Decimal | None
    target: Value
    actual: Value
    explanation: str


@lru_cache(maxsize=4096)
def compare_values(target: str, actual: str, *, lower_is_better: bool | None = None) -> Outcome:
    """Whether the actual value meets the target, and how far. Never raises.

    A target without ≥, 不超过 and the like counts as “at least”, with `lower_is_better` as “at
    most”. What is written goes before `lower_is_better`.
    """
    aimed, done = read_value(target), read_value(actual)
    both = f"目标{quoted(aimed)}，实际{quoted(done)}"
    try:
        result = _compare(aimed, done, lower_is_better=lower_is_better)
    except UnknownError as error:
        return Outcome(Met.UNKNOWN, None, None, aimed, done, f"{both}，{error}，请人工判断")
    met = Met.MET if result.share == 1 else Met.PARTLY if result.share else Met.NOT_MET
    return Outcome(met, result.share, result.ratio, aimed, done, f"{both}，{result.said}")


def _compare(target: Value, actual: Value, *, lower_is_better: bool | None) -> Result:
    for name, value in (("目标", target), ("实际", actual)):
        if value.kind is ValueKind.NOTHING:
            raise UnknownError(f"{name}值{value.problem}")
    if target.words == actual.words and not _has_ratio(target):
        return Result(Decimal(1), "与目标一致")
    if PLANNED.search(actual.words) and target.words != actual.words:
        raise UnknownError("实际值写的是预计、计划，不是完成情况")
    for name, value in (("目标", target), ("实际", actual)):
        if value.problem:
            raise UnknownError(f"{name}值读不准：{value.problem}")
    kinds = (target.kind, actual.kind)
    if ValueKind.WORDS in kinds:
        return _compare_words(target, actual)
    if ValueKind.DATE in kinds:
        return _compare_dates(target, actual)
    if ValueKind.SEVERAL in kinds:
        return compare_several(target, actual, lower_is_better=lower_is_better)
    return compare_figures(target, actual, lower_is_better=lower_is_better)


def _has_ratio(value: Value) -> bool:
    """Whether a value is one plain number, whose ratio to itself is worth saying."""
    return value.kind is ValueKind.NUMBER and not value.approximate and value.numbers[0] > 0


def _compare_words(target: Value, actual: Value) -> Result:
    if target.kind is actual.kind:
        opposite = _OPPOSITE.fullmatch(actual.words)
        if (target.words, actual.words) in _YES_AND_NO or (
            opposite and opposite[1] == target.words
        ):
            return Result(Decimal(0), "与目标相反")
        raise UnknownError("都是定性描述而写法不同，无法比较")
    if target.kind is ValueKind.WORDS:
        raise UnknownError("目标是定性描述，无法与实际值比较")
    wanted = "日期" if target.kind is ValueKind.DATE else "数"
    raise UnknownError(f"实际是文字描述，没有写明{wanted}")


def _compare_dates(target: Value, actual: Value) -> Result:
    """A date without 前 is a deadline all the same; 12月前 leaves December open."""
    if target.kind is not actual.kind:
        raise UnknownError("一个是日期，一个不是")
    (earliest, latest), (first, last) = target.numbers, actual.numbers
    if (latest < YEARLESS) != (last < YEARLESS):
        raise UnknownError("只有一方写了年份")
    note = "（都没有写年份，按同一年读）" if last < YEARLESS else ""
    if last < earliest or (last <= latest and target.comparison is not Comparison.LESS):
        return Result(Decimal(1), f"在期限内{note}")
    if first > latest and actual.comparison is Comparison.NONE:
        return Result(Decimal(0), f"晚于期限{note}")
    raise UnknownError("日期不够具体，看不出是否在期限内")

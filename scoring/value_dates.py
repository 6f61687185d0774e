"""Dates as officials write them, as the days they may mean: ``2024年12月底前``, ``第三季度``."""

import re
from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal

from scoring.value_words import NEGATION, Comparison

YEARLESS = Decimal(10_000)
"""Days below this have no year."""

OTHER_FIGURES = "写了日期，又写了别的数字"

_LEAP_YEAR = 2000
_YEAR = r"(?:(?P<year>(?:19|20)[0-9]{2})年度?|(?P<this>当年|本年度?|今年))"
_MONTH = (
    r"(?P<month>1[0-2]|0?[1-9])月份?"
    r"(?:(?P<day>3[01]|[12][0-9]|0?[1-9])[日号]|(?P<part>上旬|中旬|下旬|初|中|底|末))?"
)
_PART_OF_YEAR = r"第?(?P<quarter>[一二三四1-4])季度(?P<quarter_end>底|末)?|(?P<half>[上下])半年"
_END_OF_YEAR = r"(?P<end>年?[底末]|内)"
_SHORT = (
    r"(?P<y>(?:19|20)[0-9]{2})(?P<sign>[-/.])(?P<m>1[0-2]|0?[1-9])(?P=sign)"
    r"(?P<d>3[01]|[12][0-9]|0?[1-9])(?![0-9])"
)
_BOUND = r"(?P<bound>(?:之|以)?前|(?:之|以)?内|止)?"
_DATE = re.compile(
    rf"(?<![0-9.一二两三四五六七八九十几多每])(?:{_SHORT}|{_YEAR}?(?:{_MONTH}|{_PART_OF_YEAR})"
    rf"|{_YEAR.replace('<', '<ending_')}{_END_OF_YEAR}|(?P<only_year>(?:19|20)[0-9]{{2}})年度?"
    rf"|(?P<year_end>年[底末内])){_BOUND}"
)
_AS_OF = re.compile(rf"^(?:截[至止]{_DATE.pattern}[底末]?,?|(?:19|20)[0-9]{{2}}年度?,?)(?=.*[0-9])")
_FROM_THEN_ON = re.compile(r"^(?:起|后|之后|以后|开始)|每|各年")
_SECOND_HALF = 7
_PARTS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 31)}


@dataclass(frozen=True, slots=True)
class Dated:
    """The first and the last day meant, as 20241231 (or 1231 without a year); the bound is
    AT_MOST for 底前, LESS where 12月前 leaves open whether December counts. `problem` in Chinese.
    """

    days: tuple[Decimal, ...]
    comparison: Comparison
    remark: str = ""
    problem: str = ""


def without_as_of(text: str) -> str:
    """A text with figures without the year or day of which they are: ``截至2024年12月30日，17415人``."""
    return _AS_OF.sub("", text)


def read_date(text: str) -> Dated | None:
    """The one date that a text holds; None where it holds none."""
    match = _DATE.search(text)
    if match is None:
        return None
    before, after = text[: match.start()], text[match.end() :]
    if re.search("[0-9]", before + after):
        return Dated((), Comparison.NONE, problem=OTHER_FIGURES)
    if NEGATION.search(before + after) or _FROM_THEN_ON.search(after) or "每" in before:
        return Dated((), Comparison.NONE, problem="除日期外还有不能忽略的文字")
    days = _days(match)
    if days is None:
        return Dated((), Comparison.NONE, problem="没有这个日期")
    bound = match["bound"] or ""
    comparison = Comparison.AT_MOST if bound else Comparison.NONE
    if bound.endswith("前") and not _says_its_end(match):
        comparison = Comparison.LESS
    return Dated(days, comparison, remark=before + after)


def _says_its_end(match: re.Match[str]) -> bool:
    """Whether it is clear up to which day 前 goes: 12月底前 and 12月31日前, but not 12月前."""
    said = match["day"] or match["d"] or match["quarter_end"] or match["end"] or match["year_end"]
    return bool(said) or match["part"] in ("底", "末")


def _days(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    written = match["year"] or match["y"] or match["ending_year"] or match["only_year"]
    year = int(written) if written else 0
    first, last = 101, 1231
    if month := int(match["month"] or match["m"] or 0):
        length = monthrange(year or _LEAP_YEAR, month)[1]
        day = int(match["day"] or match["d"] or 0)
        if day > length:
            return None
        begins, ends = (day, day) if day else _PARTS.get(match["part"] or "", (1, length))
        begins = length if match["part"] in ("底", "末") else begins
        first, last = month * 100 + begins, month * 100 + min(ends, length)
    elif quarter := match["quarter"]:
        month = 3 * ("一二三四".find(quarter) + 1 if quarter in "一二三四" else int(quarter))
        length = monthrange(year or _LEAP_YEAR, month)[1]
        first, last = (month - 2) * 100 + 1, month * 100 + length
    elif half := match["half"]:
        first, last = (101, 630) if half == "上" else (_SECOND_HALF * 100 + 1, 1231)
    elif (match["end"] or match["year_end"] or "内")[-1] != "内":
        first = last
    return Decimal(year * 10_000 + first), Decimal(year * 10_000 + last)

"""Reads one value of a performance indicator. The grammar is documented in docs/values.md."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from scoring import value_words as words
from scoring.value_dates import OTHER_FIGURES, Dated, read_date, without_as_of
from scoring.value_words import Comparison

PERCENT = "%"
MONEY = "元"

_LONGEST = 200
_NUMBER = re.compile(
    r"(?<![0-9,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
)
_RANGE = re.compile(r"(?:--?|~|至|到)(?=[0-9])")
_TORN = re.compile(r"[0-9](?:\s+[.,]?|[.,]\s+)\s*[0-9]")
_BRACKETS = re.compile(r"\((?!不含\))[^()]*\)")
_BOUND_IN_BRACKETS = re.compile(r"\(((?:及|或|含)?(?:以上|以下|以内|左右))\)")
_INCLUDED = re.compile(r"\(含(?:本数)?\)")
_AT_THE_ENDS = " ,;、。.!\"'“”‘’"
_AT_THE_START = _AT_THE_ENDS.replace(".", "")
"""A point before a number may be a lost zero's."""
_SEPARATED = re.compile(r"^[,;、。和及与]+")
_LABEL_TAIL = re.compile(r"[:,;、。]+$")
_ORDINAL = re.compile(r"(?:第|(?<!提)前|排名|名列|位列|[A-Za-z])$")
_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z,;:、。“”\"'《》①-⑳]*")
_ATTACHED = re.compile(r"[^,;。、!]+")
_CURRENCY = re.compile(r"¥|人民币")
_DIGIT = re.compile(r"[0-9]")
_STRICT: dict[str, str] = {
    Comparison.AT_LEAST: Comparison.MORE,
    Comparison.AT_MOST: Comparison.LESS,
}
_DOING = re.compile(r"^(?:参加|参与|受益|完成|达标|全部|均|已|都|得到|获|享受|接受|通过)")
_YEARS = range(1900, 2200)

_CHANGES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("增", r"(?:增长|增加|提高|提升|上升|增幅|涨)(?!到|至)"),
        ("减", r"(?:减少|下降|降低|压减|降幅|缩短)(?!到|至)"),
        ("节约", r"节约|节省"),
        ("超", r"超额|超出|超过"),
        ("提前", r"提前"),
        ("差", r"偏差|误差|差异"),
    )
)
_EACH = re.compile(
    r"每(?!年)(?:季度|学期|个?月|周|天|日|人|户|名|位|次|个|家|村|镇|所)?|[人户月日]均"
)
"""每年 is left out: what is evaluated is a year."""
_NEGATIVE_RATE = re.compile(r"[不未无非][\u4e00-\u9fff]{1,6}率$")


class ValueKind(StrEnum):
    NUMBER = "number"
    RANGE = "range"
    SEVERAL = "several"
    DATE = "date"
    ZERO = "zero"
    WORDS = "words"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Value:
    """What a value says.

    numbers: one; two of a RANGE; the first and the last day (20241231) of a DATE; those of all
    `parts` of SEVERAL. Money is in 元, shares in hundredths (85 of ``85%`` and of ``八成五``'s
    kind), 万 and 亿 counted in. unit: "" where none is written or parts differ. scale: what one
    was worth as written (10000 of 万元). basis: of what it is a change or an average (增, 每月),
    "" of a plain level. problem: why it cannot be read, in Chinese, "" where it can.
    """

    text: str
    kind: ValueKind
    comparison: Comparison = Comparison.NONE
    numbers: tuple[Decimal, ...] = ()
    unit: str = ""
    remark: str = ""
    problem: str = ""
    scale: Decimal = Decimal(1)
    approximate: bool = False
    basis: str = ""
    label: str = ""
    noun: str = ""
    words: str = ""
    parts: tuple["Value", ...] = ()


class _UnreadableError(Exception):
    """The figures in a text have no single reading; the message says why, in Chinese."""


@lru_cache(maxsize=4096)
def read_value(text: str) -> Value:
    """Reads a target or an actual value as it was written. Never raises and never guesses: what
    has no reading, or two, has a `problem`.
    """
    half_width = words.half_width(text)
    said, remark = _without_remarks(words.spelled_alike(half_width))
    value = Value(text=text, kind=ValueKind.WORDS, words=said, remark=remark)
    if len(half_width) > _LONGEST:
        return replace(value, problem="文字太长，请只写指标值")
    if _TORN.search(half_width):
        return replace(value, problem="数字之间有空格，看不出是一个数还是几个数")
    if reason := _says_nothing(said):
        return replace(value, kind=ValueKind.NOTHING, problem=reason)
    if words.is_zero(said):
        return replace(
            value, kind=ValueKind.ZERO, comparison=Comparison.EQUAL, numbers=(Decimal(0),)
        )
    figures = words.with_digits(said)
    dated = read_date(figures)
    if dated and dated.problem == OTHER_FIGURES:
        figures = without_as_of(figures)
        dated = read_date(figures)
    if dated:
        return _of_date(dated, value)
    if not _DIGIT.search(figures):
        return replace(value, words=words.plain_words(said))
    try:
        return _read_figures(figures, value)
    except _UnreadableError as error:
        return replace(value, problem=str(error))


def _of_date(dated: Dated, value: Value) -> Value:
    if dated.problem:
        return replace(value, problem=dated.problem)
    return replace(
        value,
        kind=ValueKind.DATE,
        comparison=dated.comparison,
        numbers=dated.days,
        unit="日期",
        remark=_joined(dated.remark, value.remark),
    )


def _without_remarks(text: str) -> tuple[str, str]:
    """What a text says without what stands in brackets, and that."""
    found: list[str] = []
    if "(" in text:
        text = _BOUND_IN_BRACKETS.sub(r"\1", _INCLUDED.sub("", text))
        found = [one[1:-1] for one in _BRACKETS.findall(text)]
        text = _BRACKETS.sub(";", text)
    return text.rstrip(_AT_THE_ENDS).lstrip(_AT_THE_START), "；".join(found)


def _says_nothing(said: str) -> str:
    """Why a text is no value at all; "" where it may be one."""
    if words.is_nothing(said):
        return "没有填写"
    bare = words.without_label(said)
    if bare == "控制数":
        return "“控制数”没有写明是多少"
    if words.is_heading(bare):
        return f"“{bare}”是指标的名称或类别，不是指标值"
    return ""


def _read_figures(text: str, value: Value) -> Value:
    parts: list[Value] = []
    at = 0
    while match := _NUMBER.search(text, at):
        part, at = _read_figure(text, at, match)
        parts.append(part)
    noun, tail = _tail(text[at:], parts[-1])
    remark = _joined(tail, value.remark)
    if len(parts) == 1:
        return replace(parts[0], text=value.text, words=value.words, remark=remark, noun=noun)
    parts = _with_shared_unit([*parts[:-1], replace(parts[-1], noun=noun)])
    units, comparisons = {p.unit for p in parts}, {p.comparison for p in parts}
    if Comparison.NONE in comparisons and comparisons & {Comparison.AT_MOST, Comparison.LESS}:
        raise _UnreadableError("几个数中只有一部分写了上限")
    return replace(
        value,
        kind=ValueKind.SEVERAL,
        comparison=comparisons.pop() if len(comparisons) == 1 else Comparison.NONE,
        numbers=tuple(number for part in parts for number in part.numbers),
        unit=units.pop() if len(units) == 1 else "",
        remark=remark,
        parts=tuple(parts),
    )


def _read_figure(text: str, at: int, match: re.Match[str]) -> tuple[Value, int]:
    """One number or range with its bounds and unit, and where it ends. `at` is where the one
    before it ended.
    """
    lead, bounds, sign = _before(text[at : match.start()])
    label = _label(lead, bounded=bool(bounds), after=text[at - 1 : at])
    numbers, unit, scale, after = _quantity(text, match, sign)
    bounds |= {bound for bound in words.BOUNDS_AFTER if after[bound]}
    if after["over"] or after["over_too"]:
        bounds.add(Comparison.MORE)
    if after["excluded"]:
        bounds = {_STRICT.get(bound, bound) for bound in bounds}
    comparison = words.one_comparison(bounds)
    if comparison is None:
        raise _UnreadableError("上限和下限写在了一起")
    if len(numbers) > 1:
        if comparison is not Comparison.NONE or numbers[0] > numbers[1]:
            raise _UnreadableError("看不出是怎样的一段数")
        comparison = Comparison.BETWEEN
    if not unit and _CURRENCY.search(text[at : match.start()]):
        unit = MONEY
    value = Value(
        text=text[at : after.end()].strip(_AT_THE_ENDS),
        kind=ValueKind.NUMBER if len(numbers) == 1 else ValueKind.RANGE,
        comparison=comparison,
        numbers=numbers,
        unit=unit,
        scale=scale,
        approximate=words.APPROXIMATELY in bounds,
        basis=_basis(label),
        label=label,
    )
    return value, after.end()


def _before(lead: str) -> tuple[str, set[str], str]:
    """What stands before a number: what it is called, its bounds, and its sign."""
    sign = ""
    if lead.endswith("-"):
        lead, sign = lead[:-1], "-"
    label, bounds = words.bounds_before(lead)
    if sign and label == lead and label.strip(_AT_THE_ENDS):
        raise _UnreadableError("看不出数字前面是负号还是连接号")
    return label, bounds, sign


def _quantity(
    text: str, match: re.Match[str], sign: str
) -> tuple[tuple[Decimal, ...], str, Decimal, re.Match[str]]:
    """A number or range in base units, its unit, what one was worth as written, and what follows."""
    after = words.after_number(text, match.end())
    written = [(sign + match[0], after["scale"], _unit_of(after))]
    if not after["bounds"] and (between := _RANGE.match(text, after.end())):
        second = _NUMBER.match(text, between.end())
        assert second is not None  # _RANGE looks ahead for a digit
        after = words.after_number(text, second.end())
        last = (second[0], after["scale"], _unit_of(after))
        if written[0][1:] == ("", ""):
            written[0] = (written[0][0], *last[1:])
        if written[0][2] not in ("", last[2]):
            raise _UnreadableError("看不出是怎样的一段数")
        written.append(last)
    unit = "/".join(words.CANONICAL.get(part, part) for part in written[-1][2].split("/"))
    in_percent = words.IN_PERCENT.get(unit, Decimal(1))
    worth = [in_percent * words.scale_of(scale) for _, scale, _ in written]
    plain = [Decimal(number.replace(",", "")) for number, _, _ in written]
    if unit == "年" and any(abs(number) in _YEARS for number in plain):
        raise _UnreadableError("写的是年份，不是数量")
    numbers = tuple(number * each for number, each in zip(plain, worth, strict=True))
    return numbers, PERCENT if unit in words.IN_PERCENT else unit, worth[-1], after


def _unit_of(after: re.Match[str]) -> str:
    return after["unit"] or after["compound"] or after["counted"] or after["other"] or ""


def _label(lead: str, *, bounded: bool, after: str) -> str:
    """What a number is called. `after` is the character before the lead, "" at the beginning.
    Raises where the lead may change what the number means.
    """
    if _ORDINAL.search(lead) or not _PLAIN.fullmatch(lead):
        raise _UnreadableError("看不出其中的数字是什么数")
    label = _LABEL_TAIL.sub("", _SEPARATED.sub("", lead))
    if after and not lead and not bounded:
        raise _UnreadableError("看不出是几个数")
    if after.isdigit() and (lead == "," or (lead.startswith("、") and label)):
        raise _UnreadableError("看不出是一个数、几个数还是编号")
    named = _NEGATIVE_RATE.sub("", label)
    if words.NEGATION.search(named) or words.BOUND_WORD.search(named):
        raise _UnreadableError("数字前面的文字会改变它的意思")
    return label


def _tail(tail: str, last: Value) -> tuple[str, str]:
    """What is counted, and what else is said behind the last number."""
    if words.BOUND_WORD.search(tail):
        raise _UnreadableError("数字后面的文字会改变它的意思")
    attached = _ATTACHED.match(tail)
    noun = attached[0] if attached else ""
    rest = tail[len(noun) :]
    if noun and not last.unit:
        raise _UnreadableError("看不出数字的单位")
    if rest and (rest[0] not in ",;。、!" or (rest[0] == "、" and not last.unit)):
        raise _UnreadableError("看不出其中的数字是什么数")
    if words.NEGATION.search(noun) or not _PLAIN.fullmatch(noun):
        raise _UnreadableError("数字后面的文字会改变它的意思")
    if last.unit in (PERCENT, MONEY) or _DOING.match(noun):
        return "", tail
    return noun, rest.strip(_AT_THE_ENDS)


def _basis(label: str) -> str:
    """Of what a number is a change, an average or the opposite; "" of a plain level."""
    if not label:
        return ""
    found = [name for name, pattern in _CHANGES if pattern.search(label)]
    return "".join(found + _EACH.findall(label) + _NEGATIVE_RATE.findall(label))


def _with_shared_unit(parts: list[Value]) -> list[Value]:
    """``400、480、420人次``: a unit behind the last alone is that of all."""
    *others, last = parts
    if not last.unit or any(part.unit or part.scale != 1 for part in others):
        return parts
    if last.scale != 1:
        raise _UnreadableError("看不出单位是不是几个数共有的")
    return [*(replace(part, unit=last.unit) for part in others), last]


def _joined(*remarks: str) -> str:
    return "；".join(r for r in remarks if r)


def quoted(value: Value, length: int = 30) -> str:
    """A value as it was written, on one line and without a full stop, as it stands in a sentence;
    cut where it is long; words in quotation marks."""
    line = " ".join(value.text.split()).rstrip("。；，;,")
    if not line:
        return "（空）"
    short = line if len(line) <= length else f"{line[:length]}…"
    return short if value.numbers and value.kind is not ValueKind.ZERO else f"“{short}”"

"""Compares figures that were read from a target and from what was achieved.

Higher is better: actual ÷ target, at most 1. Lower is better: target ÷ actual. A target of zero
leaves nothing in proportion. These are the rules in common use for 绩效自评.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.value_reading import PERCENT, Value, ValueKind
from scoring.value_words import NO_OR_NOTHING, Comparison

_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_ALMOST_ONE = _ONE.next_minus()
_OFF = Decimal("0.1")
"""How far an approximate number may be off, in parts of itself, before it decides anything."""
_MOSTLY = Decimal(50)
"""Beside a percentage from here on, a number up to 1 can only be a fraction."""
_RATE = re.compile(r"[\u4e00-\u9fff]率$|满意度$")
_NOT_SUMMED = frozenset({PERCENT, "百分点", "分", "倍"})
_SCALE_NAMES = {10: "十", 100: "百", 1_000: "千", 10_000: "万", 100_000_000: "亿"}
_MANY = 1_000
"""Ratios from here on are not told as a percentage."""


class UnknownError(Exception):
    """It cannot be told whether a target was met; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Result:
    """How far a target was met (0 to 1), how, in Chinese, and actual ÷ target where there is one."""

    share: Decimal
    said: str
    ratio: Decimal | None = None


def compare_figures(target: Value, actual: Value, *, lower_is_better: bool | None) -> Result:
    """Compares a number or range with another. Raises UnknownError."""
    target, actual, note = _in_one_unit(target, actual)
    rule = _rule(target, lower_is_better=lower_is_better)
    if _is_exact(actual):
        result = _compare_exact(rule, actual.numbers[0], lower_is_better=lower_is_better)
        if target.approximate and result.share < 1:
            raise UnknownError("目标是约数，看不出是否达到")
    else:
        result = _compare_bounded(rule, actual)
    return replace(result, said=f"{result.said}（{note}）") if note else result


def compare_several(target: Value, actual: Value, *, lower_is_better: bool | None) -> Result:
    """Compares values of which at least one is of several numbers. Raises UnknownError."""
    if target.kind is not ValueKind.SEVERAL:
        return _compare_with_each(target, actual, lower_is_better=lower_is_better)
    if len(target.parts) != len(actual.parts):
        counts = (str(len(value.parts) or 1) for value in (target, actual))
        raise UnknownError("目标有{}个数，实际有{}个数，不能逐项比较".format(*counts))
    pairs = list(zip(target.parts, _in_order_of(target, actual), strict=True))
    results = []
    for aimed, done in pairs:
        try:
            results.append(compare_figures(aimed, done, lower_is_better=lower_is_better))
        except UnknownError as error:
            raise UnknownError(f"“{aimed.text}”与“{done.text}”：{error}") from None
    are_limits = _is_limit(target, lower_is_better=lower_is_better)
    return _together([aimed.text for aimed, _ in pairs], results, are_limits=are_limits)


def percent(part: Decimal) -> str:
    """0.1143 as ``11.43%``; what falls short of 100% is never shown as 100%."""
    if part >= _MANY:
        return f"{_MANY}倍以上"
    shown = f"{part * 100:.2f}".rstrip("0").rstrip(".")
    return "99.99%" if part < 1 and shown == "100" else f"{shown}%"


# One unit


def _in_one_unit(target: Value, actual: Value) -> tuple[Value, Value, str]:
    """Both in one unit, and how a number without a unit was read. Raises where they differ."""
    _check_same_measure(target, actual)
    if ValueKind.ZERO in (target.kind, actual.kind):
        return target, actual, ""
    if target.unit and actual.unit:
        if target.unit != actual.unit:
            raise UnknownError(f"单位不同（{target.unit}、{actual.unit}），不能比较")
        return target, actual, ""
    if target.unit:
        actual, note = _with_unit_of(target, actual, "实际")
    elif actual.unit:
        target, note = _with_unit_of(actual, target, "目标")
    elif target.scale == actual.scale or not any(actual.numbers):
        note = ""
    else:
        actual, note = _with_unit_of(target, actual, "实际")
    return target, actual, note


def _check_same_measure(target: Value, actual: Value) -> None:
    """Raises where two numbers are of different things, or may be."""
    if target.basis != actual.basis:
        raise UnknownError(
            f"口径不同（{target.basis or '总量'}、{actual.basis or '总量'}），不能比较"
        )
    for aimed, done in (
        (target.noun, actual.noun),
        (_rate(target), _rate(actual)),
    ):
        if aimed and done and aimed not in done and done not in aimed:
            raise UnknownError(f"看不出“{aimed}”与“{done}”是不是一回事")
    for zero, other in ((target, actual), (actual, target)):
        if zero.kind is ValueKind.ZERO and any(other.numbers):
            if other.unit == PERCENT:
                raise UnknownError(f"“{zero.words}”与百分比不能比较")
            if zero is actual and zero.words in NO_OR_NOTHING:
                raise UnknownError(f"“{zero.words}”可能是零，也可能是没有此项")


def _rate(value: Value) -> str:
    return value.label if _RATE.search(value.label) else ""


def _with_unit_of(other: Value, bare: Value, name: str) -> tuple[Value, str]:
    """A value without a unit in that of the other, and how it was read."""
    if not any(bare.numbers):
        return replace(bare, unit=other.unit), ""
    if other.unit == PERCENT:
        return _in_percent(other, bare, name)
    if other.scale == 1 or bare.scale != 1:
        return replace(bare, unit=other.unit), f"{name}值没有写单位，按“{other.unit}”读"
    counted = _SCALE_NAMES.get(int(other.scale), "") + other.unit
    for scale, unit in ((_ONE, other.unit or "个"), (other.scale, counted)):
        scaled = tuple(number * scale for number in bare.numbers)
        if all(_comes_near(number, other, other.scale) for number in scaled):
            read = replace(bare, numbers=scaled, unit=other.unit)
            return read, f"{name}值没有写单位，按“{unit}”读"
    raise UnknownError(f"{name}值没有写单位，看不出是不是以“{counted}”计")


def _comes_near(number: Decimal, other: Value, scale: Decimal) -> bool:
    """Whether a reading is plausible, and that of `scale` times as much or as little is not."""
    low, high = (abs(other.numbers[at]) for at in (0, -1))
    return number**2 * 10 <= scale * high**2 and low**2 * 10 <= scale * number**2


def _in_percent(other: Value, bare: Value, name: str) -> tuple[Value, str]:
    if other.scale != 1:
        raise UnknownError(f"{name}值没有写单位，看不出是百分比、千分比还是成数")
    hundredths = tuple(number * 100 for number in bare.numbers)
    comes_near = all(_comes_near(number, other, _HUNDRED) for number in hundredths)
    if min(bare.numbers) > 0 and max(bare.numbers) <= 1:
        if comes_near or min(other.numbers) >= _MOSTLY:
            shown = "至".join(percent(number) for number in bare.numbers)
            return replace(bare, numbers=hundredths, unit=PERCENT), f"{name}值是小数，按{shown}读"
        comes_near = True
    if comes_near:
        raise UnknownError(f"{name}值没有写%，看不出是小数还是百分比")
    return replace(bare, unit=PERCENT), f"{name}值没有写单位，按“%”读"


# One number


@dataclass(frozen=True, slots=True)
class _Rule:
    """What meets a target: from `low` to `high`, None without bound; `strict` without them."""

    low: Decimal | None
    high: Decimal | None
    strict: bool = False


def _rule(target: Value, *, lower_is_better: bool | None) -> _Rule:
    first, last = target.numbers[0], target.numbers[-1]
    comparison = target.comparison
    if comparison is Comparison.NONE and first:
        comparison = Comparison.AT_MOST if lower_is_better else Comparison.AT_LEAST
        if first < 0 and lower_is_better is None:
            raise UnknownError("目标是负数，看不出是越高越好还是越低越好")
    if comparison in (Comparison.AT_LEAST, Comparison.MORE):
        return _Rule(first, None, strict=comparison is Comparison.MORE)
    if comparison in (Comparison.AT_MOST, Comparison.LESS):
        return _Rule(None, first, strict=comparison is Comparison.LESS)
    return _Rule(first, last)


def _is_exact(value: Value) -> bool:
    return not value.approximate and value.comparison in (Comparison.NONE, Comparison.EQUAL)


def _compare_exact(rule: _Rule, done: Decimal, *, lower_is_better: bool | None) -> Result:
    low, high = rule.low, rule.high
    aimed = low if high is None or low == high else high if low is None else None
    ratio = done / aimed if aimed and aimed > 0 else None
    if low == high == 0:
        if done < 0:
            raise UnknownError("目标为零，实际是负数")
        return Result(_ZERO, "目标为零，实际不为零") if done else Result(_ONE, "符合为零的目标")
    if rule.strict and done == aimed and aimed:
        raise UnknownError("正好是目标所写的数，而“超过”“小于”不含本数")
    within = (low is None or done >= low) and (high is None or done <= high)
    if within and not (rule.strict and done == aimed):
        return Result(_ONE, _said_of_met(rule, ratio), ratio)
    if low is not None and high is not None and _beyond(rule, done, lower_is_better):
        return Result(_ONE, "比目标更好", ratio)
    if low is not None and done < low:
        share = _share(done, low)
        return Result(share, f"完成{percent(share)}", ratio)
    if high is None:  # more than zero was wanted, and it is zero
        return Result(_ZERO, "完成0%", ratio)
    share = _share(high, done)
    more = f"，是目标的{percent(ratio)}" if ratio else ""
    return Result(share, f"超过目标{more}，按目标除以实际计{percent(share)}", ratio)


def _beyond(rule: _Rule, done: Decimal, lower_is_better: bool | None) -> bool:  # noqa: FBT001
    """Whether a number outside what was set exactly is on the better side of it."""
    assert rule.low is not None  # both ends are set
    above = done > rule.low
    if above and lower_is_better is None:
        raise UnknownError("实际高于目标所写的数，看不出超过是否算达到")
    return above is not bool(lower_is_better)


def _said_of_met(rule: _Rule, ratio: Decimal | None) -> str:
    if rule.low is None:
        return "没有超过目标"
    if rule.high is None and ratio is not None:
        return f"完成{percent(ratio)}"
    return "达到目标"


def _share(smaller: Decimal, larger: Decimal) -> Decimal:
    """The smaller ÷ the larger; 0 where a proportion makes no sense."""
    return min(smaller / larger, _ALMOST_ONE) if smaller > 0 and larger > 0 else _ZERO


def _compare_bounded(rule: _Rule, actual: Value) -> Result:
    """Of a number that is only bounded or approximate, it can at most be told that it is met."""
    least, most = _ends(actual)
    open_ended = actual.comparison in (Comparison.MORE, Comparison.LESS)
    strict = rule.strict and not open_ended
    reached = rule.low is None or (
        least is not None and (least > rule.low or (least == rule.low and not strict))
    )
    kept = rule.high is None or (
        most is not None and (most < rule.high or (most == rule.high and not strict))
    )
    if reached and kept:
        return Result(_ONE, "达到目标")
    about = "约数" if actual.approximate else "范围"
    raise UnknownError(f"实际只写了{about}，看不出是否达到")


def _ends(value: Value) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that a value may be, None without bound."""
    least, most = value.numbers[0], value.numbers[-1]
    if value.approximate:
        least, most = least - abs(least) * _OFF, most + abs(most) * _OFF
    return (
        None if value.comparison in (Comparison.AT_MOST, Comparison.LESS) else least,
        None if value.comparison in (Comparison.AT_LEAST, Comparison.MORE) else most,
    )


# Several numbers


def _in_order_of(target: Value, actual: Value) -> tuple[Value, ...]:
    """The actual numbers in the order of the target's: by their names where both have some."""
    names = [part.label for part in target.parts]
    found = {part.label: part for part in actual.parts}
    if not all(names) or not all(found):
        return actual.parts
    if set(names) != set(found) or len(found) != len(names):
        raise UnknownError("目标和实际各项的名称不同，不能逐项比较")
    return tuple(found[name] for name in names)


def _compare_with_each(target: Value, actual: Value, *, lower_is_better: bool | None) -> Result:
    """Several numbers against one target: ``中期88.27分 末期90.10分`` against ``80分以上``. Counts may
    also be meant to be added up, so it is told only where both readings agree.
    """
    results = [
        compare_figures(target, part, lower_is_better=lower_is_better) for part in actual.parts
    ]
    if (target.unit or actual.unit) not in _NOT_SUMMED:
        readings = {result.share == 1 for result in results}
        total = _sum(actual)
        if total is not None:
            summed = compare_figures(target, total, lower_is_better=lower_is_better)
            readings.add(summed.share == 1)
        if total is None or readings != {True}:
            raise UnknownError("看不出几个数应当分别比较还是合计比较")
    are_limits = _is_limit(target, lower_is_better=lower_is_better)
    return _together([part.text for part in actual.parts], results, are_limits=are_limits)


def _is_limit(target: Value, *, lower_is_better: bool | None) -> bool:
    if target.comparison is Comparison.NONE:
        return bool(lower_is_better)
    return target.comparison in (Comparison.AT_MOST, Comparison.LESS)


def _sum(value: Value) -> Value | None:
    if not value.unit or not all(_is_exact(part) for part in value.parts):
        return None
    return replace(value.parts[0], numbers=(sum(value.numbers, _ZERO),), label="", noun="")


def _together(names: list[str], results: list[Result], *, are_limits: bool) -> Result:
    """What several comparisons come to; each counts the same."""
    ratios = [result.ratio for result in results if result.ratio is not None]
    worst = max if are_limits else min
    ratio = worst(ratios) if len(ratios) == len(results) else None
    missed = [
        f"“{name}”{result.said}"
        for name, result in zip(names, results, strict=True)
        if result.share < 1
    ]
    if not missed:
        least = f"，最低的{percent(ratio)}" if ratio is not None and not are_limits else ""
        return Result(_ONE, f"逐项比较都达到{least}", ratio)
    share = sum((result.share for result in results), _ZERO) / len(results)
    said = f"{len(results)}项中有{len(missed)}项未达到：{'；'.join(missed)}"
    return Result(min(share, _ALMOST_ONE), said, ratio)

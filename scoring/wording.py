"""How rules say figures, and the two ways in which every rule ends: with a score, or within a range."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from scoring.numbers import MONEY_UNITS
from scoring.rubric import Case, Input, InputKind, NotComputableError, RuleResult, rounded

_LARGEST = Decimal(10) ** 6
"""Of rates: what is larger is no figure that somebody reads."""
_MOST_DECIMALS = 18
_USUAL_DECIMALS = 2


def plain(number: Decimal) -> str:
    """Without zeros at the end: ``15``, ``7.5``."""
    return f"{number.normalize():f}" if number else "0"


def points(score: Decimal) -> str:
    """``1.5分``."""
    return f"{plain(score)}分"


def bound(rate: Decimal) -> str:
    """A rate as the rule states it: ``90%``, ``12.5%``."""
    return f"{plain(rate * 100)}%"


def percent(rate: Decimal, marks: Iterable[Decimal] = ()) -> str:
    """``89.61%``, with as many decimals as it takes to stand on its side of each of the marks."""
    if abs(rate) >= _LARGEST:
        return f"超过{plain(_LARGEST * 100)}%"
    shown = rate * 100
    for decimals in range(_USUAL_DECIMALS, _MOST_DECIMALS, 2):
        shown = (rate * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if all((shown / 100).compare(m) == rate.compare(m) for m in marks):
            break
    return f"{plain(shown)}%" if shown == shown.to_integral() else f"{shown:f}%"


def figure(number: Decimal, of: Input | None) -> str:
    """A value with its unit: ``1,234.50元``, ``3项``."""
    unit = of.unit if of else ""
    if of and of.kind is InputKind.MONEY:
        number /= MONEY_UNITS[unit]
    if of and of.kind is InputKind.PERCENT:
        return percent(number)
    try:
        shown = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        return f"{number:.2E}{unit}"
    is_whole = shown == shown.to_integral() and not (of and of.kind is InputKind.MONEY)
    return f"{shown.to_integral():,f}{unit}" if is_whole else f"{shown:,f}{unit}"


def numbered(numbers: Iterable[int]) -> str:
    """``第1、3项``."""
    return f"第{'、'.join(map(str, numbers))}项"


def certain(score: Decimal, explanation: str) -> RuleResult:
    """One score, and no other."""
    score = rounded(score)
    return RuleResult(score, score, score, explanation)


def within(case: Case, low: Decimal, high: Decimal, because: str) -> RuleResult:
    """The claimed score, held within what the rule allows. because: why, as a sentence begins.

    Raises NotComputableError where there is a choice and nothing is claimed.
    """
    low, high = rounded(low), rounded(high)
    if low == high:
        return certain(low, f"{because}，得{points(low)}")
    allowed = f"{because}，可酌情得{plain(low)}～{points(high)}"
    if case.claimed is None:
        raise NotComputableError(f"{allowed}，请填写自评得分", low, high)
    score = rounded(min(max(case.claimed, low), high))
    if low <= case.claimed <= high:
        return RuleResult(score, low, high, f"{allowed}，按自评计{points(score)}")
    said = f"自评{points(case.claimed)}不在此范围内，按{points(score)}计"
    return RuleResult(score, low, high, f"{allowed}，{said}")

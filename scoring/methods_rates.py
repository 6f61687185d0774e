"""Rules about a rate, or about a count: in proportion, within a band, by steps, by tiers.

Formulas: Huadu's 部门整体支出绩效自评表 of 2021, whose items each of them is tested against.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scoring.rubric import Case, NotComputableError, RuleResult, rounded
from scoring.wording import bound, certain, figure, percent, points

NUMERATOR, DENOMINATOR, RATE, COUNT = "numerator", "denominator", "rate", "value"
"""The inputs: a rate is a numerator and a denominator, or where only it is known, itself."""

_ONE = Decimal(1)
_COARSEST = -2
"""A rate that was typed is to the whole per cent at least, be it ``90%``."""


class Above(StrEnum):
    """What a rate above the full one gives."""

    FULL = "按满分"
    NOTHING = "不得分"
    ERROR = "不应超过"


class How(StrEnum):
    """What rate a numerator and a denominator make; only a change may be below zero."""

    RATIO = "比率"
    DIFFERENCE = "差异率"
    CHANGE = "变动率"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rule looks at. is_count: a plain number, else a rate. how: which rate, the share of
    the denominator that the numerator is, that it differs by, or that it is above."""

    is_count: bool = False
    how: How = How.RATIO

    def names(self) -> tuple[tuple[str, ...], ...]:
        """The sets of inputs, any of which is enough."""
        return ((COUNT,),) if self.is_count else ((NUMERATOR, DENOMINATOR), (RATE,))

    def mark(self, value: Decimal, case: Case) -> str:
        """A bound of the rule in words."""
        return figure(value, case.input(COUNT)) if self.is_count else bound(value)

    def read(self, case: Case, *marks: Decimal) -> tuple[Decimal, str]:
        """The value and how it is said, with enough decimals to tell it from the marks.

        Raises NotComputableError for what is missing, negative, divided by zero, or at odds.
        """
        if self.is_count:
            return self._count(case)
        typed = case.number(RATE)
        parts = [case.number(n) for n in (NUMERATOR, DENOMINATOR)]
        if parts[0] is None or parts[1] is None:
            if typed is None:
                raise NotComputableError(_missing(case))
            rate = self._plain(typed)
            if rate < 0 and self.how is not How.CHANGE:
                raise NotComputableError(f"{case.label(RATE)}为负数（{percent(rate)}）")
            return rate, f"{case.label(RATE)}{percent(rate, marks)}"
        rate = self._rate(case, parts[0], parts[1])
        formula = self._formula(_said(case, NUMERATOR), _said(case, DENOMINATOR))
        if typed is not None and _disagree(self._plain(typed), rate):
            message = f"填写的{case.label(RATE)}{percent(typed)}与{formula}={percent(rate)}不一致"
            raise NotComputableError(message)
        return rate, f"{case.label(RATE)}{percent(rate, marks)}（{formula}）"

    def _rate(self, case: Case, part: Decimal, whole: Decimal) -> Decimal:
        if whole == 0:
            raise NotComputableError(f"{case.label(DENOMINATOR)}为0")
        if whole < 0:
            message = f"{case.label(DENOMINATOR)}为负数（{_said(case, DENOMINATOR)}）"
            raise NotComputableError(message)
        if self.how is How.DIFFERENCE:
            return abs(part - whole) / whole
        if part < 0:
            raise NotComputableError(f"{case.label(NUMERATOR)}为负数（{_said(case, NUMERATOR)}）")
        return (part - whole) / whole if self.how is How.CHANGE else part / whole

    def _plain(self, typed: Decimal) -> Decimal:
        """A rate as it was typed; a difference has no direction."""
        return abs(typed) if self.how is How.DIFFERENCE else typed

    def _formula(self, part: str, whole: str) -> str:
        """How the rate comes about, in words."""
        match self.how:
            case How.RATIO:
                return f"{part}÷{whole}"
            case How.DIFFERENCE:
                return f"|{part}－{whole}|÷{whole}"
            case How.CHANGE:
                return f"({part}－{whole})÷{whole}"

    def _count(self, case: Case) -> tuple[Decimal, str]:
        value, label = case.number(COUNT), case.label(COUNT)
        if value is None:
            raise NotComputableError(f"未填写{label}")
        if value < 0:
            raise NotComputableError(f"{label}为负数（{figure(value, case.input(COUNT))}）")
        return value, f"{label}{figure(value, case.input(COUNT))}"


A_RATE = Measure()


@dataclass(frozen=True, slots=True)
class Ratio:
    """The rate times the points."""

    above: Above = Above.FULL
    measure: Measure = A_RATE

    def score(self, case: Case) -> RuleResult:
        """Points × rate; a rate above 100% gives what `above` says."""
        rate, said = self.measure.read(case, _ONE)
        if rate > _ONE:
            return _above(self.above, case, said, _ONE)
        gives = rate * case.points
        counted = f"{percent(rate, (_ONE,))}×{points(case.points)}"
        return certain(gives, f"{said}，得分{counted}={points(rounded(gives))}")


@dataclass(frozen=True, slots=True)
class Band:
    """Linear between two rates: nothing at the lower, full points at the upper."""

    lower: Decimal
    upper: Decimal
    above: Above = Above.FULL
    measure: Measure = A_RATE

    def score(self, case: Case) -> RuleResult:
        """(rate − lower) ÷ (upper − lower) × points; below the lower nothing."""
        rate, said = self.measure.read(case, self.lower, self.upper)
        if rate < self.lower:
            return certain(Decimal(0), f"{said}，低于{bound(self.lower)}，按规则得0分")
        if rate > self.upper:
            return _above(self.above, case, said, self.upper)
        gives = (rate - self.lower) / (self.upper - self.lower) * case.points
        band = f"{bound(self.lower)}～{bound(self.upper)}"
        return certain(gives, f"{said}，在{band}之间，按区间比例得{points(rounded(gives))}")


@dataclass(frozen=True, slots=True)
class Deduction:
    """Each full step takes some points, until nothing is left."""

    step: Decimal
    takes: Decimal
    measure: Measure = A_RATE

    def score(self, case: Case) -> RuleResult:
        """Points − full steps × takes, not below nothing."""
        value, said = self.measure.read(case, self.step)
        step = self.measure.mark(self.step, case)
        each = f"每满{step}扣{points(self.takes)}"
        steps = max(value, Decimal(0)) / self.step
        if steps >= case.points / self.takes + 1:
            return certain(Decimal(0), f"{said}，{each}，已扣完，得0分")
        taken = min(int(steps) * self.takes, case.points)
        left = case.points - taken
        if not taken:
            return certain(left, f"{said}，不满{step}，得满分{points(left)}")
        return certain(left, f"{said}，{each}，共扣{points(taken)}，得{points(left)}")


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound and on which side of it to be. sign: one of ≤ < ≥ >."""

    sign: str
    bound: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether the value is on the right side."""
        if self.sign in "≤<":
            return value < self.bound or (self.sign == "≤" and value == self.bound)
        return value > self.bound or (self.sign == "≥" and value == self.bound)

    def said(self, measure: Measure, case: Case) -> str:
        """``≥75%``, ``≤3起``."""
        return self.sign + measure.mark(self.bound, case)


_OPPOSITE = {"≤": ">", "<": "≥", "≥": "<", ">": "≤"}


@dataclass(frozen=True, slots=True)
class Tier:
    """What a value gives that meets its condition, and none of an earlier tier."""

    condition: Condition
    gives: Decimal


@dataclass(frozen=True, slots=True)
class Tiers:
    """The first tier counts whose condition holds. otherwise: what none of them gives."""

    tiers: tuple[Tier, ...]
    otherwise: Decimal = Decimal(0)
    measure: Measure = A_RATE

    def score(self, case: Case) -> RuleResult:
        """The points of the tier."""
        value, said = self.measure.read(case, *(t.condition.bound for t in self.tiers))
        beyond = ""
        for tier in self.tiers:
            here = tier.condition.said(self.measure, case)
            if tier.condition.holds(value):
                within = f"{here}且{beyond}" if beyond else here
                return certain(tier.gives, f"{said}，属于{within}一档，得{points(tier.gives)}")
            opposite = _OPPOSITE[tier.condition.sign]
            beyond = opposite + self.measure.mark(tier.condition.bound, case)
        return certain(self.otherwise, f"{said}，属于{beyond}一档，得{points(self.otherwise)}")


@dataclass(frozen=True, slots=True)
class Threshold:
    """All points or none: ≤100% and such."""

    condition: Condition
    measure: Measure = A_RATE

    def score(self, case: Case) -> RuleResult:
        """Full points where the condition holds."""
        value, said = self.measure.read(case, self.condition.bound)
        wanted = self.condition.said(self.measure, case)
        if self.condition.holds(value):
            return certain(case.points, f"{said}，符合{wanted}的要求，得满分{points(case.points)}")
        return certain(Decimal(0), f"{said}，不符合{wanted}的要求，按规则得0分")


def _above(above: Above, case: Case, said: str, full: Decimal) -> RuleResult:
    """What a rate above the full one gives."""
    if above is Above.ERROR:
        raise NotComputableError(f"{said}，不应超过{bound(full)}，请核对")
    if above is Above.NOTHING:
        return certain(Decimal(0), f"{said}，超过{bound(full)}，按规则得0分")
    return certain(case.points, f"{said}，超过{bound(full)}，按满分计{points(case.points)}")


def _disagree(typed: Decimal, rate: Decimal) -> bool:
    """Whether they differ by more than the rounding of the one that was typed."""
    exponent = typed.normalize().as_tuple().exponent
    last = min(exponent, _COARSEST) if isinstance(exponent, int) else _COARSEST
    return abs(typed - rate) > Decimal(5).scaleb(last - 1)


def _missing(case: Case) -> str:
    """The inputs that are blank; a rate that could be given instead comes last."""
    parts = [n for n in (NUMERATOR, DENOMINATOR) if case.number(n) is None]
    there = [n for n in parts if case.input(n)]
    names = "、".join(case.label(n) for n in there)
    if case.input(RATE) and names:
        return f"未填写{names}，也未填写{case.label(RATE)}"
    return f"未填写{names or case.label(RATE)}"


def _said(case: Case, name: str) -> str:
    """A number of the case as it is quoted."""
    return figure(case.number(name) or Decimal(0), case.input(name))

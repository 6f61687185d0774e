"""Points added and taken by how often something happened: commended, found wanting."""

from dataclasses import dataclass
from decimal import Decimal

from scoring.rubric import Case, NotComputableError, RuleResult
from scoring.wording import certain, figure, points

ADDED, TAKEN = "added", "taken"
"""The inputs: how many there are of what adds points, and of what takes some."""


@dataclass(frozen=True, slots=True)
class Each:
    """Points for each, at most so many of them."""

    each: Decimal
    most: Decimal

    def gives(self, count: Decimal) -> Decimal:
        """The points for so many."""
        return self.most if count >= self.most / self.each else count * self.each


@dataclass(frozen=True, slots=True)
class Bonus:
    """Adds to the other items and takes from them, each up to a limit; None for what it does not."""

    adds: Each | None = None
    takes: Each | None = None

    @property
    def low(self) -> Decimal:
        """The least that it can give."""
        return -self.takes.most if self.takes else Decimal(0)

    def score(self, case: Case) -> RuleResult:
        """What is added less what is taken."""
        counts = {
            name: self._count(case, name)
            for name, each in ((ADDED, self.adds), (TAKEN, self.takes))
            if each
        }
        said: list[str] = []
        total = Decimal(0)
        for name, each, verb, sign in ((ADDED, self.adds, "加", 1), (TAKEN, self.takes, "扣", -1)):
            if each:
                gives = each.gives(counts[name])
                total += sign * gives
                amount = figure(counts[name], case.input(name))
                capped = f"（最多{points(each.most)}）" if counts[name] * each.each > gives else ""
                said.append(f"{case.label(name)}{amount}，{verb}{points(gives)}{capped}")
        return certain(total, f"{'；'.join(said)}；得{points(total)}")

    def _count(self, case: Case, name: str) -> Decimal:
        count, label = case.number(name), case.label(name)
        if count is None:
            raise NotComputableError(f"未填写{label}，没有的填0", self.low)
        if count < 0 or count != count.to_integral_value():
            shown = figure(count, case.input(name))
            raise NotComputableError(f"{label}应为不小于0的整数，现为{shown}", self.low)
        return count

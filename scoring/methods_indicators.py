"""The rule for indicators: full points where the target is met, else in proportion.

Higher is better: points × actual ÷ target. Lower is better, one of two in use: points × target ÷
actual, or linear down to nothing at twice the target. Equal to zero: anything above gives nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scoring.methods_choices import Level, Levels
from scoring.rubric import Case, NotComputableError, RuleResult, rounded
from scoring.values import Comparison, Met, Outcome, ValueKind
from scoring.wording import certain, percent, points

_TWICE = Decimal(2)


class Lower(StrEnum):
    """How a target is scored that one should stay below."""

    INVERSE = "目标÷实际"
    LINEAR = "两倍为零"


class Unmet(StrEnum):
    """What a target gives that was met in part."""

    IN_PROPORTION = "按比例"
    NOTHING = "不得分"


@dataclass(frozen=True, slots=True)
class Proportion:
    """levels: for what is qualitative, the best first; None where equal words are simply met."""

    lower: Lower = Lower.INVERSE
    unmet: Unmet = Unmet.IN_PROPORTION
    levels: Levels | None = None

    def score(self, case: Case) -> RuleResult:
        """Nothing without a target and an actual value to compare: see `judge`."""
        raise NotComputableError(f"{case.name}没有可以比较的指标值")

    def judge(self, outcome: Outcome, case: Case) -> RuleResult:
        """What an indicator gives, by how its two values compare. Raises NotComputableError."""
        if self.levels and (level := self._level(self.levels, outcome)):
            return self.levels.at(level, case)
        if outcome.met is Met.UNKNOWN or outcome.share is None:
            raise NotComputableError(outcome.explanation)
        if outcome.met is Met.MET:
            return certain(case.points, f"{outcome.explanation}，得满分{points(case.points)}")
        share, said = outcome.share, outcome.explanation
        if self.lower is Lower.LINEAR and self.is_lower(outcome) and outcome.ratio is not None:
            share = min(max(_TWICE - outcome.ratio, Decimal(0)), Decimal(1))
            both = f"目标{outcome.target.text}，实际{outcome.actual.text}"
            said = f"{both}，是目标的{percent(outcome.ratio)}，超过目标，到目标的两倍得分减为0"
        if share == 0 or self.unmet is Unmet.NOTHING:
            return certain(Decimal(0), f"{said}，按规则得0分")
        gives = share * case.points
        counted = f"{percent(share)}×{points(case.points)}={points(rounded(gives))}"
        return certain(gives, f"{said}，得分{counted}")

    @staticmethod
    def is_lower(outcome: Outcome) -> bool:
        """Whether the target is one to stay below."""
        return outcome.target.comparison in (Comparison.AT_MOST, Comparison.LESS)

    @staticmethod
    def _level(levels: Levels, outcome: Outcome) -> Level | None:
        """The level of what is qualitative: the one it is called by, the best where words agree."""
        if named := levels.named("".join(outcome.actual.text.split())):
            return named
        in_words = outcome.target.kind is ValueKind.WORDS
        return levels.levels[0] if in_words and outcome.met is Met.MET else None

"""The grade of a self-evaluation: 优, 良, 中 or 差, by the bureau's thresholds."""

from dataclasses import dataclass
from decimal import Decimal

from scoring.review_sheet import Grade

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least points of 100 for 优, 良 and 中; below is 差. Places differ: 90/80/60, 80/70/60."""

    excellent: Decimal = Decimal(90)
    good: Decimal = Decimal(80)
    fair: Decimal = Decimal(60)

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The best first."""
        return (
            Grade("优", self.excellent),
            Grade("良", self.good),
            Grade("中", self.fair),
            Grade("差", Decimal(0)),
        )

    def grade_of(self, total: Decimal, points: Decimal = _HUNDRED) -> str:
        """The grade of a total out of so many points; "" where there are none to be had.

        A total below nothing is 差 as well.
        """
        if points <= 0:
            return ""
        share = total * _HUNDRED
        reached = (g.name for g in self.grades if share >= g.at_least * points)
        return next(reached, self.grades[-1].name)

"""审核评分表: what a review looks at, with points, and the grade that their total gives.

Aspects and grades are those of 财预〔2015〕88号; each round has its own copy, and may change it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from scoring.numbers import NotANumberError, read_number

STEP = Decimal("0.5")
"""Points are given in halves."""


class PointsError(ValueError):
    """Points that cannot be given; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is judged. aspect: 完整性, 相关性 … points: the most that can be given."""

    key: str
    aspect: str
    name: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade, and the total from which on it is given."""

    name: str
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """The criteria in order; the grades, the best first."""

    criteria: tuple[Criterion, ...]
    grades: tuple[Grade, ...]

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Sheet":
        """The sheet as a round keeps it: ``{"criteria": [{"key", "aspect", "name", "points"}],
        "grades": [{"name", "from"}]}``; {} gives one without criteria."""
        grades = [Grade(g["name"], Decimal(str(g["from"]))) for g in kept.get("grades", ())]
        return cls(
            tuple(
                Criterion(c["key"], c["aspect"], c["name"], Decimal(str(c["points"])))
                for c in kept.get("criteria", ())
            ),
            tuple(sorted(grades, key=lambda grade: -grade.at_least)),
        )

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "criteria": [
                {"key": c.key, "aspect": c.aspect, "name": c.name, "points": str(c.points)}
                for c in self.criteria
            ],
            "grades": [{"name": g.name, "from": str(g.at_least)} for g in self.grades],
        }

    @property
    def most(self) -> Decimal:
        """The most points there are."""
        return sum((c.points for c in self.criteria), Decimal(0))

    def aspects(self) -> Iterator[tuple[str, list[Criterion]]]:
        """The criteria by aspect, in order."""
        for aspect, criteria in groupby(self.criteria, key=lambda c: c.aspect):
            yield aspect, list(criteria)

    def missing(self, given: Iterable[str]) -> list[Criterion]:
        """The criteria without points, by the keys of those that have some."""
        known = set(given)
        return [c for c in self.criteria if c.key not in known]

    def grade_of(self, total: Decimal) -> str:
        """The grade of a total; the last where it is below all."""
        for grade in self.grades:
            if total >= grade.at_least:
                return grade.name
        return self.grades[-1].name if self.grades else ""


def read_points(text: str, criterion: Criterion) -> Decimal | None:
    """The points that somebody typed for a criterion, None where nothing was.

    Raises PointsError for what is no number, no multiple of STEP, or not within the points.
    """
    if not text.strip():
        return None
    try:
        number = read_number(text)
    except NotANumberError as error:
        raise PointsError(f"{criterion.name}：{error}") from error
    value = number.value
    if number.unit not in ("", "分") or value % STEP or not 0 <= value <= criterion.points:
        raise PointsError(f"{criterion.name}：请填 0 至 {shown(criterion.points)} 分，可以有半分")
    return value


def total_of(points: Iterable[Decimal]) -> Decimal:
    """The sum of the points given."""
    return sum(points, Decimal(0))


def shown(points: Decimal) -> str:
    """Without zeros at the end: ``15``, ``7.5``."""
    return f"{points.normalize():f}"


STANDARD = Sheet(
    (
        Criterion("complete", "完整性", "规范完整", Decimal(10)),
        Criterion("clear", "完整性", "明确清晰", Decimal(10)),
        Criterion("relevant", "相关性", "目标相关", Decimal(15)),
        Criterion("scientific", "相关性", "指标科学", Decimal(15)),
        Criterion("reasonable", "适当性", "绩效合理", Decimal(15)),
        Criterion("funded", "适当性", "资金匹配", Decimal(15)),
        Criterion("achievable", "可行性", "实现可能", Decimal(10)),
        Criterion("prepared", "可行性", "条件充分", Decimal(10)),
    ),
    (
        Grade("优", Decimal(90)),
        Grade("良", Decimal(80)),
        Grade("中", Decimal(60)),
        Grade("差", Decimal(0)),
    ),
)
"""The review sheet of 财预〔2015〕88号, with 优 from 90, 良 from 80 and 中 from 60."""

MEANINGS = {
    "优": "可以进入下一步程序",
    "良": "可与部门协商，直接完善后进入下一步程序",
    "中": "由部门修改完善，重新报送审核",
    "差": "不得进入下一步程序",
}
"""What a grade stands for, by the same document; for who decides to read, nothing enforces it."""

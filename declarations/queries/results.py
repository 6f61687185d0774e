"""A round's results across its departments: ranking, distribution, by item and by indicator.

What counts of a declaration is the result of the revision in force; before there is one, of
what was handed in, which is not decided yet. Scores are in points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, median
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, StdDev, Window
from django.db.models.functions import Coalesce, Rank

from declarations.models import Bureau, Declaration, Met, Result, ResultLine, Round
from declarations.queries.lists import named

STEP = 5
"""Points of one column of the histogram, out of 100."""
_HUNDRED = 100
_FROM = 60
_HEIGHT = 40
"""Of the histogram, in the units of its drawing."""
_FINAL = Coalesce("review_score", "self_score")
_PATH = "revision__declaration__"

SORTS: Mapping[str, tuple[Any, ...]] = {
    "rank": (F("total").desc(nulls_last=True), F("self_score").desc(nulls_last=True)),
    "department": (F(f"{_PATH}department__code").asc(),),
    "self": (F("self_score").desc(nulls_last=True),),
    "rule": (F("rule_score").desc(nulls_last=True),),
    "cut": (F("cut").desc(nulls_last=True),),
}
"""What the ranking can be sorted by."""

MISSED = Q(met__in=[Met.PARTLY, Met.NOT_MET])


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the histogram: from so many points to so many, of 100. x, y, height: drawn."""

    label: str
    count: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class GradeCount:
    """A grade with how many departments have it, and its part of a bar, in per cent."""

    name: str
    at_least: Decimal
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Summary:
    """handed_in: how many results there are. decided: of how many the grade is fixed.

    mean, median: of the decided totals, of 100 points; None where nothing is decided.
    """

    departments: int
    handed_in: int
    decided: int
    mean: float | None
    median: float | None
    grades: list[GradeCount]
    columns: list[Column]

    @property
    def words(self) -> str:
        """The bar of grades in a sentence."""
        said = "，".join(f"{g.name} {g.count} 个" for g in self.grades)
        return f"已确定 {self.decided} 个部门：{said}"

    @property
    def spread(self) -> str:
        """The histogram in a sentence."""
        said = "，".join(f"{c.label}分 {c.count} 个" for c in self.columns if c.count)
        return f"得分分布：{said}"


def of_round(round_: Round) -> QuerySet[Result]:
    """One result of each declaration that has any that counts."""
    counting = Declaration.objects.filter(round=round_).values(
        counts=Coalesce("approved_id", "handed_in_id")
    )
    return Result.objects.filter(revision__in=counting)


def summary(round_: Round) -> Summary:
    """How many are decided and how they did; two queries."""
    departments = Declaration.objects.filter(round=round_).count()
    found = list(of_round(round_).values_list("points", "total", "grade"))
    shares = [total * _HUNDRED / points for points, total, _ in found if total is not None]
    decided = len(shares)
    graded = [grade for _, total, grade in found if total is not None]
    return Summary(
        departments,
        len(found),
        decided,
        fmean(shares) if shares else None,
        float(median(shares)) if shares else None,
        _grades(round_.bureau, graded),
        _columns(shares),
    )


def _grades(bureau: Bureau, graded: Sequence[str]) -> list[GradeCount]:
    counts, before = [], 0
    for grade in bureau.thresholds.grades:
        count = graded.count(grade.name)
        x, width = (round(100 * n / (len(graded) or 1), 3) for n in (before, count))
        counts.append(GradeCount(grade.name, grade.at_least, count, x, width))
        before += count
    return counts


def _columns(shares: Sequence[Decimal]) -> list[Column]:
    """Fives of points, from 60 on or from the lowest; full points belong to the last column, less
    than nothing to the first."""
    last = _HUNDRED // STEP - 1
    places = [min(max(int(share // STEP), 0), last) for share in shares]
    counts = [places.count(n) for n in range(last + 1)]
    first = min(next((n for n, count in enumerate(counts) if count), last), _FROM // STEP)
    most = max(counts) or 1
    return [
        Column(
            f"{n * STEP}至{(n + 1) * STEP}",
            counts[n],
            n - first,
            round(_HEIGHT - _HEIGHT * counts[n] / most, 2),
            round(_HEIGHT * counts[n] / most, 2),
        )
        for n in range(first, last + 1)
    ]


def ranks(round_: Round) -> dict[int, int]:
    """The place of each decided result among all of the round, by its id; equal totals share one."""
    decided = of_round(round_).filter(total__isnull=False)
    placed = decided.annotate(rank=Window(Rank(), order_by=F("total").desc()))
    return dict(placed.values_list("pk", "rank"))


def ranking(round_: Round, wanted: Mapping[str, Any]) -> QuerySet[Result]:
    """The results with their departments, best first unless sorted otherwise.

    wanted: filters (``department`` words, ``group``, ``grade``) and ``sort``, one of SORTS.
    """
    results = of_round(round_).filter(*_conditions(wanted))
    results = results.annotate(cut=F("self_score") - F("total"))
    order = SORTS[wanted.get("sort") or "rank"]
    return (
        results.select_related(f"{_PATH}department__group")
        .defer("revision__content", "revision__findings")
        .order_by(*order, f"{_PATH}department__code")
    )


def _conditions(wanted: Mapping[str, Any]) -> list[Q]:
    conditions = []
    if words := (wanted.get("department") or "").split():
        conditions.append(Q(**{f"{_PATH}department__in": named(words)}))
    if group := wanted.get("group"):
        conditions.append(Q(**{f"{_PATH}department__group": group}))
    if grade := wanted.get("grade"):
        conditions.append(Q(grade=grade))
    return conditions


@dataclass(frozen=True, slots=True)
class ItemResult:
    """A scored item across departments; means in points. share: of the points, in per cent, that
    is reached on the average. claimed: how many departments claim more than the rule gives."""

    anchor: str
    level1: str
    level2: str
    name: str
    points: Decimal
    count: int
    self_score: Decimal | None
    rule_score: Decimal | None
    total: Decimal | None
    spread: float | None
    claimed: int

    @property
    def key(self) -> str:
        return self.anchor.partition("/")[2]

    @property
    def share(self) -> float | None:
        if self.total is None or not self.points:
            return None
        return max(0.0, min(100.0, float(self.total / self.points * 100)))


def items(round_: Round) -> list[ItemResult]:
    """Each item of the rubric, in its order; one query."""
    lines = ResultLine.objects.filter(result__in=of_round(round_), met="")
    found = (
        lines.values("anchor", "level1", "level2", "name", "points")
        .annotate(
            place=Min("position"),
            count=Count("pk"),
            own=Avg("self_score"),
            rule=Avg("rule_score"),
            total=Avg(_FINAL),
            spread=StdDev(_FINAL),
            claimed=Count("pk", filter=Q(self_score__gt=F("rule_score"))),
        )
        .order_by("place")
    )
    return [
        ItemResult(
            row["anchor"],
            row["level1"],
            row["level2"],
            row["name"],
            row["points"] or Decimal(0),
            row["count"],
            row["own"],
            row["rule"],
            row["total"],
            row["spread"],
            row["claimed"],
        )
        for row in found
    ]


def lines_of_item(round_: Round, key: str) -> QuerySet[ResultLine]:
    """What each department has for one item, the most points missing first."""
    lines = ResultLine.objects.filter(result__in=of_round(round_), anchor=f"score/{key}")
    lost = F("points") - _FINAL
    return _with_departments(lines.annotate(total=_FINAL, lost=lost)).order_by(
        F("lost").desc(nulls_last=True), f"result__{_PATH}department__code"
    )


MISSED_KIND, LOW_KIND, UNKNOWN_KIND = "missed", "low", "unknown"
INDICATOR_KINDS = {
    MISSED_KIND: "没有完成的",
    LOW_KIND: "目标值偏低的",
    UNKNOWN_KIND: "无法判断的",
}
"""What the list of indicators shows."""


@dataclass(frozen=True, slots=True)
class Shared:
    """How the indicators of one kind of rubric group, or task, did in all departments."""

    name: str
    count: int
    met: int
    missed: int
    low: int
    unknown: int


def indicators(round_: Round, kind: str, far_above: Decimal) -> QuerySet[ResultLine]:
    """The indicators of one of INDICATOR_KINDS; the worst first.

    far_above: from so many times its target on (1.3: 130%) a target was set too low.
    """
    lines = ResultLine.objects.filter(_of_kind(kind, far_above), result__in=of_round(round_))
    lines = lines.annotate(total=_FINAL, lost=F("points") - Coalesce("rule_score", "self_score"))
    orders = {
        MISSED_KIND: (F("lost").desc(nulls_last=True), F("ratio").asc(nulls_first=True)),
        LOW_KIND: (F("ratio").desc(nulls_last=True),),
        UNKNOWN_KIND: (F("points").desc(nulls_last=True),),
    }
    return _with_departments(lines).order_by(*orders[kind], "pk")


def all_indicators(round_: Round) -> QuerySet[ResultLine]:
    """Every indicator of every department."""
    lines = ResultLine.objects.filter(result__in=of_round(round_)).exclude(met="")
    code = f"result__{_PATH}department__code"
    return _with_departments(lines).order_by(code, "position")


def _of_kind(kind: str, far_above: Decimal) -> Q:
    return {
        MISSED_KIND: MISSED,
        LOW_KIND: Q(met=Met.MET, ratio__gte=far_above),
        UNKNOWN_KIND: Q(met=Met.UNKNOWN),
    }[kind]


def shared(round_: Round, far_above: Decimal) -> list[Shared]:
    """Indicators of the same name in several departments, those most often missed first."""
    lines = ResultLine.objects.filter(result__in=of_round(round_)).exclude(met="")
    found = (
        lines.values("name")
        .annotate(
            count=Count("pk"),
            done=Count("pk", filter=Q(met=Met.MET)),
            missed=Count("pk", filter=MISSED),
            low=Count("pk", filter=_of_kind(LOW_KIND, far_above)),
            unknown=Count("pk", filter=_of_kind(UNKNOWN_KIND, far_above)),
            one=Min("result"),
            other=Max("result"),  # unlike counting the distinct ones, this sorts no lines
        )
        .filter(other__gt=F("one"))
        .order_by("-missed", "-low", "name")[:MOST_SHARED]
    )
    return [
        Shared(r["name"], r["count"], r["done"], r["missed"], r["low"], r["unknown"]) for r in found
    ]


MOST_SHARED = 20
"""Names listed of indicators that several departments have."""


def counts(round_: Round, far_above: Decimal) -> dict[str, int]:
    """How many indicators there are, and of each of INDICATOR_KINDS; one query."""
    lines = ResultLine.objects.filter(result__in=of_round(round_)).exclude(met="")
    kinds = {kind: Count("pk", filter=_of_kind(kind, far_above)) for kind in INDICATOR_KINDS}
    return lines.aggregate(all=Count("pk"), **kinds)


def _with_departments(lines: QuerySet[ResultLine]) -> QuerySet[ResultLine]:
    path = f"result__{_PATH}"
    return lines.select_related(f"{path}department").defer(
        "result__revision__content", "result__revision__findings"
    )

"""A department over the years, of what it published: targets beside results, money, scores.

All figures come from the masked content of current publications, and of scores only what the
published form prints.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from declarations.models import CatalogueEntry, DeclarationKind, Department
from declarations.queries.published import form_of_publication, records_of
from declarations.sheets.charts import Chart, Line, Part, beside, stacked
from declarations.sheets.evaluation import Evaluation, Judged, evaluate
from declarations.sheets.form import Form
from declarations.sheets.records import Records
from scoring.rubric import Facts
from scoring.values import Met

WAN = Decimal(10_000)
"""元 of a 万元."""

_ORDER = (Met.MET, Met.PARTLY, Met.NOT_MET, Met.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Compared:
    """An indicator. task: the name of the task it belongs to, "" where it belongs to none."""

    task: str
    indicator: Judged

    @property
    def met(self) -> Met:
        return self.indicator.outcome.met


@dataclass(frozen=True, slots=True)
class Scores:
    """What the published form prints of them, in points; None or "" of what it does not.

    total: after the bureau's review. points: the most there is.
    """

    own: Decimal | None = None
    total: Decimal | None = None
    points: Decimal | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A target or a self-evaluation that can be read. Amounts in 元, None where it has none.

    budget: with the adjustment, where there is one.
    """

    entry: CatalogueEntry
    budget: Decimal | None
    executed: Decimal | None
    rate: Decimal | None
    indicators: tuple[Compared, ...]
    scores: Scores

    @property
    def is_result(self) -> bool:
        """Whether it says what came of the targets."""
        return self.entry.kind == DeclarationKind.SELF_EVALUATION

    @property
    def names_tasks(self) -> bool:
        """Whether its indicators belong to several tasks."""
        return len({compared.task for compared in self.indicators}) > 1

    @property
    def counts(self) -> list[tuple[Met, int]]:
        """How many indicators turned out how."""
        counted = Counter(compared.met for compared in self.indicators)
        return [(met, counted[met]) for met in _ORDER if counted[met]]

    @property
    def reached(self) -> int:
        return sum(compared.met is Met.MET for compared in self.indicators)


@dataclass(frozen=True, slots=True)
class Year:
    """What there is of a year. shown: its self-evaluations; without any, its targets."""

    year: int
    entries: tuple[CatalogueEntry, ...]
    shown: tuple[Published, ...]


def years_of(department: Department) -> list[Year]:
    """The years of which something can be read, the latest first; one query."""
    years: dict[int, list[CatalogueEntry]] = {}
    for entry in _entries(department):
        years.setdefault(entry.year, []).append(entry)
    return [
        Year(year, tuple(entries), tuple(map(_published, _telling(entries))))
        for year, entries in years.items()
    ]


def money_chart(years: Sequence[Year]) -> Chart | None:
    """Budgets and what was spent, in 万元; None where neither is published."""
    lines = [
        Line(f"{year.year}年", parts)
        for year, published in _by_year(years)
        if (parts := tuple(_amounts(published)))
    ]
    return beside("各年预算与执行（万元）", ("预算", "执行"), lines) if lines else None


def results_chart(years: Sequence[Year]) -> Chart | None:
    """How many indicators were reached; None where no self-evaluation is published."""
    lines = [
        Line(
            f"{year.year}年",
            tuple(
                Part(_ORDER.index(met), Decimal(count), f"{count} 项")
                for met, count in published.counts
            ),
        )
        for year, published in _by_year(years)
        if published.is_result and published.indicators
    ]
    names = [met.label for met in _ORDER]
    return stacked("各年指标完成情况", names, lines) if lines else None


def _by_year(years: Sequence[Year]) -> Iterator[tuple[Year, Published]]:
    return ((year, published) for year in years for published in year.shown)


def _amounts(published: Published) -> Iterator[Part]:
    for series, amount in enumerate((published.budget, published.executed)):
        if amount is not None:
            yield Part(series, amount, f"{amount / WAN:,.2f}")


def _entries(department: Department) -> Iterable[CatalogueEntry]:
    found = CatalogueEntry.objects.filter(department=department, withdrawn=False)
    return (
        found.select_related("bureau", "department", "publication__declaration__round__template")
        .defer("words", "publication__declaration__round__template__workbook")
        .order_by("-year", "kind", "-published_at", "-pk")
    )


def _telling(entries: Iterable[CatalogueEntry]) -> list[CatalogueEntry]:
    """Those that say most of the year: results with their targets, else the targets alone."""
    for kind in (DeclarationKind.SELF_EVALUATION, DeclarationKind.TARGET):
        if found := [entry for entry in entries if entry.kind == kind]:
            return found
    return []


def _published(entry: CatalogueEntry) -> Published:
    publication = entry.publication
    form, records = form_of_publication(publication), records_of(publication)
    facts = Facts(now=publication.published_at)
    found = evaluate(form, records, facts, entry.bureau.thresholds)
    return Published(
        entry,
        found.whole_budget,
        found.executed,
        found.execution_rate,
        tuple(_compared(found)),
        _scores(form, records, found),
    )


def _compared(found: Evaluation) -> Iterator[Compared]:
    for work in found.works:
        for indicator in work.indicators:
            yield Compared(work.name, indicator)
    for indicator in found.indicators[sum(len(work.indicators) for work in found.works) :]:
        yield Compared("", indicator)


def _scores(form: Form, records: Records, found: Evaluation) -> Scores:
    """A total is printed by its tag; a self score also where those of all items are."""
    printed = {tag.shown for tag, _ in form.tags}
    own = any(tag.endswith(".self_score") for tag in form.fields) or "total.self" in printed
    total = records.shown.get("total/review") if "total.review" in printed else None
    grade = records.shown.get("total/grade") if "total.grade" in printed else None
    return Scores(
        found.self_score if own else None,
        total if isinstance(total, Decimal) else None,
        found.scoring.points or None,
        str(grade or ""),
    )

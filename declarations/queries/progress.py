"""How far rounds are: counts by phase, of a round and of each group in it, and their bars."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, QuerySet
from django.db.models.expressions import Combinable

from declarations.models import Bureau, Declaration, Notice, NoticeKind, Round
from declarations.queries.phases import LATE, LATE_LABEL, PHASE, Phase, is_late

NO_GROUP = "未分组"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar. name: a phase, or "late". x, width: in per cent of the bar."""

    name: str
    label: str
    count: int
    x: float
    width: float


@dataclass(slots=True)
class Progress:
    """Declarations counted. phases, late_phases: by phase, the late ones among them.
    stages: what is under review, by the name of its stage, in their order."""

    phases: Counter[Phase] = field(default_factory=Counter)
    late_phases: Counter[Phase] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.phases.total()

    @property
    def late(self) -> int:
        return self.late_phases.total()

    @property
    def approved(self) -> int:
        return self.phases[Phase.APPROVED]

    @property
    def lines(self) -> list["Line"]:
        """For a table: what is late, then every phase, what is under review by stage."""
        return [Line(LATE, LATE_LABEL, self.late, self.late), *self._lines()]

    def _lines(self) -> Iterator["Line"]:
        for phase in Phase:
            stages = list(self.stages.items()) if phase is Phase.SUBMITTED else []
            late = self.late_phases[phase]
            yield Line(phase.value, phase.label, self.phases[phase], late, stages)

    @property
    def parts(self) -> list[Part]:
        """The bar: what is late first, then the others by phase; nothing that is empty."""
        counts = [(LATE, LATE_LABEL, self.late)]
        counts += [(p.value, p.label, self.phases[p] - self.late_phases[p]) for p in Phase]
        parts, before = [], 0
        for name, label, count in counts:
            if count:
                x, width = (round(100 * n / self.total, 3) for n in (before, count))
                parts.append(Part(name, label, count, x, width))
            before += count
        return parts

    @property
    def words(self) -> str:
        """The bar in a sentence."""
        said = "，".join(f"{part.label} {part.count:,}" for part in self.parts)
        return f"共 {self.total:,} 个部门" + (f"：{said}" if said else "")

    def add(self, phase: Phase, stage: str | None, count: int, *, late: bool) -> None:
        self.phases[phase] += count
        if late:
            self.late_phases[phase] += count
        if stage is not None:
            self.stages[stage] += count


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. state: to filter a list by. stages: names and counts."""

    state: str
    label: str
    count: int
    late: int
    stages: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """group: its key, None for departments without one."""

    group: int | None
    name: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """A round with its own progress."""

    round: Round
    progress: Progress


def progress_of(round_: Round, now: datetime) -> tuple[Progress, list[GroupProgress]]:
    """A round's progress, and that of each of its groups, where there are several; one query."""
    counted = (
        Declaration.objects.filter(round=round_)
        .values_list(
            "department__group",
            "department__group__name",
            PHASE,
            "stage__position",
            "stage__name",
            _late(now),
        )
        .annotate(count=Count("pk"))
        .order_by("stage__position")
    )
    whole = Progress()
    groups: dict[int | None, GroupProgress] = {}
    for group, name, phase, _, stage, late, count in counted:
        of_group = groups.setdefault(group, GroupProgress(group, name or NO_GROUP, Progress()))
        for progress in (whole, of_group.progress):
            progress.add(Phase(phase), stage, count, late=late)
    if len(groups) == 1:
        return whole, []
    return whole, sorted(groups.values(), key=lambda g: (g.group is None, g.name))


def running(bureau: Bureau, now: datetime, most: int) -> list[RoundProgress]:
    """The rounds that have opened last, at most so many, with their progress; two queries."""
    return with_progress(latest_first(bureau).filter(opens_at__lte=now)[:most], now)


def latest_first(bureau: Bureau) -> QuerySet[Round]:
    """A bureau's rounds with their forms, the latest first."""
    rounds = Round.objects.filter(bureau=bureau).select_related("template")
    return rounds.defer("template__workbook").order_by("-year", "-opens_at", "pk")


def with_progress(rounds: Iterable[Round], now: datetime) -> list[RoundProgress]:
    """These rounds with their progress; one query."""
    rounds = list(rounds)
    found = {round_.pk: RoundProgress(round_, Progress()) for round_ in rounds}
    for round_id, phase, late, count in _counted(rounds, now):
        found[round_id].progress.add(Phase(phase), None, count, late=late)
    return list(found.values())


def _counted(
    rounds: Iterable[Round], now: datetime
) -> QuerySet[Declaration, tuple[int, str, bool, int]]:
    declarations = Declaration.objects.filter(round__in=rounds)
    by = declarations.values_list("round", PHASE, _late(now))
    return by.annotate(count=Count("pk")).order_by()


def _late(now: datetime) -> Combinable:
    return ExpressionWrapper(is_late(now), output_field=BooleanField())


def reminded_at(declarations: Iterable[Declaration]) -> dict[int, datetime]:
    """When each of these was last reminded, by whom- or whatever; one query."""
    notices = Notice.objects.filter(kind=NoticeKind.REMINDER, declaration__in=declarations)
    return dict(notices.values_list("declaration").annotate(last=Max("created_at")).order_by())

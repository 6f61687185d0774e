"""The pages of a round's results with 1,000 departments, each with 60 lines, against 100.

They compare all departments' lines, so that they take longer the more there are; but ten times
the lines should not take more than half of that. Two copies of the database, measured in turns.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse
from django.utils import timezone

from benchmarks.content import Scene, client_of
from benchmarks.database import copy_of_database, using
from benchmarks.harness import Aim, Benchmark
from benchmarks.many import LAST_YEAR, bring_about, departments_in, round_of
from declarations.models import (
    Declaration,
    FormTemplate,
    Met,
    Result,
    ResultLine,
    Revision,
    Role,
    Round,
    User,
)
from declarations.queries.forms import form_of
from scoring.grades import Thresholds
from scoring.rubric import RubricItem

FEW, MANY = 100, 1_000
LINES = 60
FORM = {"code": "huadu-self-evaluation", "bureau__departments__code": "huadu-dpf"}
_ONE, _FULL = Decimal(1), Decimal(100)
AIM = Aim.within(5)

PAGES = (
    ("round-results", ""),
    ("round-results", "?sort=cut&page=2"),
    ("round-results", "?department=街道 办事"),
    ("round-results-items", ""),
    ("round-results-item", ""),
    ("round-results-indicators", ""),
    ("round-results-indicators", "?kind=low"),
)
"""Name of the address, and what is asked for."""


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """One for each page; both databases are there until the last one was measured."""
    sizes = (FEW, MANY)
    with ExitStack() as stack:
        copies = [stack.enter_context(copy_of_database(f"results_{size}")) for size in sizes]
        planted = []
        for copy, size in zip(copies, sizes, strict=True):
            with using(copy):
                planted.append(_plant(size))
        for name, asked in PAGES:
            baseline, ours = (
                _opening(copy, round_, name, asked)
                for copy, round_ in zip(copies, planted, strict=True)
            )
            yield Benchmark(
                f"{name}{asked}, {MANY:,} departments",
                ours,
                f"{FEW} departments",
                baseline,
                AIM,
                20,
            )


def _plant(departments: int) -> Round:
    """A round of Huadu's, whose departments are approved with their results; and the year
    before, in which they were, too."""
    template = FormTemplate.objects.select_related("bureau").get(**FORM)
    called_on = departments_in(template.bureau, departments)
    members = template.bureau.users.all()
    people = {role: list(members.filter(role=role)) for role in (Role.FILER, Role.REVIEWER)}
    for round_ in (round_of(template, LAST_YEAR - 1), round_of(template, LAST_YEAR)):
        Declaration.objects.bulk_create(
            Declaration(round=round_, department=department) for department in called_on
        )
        bring_about(round_, {}, people, done=True)
        _give_results(round_, form_of(template).rubric.items)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have by the time of such numbers
    return round_


def _give_results(round_: Round, rubric: tuple[RubricItem, ...]) -> None:
    """Each department's lines, then its total and grade; no two departments have all the same."""
    revisions = Revision.objects.filter(declaration__round=round_).order_by("pk")
    results = Result.objects.bulk_create(
        Result(revision=revision, points=_FULL, self_score=_FULL, rule_score=90 * _ONE)
        for revision in revisions
    )
    items = [item for item in rubric if not item.is_list]
    ResultLine.objects.bulk_create(
        (
            line
            for number, result in enumerate(results)
            for line in islice(_lines(result, items, number), LINES)
        ),
        batch_size=5_000,
    )
    thresholds = Thresholds()
    for number, result in enumerate(results):
        result.total = Decimal(9_900 - number * 7 % 4_500) / 100
        result.grade = thresholds.grade_of(result.total)
        result.decided_at = timezone.now() - timedelta(days=1)
    Result.objects.bulk_update(results, ["total", "grade", "decided_at"], batch_size=500)


def _lines(result: Result, items: list[RubricItem], number: int) -> Iterator[ResultLine]:
    """The items, then indicators without end, of which half have the same names everywhere."""
    for position, item in enumerate(items):
        given = item.points * ((number + position) % 11) / 10
        yield ResultLine(
            result=result,
            position=position,
            anchor=f"score/{item.key}",
            level1=item.level1,
            level2=item.level2,
            name=item.name,
            points=item.points,
            self_score=item.points,
            rule_score=min(given, item.points),
            review_score=given if number % 3 == 0 else None,
            review_reason="依据佐证材料核减。" if number % 3 == 0 else "",
            explanation=f"预算完成率{89 + number % 11}.61%，按规则得{given}分。",
        )
    for position in range(len(items), 10 * LINES):
        reached = 40 + (number * 13 + position * 7) % 130
        yield ResultLine(
            result=result,
            position=position,
            anchor=f"indicator/{position}",
            level1="产出",
            level2="数量指标",
            name=f"服务人次{position}" if position % 2 else f"第{number}街道第{position}项服务人次",
            points=_ONE,
            self_score=_ONE,
            rule_score=Decimal(min(reached, 100)) / 100,
            explanation=f"实际完成{reached}人次，目标值100人次，完成{reached}%，按比例得分。",
            met=_met(reached, position),
            ratio=Decimal(reached) / 100,
            target="≥100人次",
            actual=f"{reached}人次",
        )


def _met(reached: int, position: int) -> Met:
    if position % 20 == 0:
        return Met.UNKNOWN
    if reached >= 100:
        return Met.MET
    return Met.PARTLY if reached >= 60 else Met.NOT_MET


def _opening(
    copy: BaseDatabaseWrapper, round_: Round, name: str, asked: str
) -> Callable[[], object]:
    with using(copy):
        client = client_of(User.objects.filter(bureau=round_.bureau_id, role=Role.REVIEWER)[0])
    key = ["budget_execution"] if name == "round-results-item" else []
    url = reverse(name, args=[round_.pk, *key]) + asked

    def open_page() -> None:
        with using(copy):
            answer = client.get(url)
            assert answer.status_code == 200
            assert "<tbody" in answer.text

    return open_page

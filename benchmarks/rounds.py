"""Opening a round for 1,000 departments, against the bare insertion of the same rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from declarations.domain.rounds import open_round
from declarations.models import (
    Bureau,
    Declaration,
    Department,
    FormTemplate,
    FundingLine,
    Indicator,
    Notice,
    Passage,
    Role,
    Round,
    Task,
    User,
)

DEPARTMENTS = 1_000
AIM = Aim.within(2)
CONTENT: tuple[Any, ...] = (FundingLine, Passage, Task, Indicator, Notice)
"""What comes with a declaration."""


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Ours reads the form, looks for last year's amounts, tells every filer, all in batches of
    a hundred; both sides write the same rows, with the same triggers, and are rolled back."""
    template = scene.draft.round.template
    departments = _departments(scene.draft.round.bureau)
    with transaction.atomic():
        rows = _rows(_open(template, departments))
        transaction.set_rollback(True)
    assert len(rows[Notice]) == DEPARTMENTS

    def ours() -> None:
        with transaction.atomic():
            assert _open(template, departments).declarations.count() == DEPARTMENTS
            transaction.set_rollback(True)

    def bare() -> None:
        with transaction.atomic():
            _insert(scene.draft.round, departments, rows)
            transaction.set_rollback(True)

    yield Benchmark(
        f"open a round for {DEPARTMENTS:,} departments",
        ours,
        "inserting its rows",
        bare,
        AIM,
        rounds=5,
    )


def _departments(bureau: Bureau) -> list[Department]:
    """Each with somebody who is told."""
    departments = Department.objects.bulk_create(
        Department(bureau=bureau, code=f"opened-{n}", name=f"第{n}部门") for n in range(DEPARTMENTS)
    )
    User.objects.bulk_create(
        User(username=d.code, name=d.name, bureau=bureau, department=d, role=Role.FILER)
        for d in departments
    )
    return departments


def _open(template: FormTemplate, departments: list[Department]) -> Round:
    now = timezone.now()
    return open_round(
        None,
        template=template,
        year=2090,
        opens_at=now,
        deadline=now + timedelta(days=30),
        correction_deadline=now + timedelta(days=40),
        departments=departments,
    )


def _rows(opened: Round) -> dict[type[models.Model], list[tuple[int, dict[str, Any]]]]:
    """What came with the declarations: the department and the columns of each row."""
    return {
        model: [
            (row.declaration.department_id, _columns(row))
            for row in model.objects.filter(declaration__round=opened).select_related("declaration")
        ]
        for model in CONTENT
    }


def _columns(row: models.Model) -> dict[str, Any]:
    """Without what ties it to its declaration, and a key that is there once."""
    fields = (f for f in row._meta.concrete_fields if f.name not in ("id", "declaration", "round"))
    named = {field.attname: getattr(row, field.attname) for field in fields}
    return named | ({"key": None} if isinstance(row, Notice) else {})


def _insert(
    like: Round,
    departments: Sequence[Department],
    rows: Mapping[type[models.Model], Sequence[tuple[int, dict[str, Any]]]],
) -> None:
    columns = {f.name: getattr(like, f.name) for f in Round._meta.fields if f.name != "id"}
    opened = Round.objects.create(**columns | {"year": 2091})
    created = Declaration.objects.bulk_create(
        Declaration(round=opened, department=department) for department in departments
    )
    declarations = {d.department_id: d for d in created}
    for model, found in rows.items():
        model._default_manager.bulk_create(
            model(declaration=declarations[department], **named) for department, named in found
        )

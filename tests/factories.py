"""Test data: factories for what stands alone, functions for what the domain builds."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import factory
from django.utils import timezone

from declarations.checks import Level
from declarations.domain.cells import Change, Saved, Status, save_cells
from declarations.domain.explaining import explain
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.rounds import open_round
from declarations.domain.submission import submit
from declarations.models import (
    Bureau,
    Declaration,
    DeclarationKind,
    Department,
    FormTemplate,
    Role,
    Round,
    User,
)
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_for
from declarations.queries.pages import editor_table
from declarations.sheets.kinds import Kind
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Value
from declarations.sheets.table import Access, Entry, version_of

PANYU_FORM = Path(__file__).parent.parent / "declarations" / "forms" / "panyu-target.xlsx"
PASSWORD = "one good test password"


class BureauFactory(factory.django.DjangoModelFactory[Bureau]):
    class Meta:
        model = Bureau

    code = factory.Sequence(lambda n: f"bureau-{n}")
    name = factory.Sequence(lambda n: f"第{n}财政局")


class DepartmentFactory(factory.django.DjangoModelFactory[Department]):
    class Meta:
        model = Department

    bureau = factory.SubFactory(BureauFactory)
    code = factory.Sequence(lambda n: f"department-{n}")
    name = factory.Sequence(lambda n: f"第{n}部门")


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    name = factory.Sequence(lambda n: f"人员{n}")
    bureau = factory.SubFactory(BureauFactory)
    role = Role.REVIEWER
    password = factory.django.Password(PASSWORD)
    password_changed_at = factory.LazyFunction(timezone.now)


def filer_of(department: Department, **fields: Any) -> User:
    return UserFactory.create(
        bureau=department.bureau, department=department, role=Role.FILER, **fields
    )


def template_for(
    bureau: Bureau,
    workbook: bytes,
    code: str = "panyu-target",
    kind: DeclarationKind = DeclarationKind.TARGET,
) -> FormTemplate:
    """The template as `install_template` leaves it, without parsing the workbook every time."""
    versions = FormTemplate.objects.filter(bureau=bureau, code=code)
    sha256 = hashlib.sha256(workbook).hexdigest()
    return versions.filter(sha256=sha256).first() or FormTemplate.objects.create(
        bureau=bureau,
        code=code,
        version=versions.count() + 1,
        name=_title(workbook),
        kind=kind,
        workbook=workbook,
        sha256=sha256,
    )


@cache
def _title(workbook: bytes) -> str:
    return parse_form(workbook).title


def round_for(template: FormTemplate, *departments: Department, **fields: Any) -> Round:
    now = timezone.now()
    return open_round(
        None,
        template=template,
        **{
            "year": 2023,
            "opens_at": now - timedelta(days=10),
            "deadline": now + timedelta(days=10),
            "correction_deadline": now + timedelta(days=20),
            "departments": departments,
            **fields,
        },
    )


def declaration_for(
    department: Department, workbook: bytes | None = None, **fields: Any
) -> Declaration:
    """A blank declaration of the department, on Panyu's form unless another is given."""
    template = template_for(department.bureau, workbook or PANYU_FORM.read_bytes())
    round_ = round_for(template, department, **fields)
    return round_.declarations.get()


def entries(declaration: Declaration) -> list[Entry]:
    """The fillable cells of a declaration, in the order of the form."""
    table = editor_table(reread(declaration))
    return [e for e in table.entries() if e.access is Access.FILLABLE]


def anchors(declaration: Declaration, tag: str) -> list[str]:
    """The anchors of a field, one for each row of its list."""
    return [e.anchor for e in entries(declaration) if e.field.tag == tag]


def type_into(actor: User, declaration: Declaration, **texts: str) -> Saved:
    """Types texts into cells, by anchor or by tag (its first cell), whatever was there before."""
    by_tag = {e.field.tag: e.anchor for e in reversed(entries(declaration))}
    changes = [Change(by_tag.get(key, key), text, None) for key, text in texts.items()]
    saved = save_cells(actor, declaration_id=declaration.pk, changes=changes)
    assert all(o.status is Status.SAVED for o in saved.outcomes), saved.outcomes
    return saved


def fill_in(actor: User, declaration: Declaration) -> None:
    """Fills every required cell with something it accepts, and no check minds.

    Amounts are 0, so that they add up whatever the form compares.
    """
    samples = {Kind.MONEY: "0", Kind.NUMBER: "1", Kind.PERCENT: "50%", Kind.DATE: "2023-01-05"}
    columns = {"level3": "服务的数量、质量、时效和满意度", "target": "100%"}
    texts = {
        e.anchor: e.field.choices[0]
        if e.field.choices
        else samples.get(e.field.kind, columns.get(e.field.column, "文字"))
        for e in entries(declaration)
        if e.field.required and e.is_blank
    }
    type_into(actor, declaration, **texts)


def balanced(amount: str) -> dict[str, str]:
    """To type into Panyu's form so that its sums agree: this is all that comes in and goes out."""
    return dict.fromkeys(
        ["funding.basic.budget", "funding.fiscal.budget", "funding.district.budget"], amount
    )


def reread(declaration: Declaration) -> Declaration:
    """The declaration as the database has it now."""
    from declarations.queries.declarations import with_context

    return with_context(Declaration.objects.all()).get(pk=declaration.pk)


def submitted(filer: User, declaration: Declaration) -> Declaration:
    """The declaration, filled in, with its hints explained, and submitted."""
    fill_in(filer, declaration)
    explain_hints(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    return reread(declaration)


def explain_hints(filer: User, declaration: Declaration) -> None:
    """Says something to every hint that the checks give now."""
    found = findings_now(reread(declaration), form_for(declaration.round))
    for hint in (f for f in found if f.level is Level.HINT):
        explain(filer, declaration_id=declaration.pk, key=hint.key, text="情况属实。")


def returned(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """The declaration, submitted and sent back with an opinion on the whole."""
    submitted(filer, declaration)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请补充依据。")
    return reread(declaration)


def approved(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """The declaration, submitted and approved."""
    submitted(filer, declaration)
    pass_on(reviewer, declaration_id=declaration.pk)
    return reread(declaration)


def reschedule(declaration: Declaration, **days: int) -> None:
    """Moves the round's dates to so many days from now: ``reschedule(d, deadline=-1)``."""
    now = timezone.now()
    dates = {name: now + timedelta(days=away) for name, away in days.items()}
    Round.objects.filter(pk=declaration.round_id).update(**dates)


def value_of(declaration: Declaration, anchor: str) -> Value:
    """What the database holds for a cell now."""
    return editor_table(reread(declaration)).entry(anchor).value


def text_of(declaration: Declaration, anchor: str) -> str:
    """What the form shows in a cell now."""
    return editor_table(reread(declaration)).entry(anchor).text


def version(declaration: Declaration, anchor: str) -> str:
    """The version of a cell as a page opened now would hold it."""
    return version_of(value_of(declaration, anchor))

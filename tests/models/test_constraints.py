"""What must never be false of the data: constraints, and triggers that nothing gets around."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from config.embedded_postgres import APPLICATION
from declarations.models import (
    Assignment,
    Bureau,
    Comment,
    CommentState,
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    FormTemplate,
    FundingLine,
    Indicator,
    Passage,
    ReviewSheet,
    Revision,
    RevisionKind,
    Role,
    Round,
    Stage,
    State,
    Task,
    User,
)
from tests import factories
from tests.models.raw import refused, run

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def revision(declaration: Declaration, filer: User) -> Revision:
    return Revision.objects.create(
        declaration=declaration,
        number=1,
        content={"texts": {}},
        sha256="0" * 64,
        submitted_at=timezone.now(),
        submitted_by=filer,
    )


@pytest.fixture
def event(declaration: Declaration, filer: User) -> Event:
    return Event.objects.create(
        bureau=filer.bureau, declaration=declaration, actor=filer, kind=EventKind.SUBMITTED
    )


@pytest.fixture(params=["the application", "the owner"])
def never(db: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """What refuses to change what is frozen: rights, and for the owner still the triggers."""
    if request.param == "the application":
        yield "permission denied for table"
        return
    run("RESET ROLE")
    yield "Cannot (update|delete|update or delete) rows"
    run("SET ROLE {}", names=[APPLICATION])


# Frozen: revisions, events, templates, history


@pytest.mark.parametrize("name", ["revision", "event"])
def test_a_row_cannot_be_changed_by_save(
    name: str, never: str, request: pytest.FixtureRequest
) -> None:
    row = request.getfixturevalue(name)
    with refused(never):
        row.save()


@pytest.mark.parametrize("name", ["revision", "event"])
def test_a_row_cannot_be_deleted(name: str, never: str, request: pytest.FixtureRequest) -> None:
    row = request.getfixturevalue(name)
    with refused(never):
        row.delete()
    with refused(never):
        type(row).objects.filter(pk=row.pk).delete()
    with refused(never):
        run("DELETE FROM {} WHERE id = %s", row.pk, names=[row._meta.db_table])
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_revision_cannot_be_changed_by_an_update_query(revision: Revision, never: str) -> None:
    with refused(never):
        Revision.objects.filter(pk=revision.pk).update(content={"texts": {"a": "b"}})
    with refused(never):
        Revision.objects.filter(pk=revision.pk).update(submitted_by=revision.submitted_by)


def test_a_revision_cannot_be_changed_by_raw_sql(revision: Revision, never: str) -> None:
    with refused(never):
        run("UPDATE declarations_revision SET sha256 = %s WHERE id = %s", "1" * 64, revision.pk)


def test_an_event_cannot_be_changed_by_an_update_query(event: Event, never: str) -> None:
    with refused(never):
        Event.objects.filter(pk=event.pk).update(data={"rewritten": True})


def test_an_event_cannot_be_changed_by_raw_sql(event: Event, never: str) -> None:
    with refused(never):
        run("UPDATE declarations_event SET actor_id = NULL WHERE id = %s", event.pk)


FROZEN_IN_A_TEMPLATE: dict[str, Any] = {
    "code": "another",
    "version": 9,
    "kind": "report",
    "workbook": b"another",
    "sha256": "1" * 64,
}


@pytest.mark.parametrize("column", FROZEN_IN_A_TEMPLATE)
def test_a_template_is_frozen(declaration: Declaration, column: str) -> None:
    template, value = declaration.round.template, FROZEN_IN_A_TEMPLATE[column]
    with refused("Cannot update"):
        FormTemplate.objects.filter(pk=template.pk).update(**{column: value})
    with refused("Cannot update"):
        run(
            "UPDATE declarations_formtemplate SET {} = %s WHERE id = %s",
            value,
            template.pk,
            names=[column],
        )


def test_a_template_stays_with_its_bureau(declaration: Declaration) -> None:
    with refused("Cannot update"):
        FormTemplate.objects.update(bureau=factories.BureauFactory.create())


def test_the_history_of_cells_cannot_be_rewritten(declaration: Declaration, never: str) -> None:
    history = FundingLine.pgh_event_model.objects.all()
    assert history.exists()
    with refused(never):
        history.update(budget=1)
    with refused(never):
        history.delete()


# One bureau


def test_a_department_of_another_bureau_cannot_declare(declaration: Declaration) -> None:
    foreign = factories.DepartmentFactory.create()
    with refused("different owners"):
        Declaration.objects.create(round=declaration.round, department=foreign)


def test_a_declaration_cannot_be_moved_to_another_bureau(declaration: Declaration) -> None:
    foreign = factories.DepartmentFactory.create()
    with refused("different owners"):
        Declaration.objects.filter(pk=declaration.pk).update(department=foreign)
    with refused("different owners"):
        run(
            "UPDATE declarations_declaration SET department_id = %s WHERE id = %s",
            foreign.pk,
            declaration.pk,
        )


def test_a_declaration_cannot_be_moved_to_a_round_of_another_bureau(
    declaration: Declaration,
) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    with refused("different owners"):
        Declaration.objects.filter(pk=declaration.pk).update(round=foreign.round)


def test_a_person_and_the_department_are_of_one_bureau(filer: User) -> None:
    foreign = factories.DepartmentFactory.create()
    with refused("different owners"):
        User.objects.filter(pk=filer.pk).update(department=foreign)
    with refused("different owners"):
        User.objects.filter(pk=filer.pk).update(bureau=foreign.bureau)
    with refused("different owners"):
        factories.UserFactory.create(bureau=filer.bureau, department=foreign, role=Role.FILER)


def test_a_department_and_its_parent_are_of_one_bureau(department: Department) -> None:
    foreign = factories.DepartmentFactory.create()
    with refused("different owners"):
        Department.objects.filter(pk=department.pk).update(parent=foreign)


def test_a_round_and_its_form_are_of_one_bureau(declaration: Declaration) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    with refused("different owners"):
        Round.objects.filter(pk=declaration.round_id).update(template=foreign.round.template)


# What belongs to a declaration


def test_a_declaration_has_its_own_revision(declaration: Declaration, revision: Revision) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    with refused("different owners"):
        Declaration.objects.filter(pk=other.pk).update(revision=revision)


def test_a_comment_is_on_a_revision_of_its_declaration(
    declaration: Declaration, revision: Revision, reviewer: User
) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    with refused("different owners"):
        Comment.objects.create(declaration=other, revision=revision, text="批注", author=reviewer)


# Constraints, in the database and in the words a person reads


def round_like(declaration: Declaration, **fields: Any) -> Round:
    now = timezone.now()
    return Round(
        **{
            "bureau": declaration.round.bureau,
            "template": declaration.round.template,
            "year": 2030,
            "name": "批次",
            "opens_at": now,
            "deadline": now + timedelta(days=1),
            "correction_deadline": now + timedelta(days=2),
            **fields,
        }
    )


def person(declaration: Declaration, **fields: Any) -> User:
    return User(
        **{
            "username": "somebody",
            "name": "某人",
            "password": "!",
            "bureau": declaration.department.bureau,
            **fields,
        }
    )


def a_filer_without_a_department(declaration: Declaration) -> User:
    return person(declaration, role=Role.FILER)


def a_reviewer_with_a_department(declaration: Declaration) -> User:
    return person(declaration, role=Role.REVIEWER, department=declaration.department)


def an_administrator_with_a_department(declaration: Declaration) -> User:
    return person(declaration, role=Role.SYSTEM, department=declaration.department)


def a_head_without_a_department(declaration: Declaration) -> User:
    return person(declaration, role=Role.HEAD)


def a_department_under_itself(declaration: Declaration) -> Department:
    department = declaration.department
    department.parent = department
    return department


def a_second_declaration_of_a_department(declaration: Declaration) -> Declaration:
    return Declaration(round=declaration.round, department=declaration.department)


def a_submission_without_a_revision(declaration: Declaration) -> Declaration:
    declaration.state = State.SUBMITTED
    declaration.stage = declaration.round.stages.get()
    return declaration


def a_second_round_of_a_form_in_a_year(declaration: Declaration) -> Round:
    return round_like(declaration, year=declaration.round.year)


def a_round_that_ends_before_it_opens(declaration: Declaration) -> Round:
    return round_like(declaration, opens_at=timezone.now() + timedelta(days=2))


def an_adjustment_window_that_ends_before_it_opens(declaration: Declaration) -> Round:
    return round_like(declaration, adjustments_until=timezone.now() - timedelta(days=1))


def a_stage_in_the_place_of_another(declaration: Declaration) -> Stage:
    return Stage(round=declaration.round, position=1, name="审核")


def a_fifth_stage(declaration: Declaration) -> Stage:
    return Stage(round=declaration.round, position=5, name="审核")


def a_stage_of_heads_that_comes_second(declaration: Declaration) -> Stage:
    return Stage(round=declaration.round, position=2, name="审核", by_head=True)


def a_bureau_that_logs_out_at_once(declaration: Declaration) -> Bureau:
    bureau = declaration.round.bureau
    bureau.idle_minutes = 1
    return bureau


def a_second_group_of_a_name(declaration: Declaration) -> DepartmentGroup:
    known = DepartmentGroup.objects.create(bureau=declaration.round.bureau, name="一组")
    return DepartmentGroup(bureau=known.bureau, name=known.name)


def a_draft_at_a_stage(declaration: Declaration) -> Declaration:
    declaration.stage = declaration.round.stages.get()
    return declaration


def a_draft_that_somebody_reviews(declaration: Declaration) -> Declaration:
    declaration.reviewer = factories.UserFactory.create(bureau=declaration.round.bureau)
    return declaration


def a_draft_in_force(declaration: Declaration) -> Declaration:
    declaration.approved = revision_of(declaration)
    return declaration


def an_adjustment_without_a_reason(declaration: Declaration) -> Revision:
    known = revision_of(declaration)
    return Revision(
        declaration=declaration,
        kind=RevisionKind.ADJUSTMENT,
        number=2,
        content={},
        sha256="1" * 64,
        submitted_at=known.submitted_at,
        submitted_by=known.submitted_by,
    )


def an_answer_with_a_state(declaration: Declaration) -> Comment:
    revision = revision_of(declaration)
    about = {"declaration": declaration, "revision": revision, "author": revision.submitted_by}
    asked = Comment.objects.create(text="请核对。", **about)
    return Comment(text="已核对。", parent=asked, state=CommentState.RESOLVED, **about)


def a_second_assignment_at_a_stage(declaration: Declaration) -> Assignment:
    stage = declaration.round.stages.get()
    reviewer = factories.UserFactory.create(bureau=declaration.round.bureau)
    known = Assignment.objects.create(declaration=declaration, stage=stage, reviewer=reviewer)
    return Assignment(declaration=declaration, stage=known.stage, reviewer=known.reviewer)


def a_second_review_sheet_at_a_stage(declaration: Declaration) -> ReviewSheet:
    known = ReviewSheet.objects.create(
        revision=revision_of(declaration),
        stage=declaration.round.stages.get(),
        reviewer=factories.UserFactory.create(bureau=declaration.round.bureau),
        points={},
        total=0,
        grade="差",
    )
    known.pk = None
    return known


def a_correction_window_that_ends_before_the_deadline(declaration: Declaration) -> Round:
    return round_like(declaration, correction_deadline=timezone.now())


def a_second_template_of_a_version(declaration: Declaration) -> FormTemplate:
    known = declaration.round.template
    return FormTemplate(
        bureau=known.bureau,
        code=known.code,
        version=known.version,
        name="表样",
        kind=known.kind,
        workbook=b"",
        sha256="0" * 64,
    )


def a_comment_that_says_nothing(declaration: Declaration) -> Comment:
    revision = revision_of(declaration)
    return Comment(
        declaration=declaration, revision=revision, author=revision.submitted_by, text=""
    )


def a_second_revision_of_a_number(declaration: Declaration) -> Revision:
    known = revision_of(declaration)
    return Revision(
        declaration=declaration,
        number=known.number,
        content={},
        sha256="1" * 64,
        submitted_at=known.submitted_at,
        submitted_by=known.submitted_by,
    )


def a_second_funding_line_of_a_key(declaration: Declaration) -> FundingLine:
    return FundingLine(declaration=declaration, key="basic")


def a_second_passage_of_a_key(declaration: Declaration) -> Passage:
    return Passage(declaration=declaration, key="overall_goal")


def revision_of(declaration: Declaration) -> Revision:
    return Revision.objects.create(
        declaration=declaration,
        number=1,
        content={},
        sha256="0" * 64,
        submitted_at=timezone.now(),
        submitted_by=factories.filer_of(declaration.department),
    )


VIOLATIONS = {
    a_filer_without_a_department: "填报人和部门负责人必须属于一个部门，其他角色不属于部门",
    a_head_without_a_department: "填报人和部门负责人必须属于一个部门，其他角色不属于部门",
    a_reviewer_with_a_department: "填报人和部门负责人必须属于一个部门，其他角色不属于部门",
    an_administrator_with_a_department: "填报人和部门负责人必须属于一个部门，其他角色不属于部门",
    a_department_under_itself: "部门不能是自己的上级部门",
    a_second_declaration_of_a_department: "这个部门在本批次中已有一份申报",
    a_submission_without_a_revision: "已提交的申报必须有一个版本",
    a_second_round_of_a_form_in_a_year: "这个年度已经有使用该表样的批次",
    a_round_that_ends_before_it_opens: "截止时间必须晚于开始时间",
    a_correction_window_that_ends_before_the_deadline: "补正截止时间不能早于截止时间",
    an_adjustment_window_that_ends_before_it_opens: "调整截止时间必须晚于开始时间",
    a_stage_in_the_place_of_another: "审核环节的次序重复",
    a_fifth_stage: "审核环节为一至四个",
    a_stage_of_heads_that_comes_second: "部门负责人审核只能是第一个环节，且不填写审核评分表",
    a_bureau_that_logs_out_at_once: "无操作自动退出的时间不能少于 5 分钟",
    a_second_group_of_a_name: "已经有同名的分组",
    a_draft_at_a_stage: "只有审核中的申报才有审核环节",
    a_draft_that_somebody_reviews: "只有审核中的申报才有审核环节",
    a_draft_in_force: "已通过的版本就是现行版本",
    an_adjustment_without_a_reason: "调整和更正必须写明理由",
    an_answer_with_a_state: "回复没有自己的状态",
    a_second_assignment_at_a_stage: "这个环节已经分派给一位审核人",
    a_second_review_sheet_at_a_stage: "这个环节已经填过审核评分表",
    a_second_template_of_a_version: "这一版表样已经存在",
    a_comment_that_says_nothing: "批注不能为空",
    a_second_revision_of_a_number: "这个版本号已经用过",
    a_second_funding_line_of_a_key: "这一收支行已经存在",
    a_second_passage_of_a_key: "这一段文字已经存在",
}


@pytest.mark.parametrize("make", VIOLATIONS, ids=lambda make: make.__name__)
def test_the_database_refuses(declaration: Declaration, make: Any) -> None:
    with refused():
        make(declaration).save()


@pytest.mark.parametrize("make", VIOLATIONS, ids=lambda make: make.__name__)
def test_a_person_can_read_why(declaration: Declaration, make: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        make(declaration).validate_constraints()
    assert VIOLATIONS[make] in caught.value.messages


def test_every_constraint_has_a_message_in_chinese() -> None:
    constraints = [
        c for m in apps.get_app_config("declarations").get_models() for c in m._meta.constraints
    ]
    assert len(constraints) >= 12
    assert [c.name for c in constraints if not CHINESE.search(str(c.violation_error_message))] == []


def test_codes_are_unique_in_the_whole_system(declaration: Declaration) -> None:
    with refused(error=IntegrityError):
        factories.DepartmentFactory.create(code=declaration.department.code)
    with refused(error=IntegrityError):
        factories.BureauFactory.create(code=declaration.department.bureau.code)
    with refused(error=IntegrityError):
        factories.UserFactory.create(username=factories.UserFactory.create().username)


@pytest.mark.parametrize("code", ["Panyu", "panyu dpf", "panyu/dpf", "-panyu", "番禺", "a--b"])
def test_a_code_that_would_break_a_reference_is_refused(db: None, code: str) -> None:
    with pytest.raises(ValidationError, match="编码只能用小写字母、数字和连字符"):
        Bureau(code=code, name="财政局").full_clean()


def test_what_is_referred_to_cannot_be_deleted(
    declaration: Declaration, revision: Revision
) -> None:
    from django.db.models import ProtectedError

    for row in (declaration.round.template, declaration.round, declaration.department, declaration):
        with refused(error=ProtectedError):
            row.delete()


# History


def history_of(row: Any) -> list[Any]:
    return list(type(row).pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("pgh_id"))


def test_the_history_of_a_cell_names_the_person(declaration: Declaration, filer: User) -> None:
    factories.type_into(filer, declaration, **{"funding/basic/budget": "483.09"})
    started, changed = history_of(declaration.funding_lines.get(key="basic"))
    assert (started.pgh_label, started.budget, started.pgh_context) == ("insert", None, None)
    assert (changed.pgh_label, changed.budget) == ("update", 4_830_900)
    assert changed.pgh_context["name"] == "填报人甲"
    assert changed.pgh_context["user"] == filer.pk


def test_every_kind_of_record_has_a_history(declaration: Declaration, filer: User) -> None:
    factories.type_into(
        filer,
        declaration,
        **{"text.overall_goal": "目标", "tasks.name": "任务", "indicators.level3": "指标"},
    )
    rows = [
        declaration.passages.get(),
        declaration.tasks.get(block="tasks"),
        declaration.indicators.get(),
    ]
    changes = [history_of(row)[-1] for row in rows]
    assert [changes[0].text, changes[1].name, changes[2].level3] == ["目标", "任务", "指标"]
    assert {c.pgh_context["name"] for c in changes} == {"填报人甲"}


def test_a_removal_is_in_the_history_with_the_person(declaration: Declaration, filer: User) -> None:
    from declarations.domain.rows import remove_row

    factories.type_into(filer, declaration, **{"tasks.name": "任务"})
    task = declaration.tasks.get(block="tasks")
    remove_row(filer, declaration_id=declaration.pk, anchor=f"task/{task.pk}")
    last = history_of(task)[-1]
    assert (last.pgh_label, last.name) == ("delete", "任务")
    assert last.pgh_context["name"] == "填报人甲"


@pytest.mark.parametrize("column", ["name", "content"])
def test_the_history_is_kept_even_of_raw_sql(declaration: Declaration, column: str) -> None:
    task = declaration.tasks.get(block="tasks")
    run("UPDATE declarations_task SET {} = 'x' WHERE id = %s", task.pk, names=[column])
    assert getattr(history_of(task)[-1], column) == "x"


def test_an_update_that_changes_nothing_leaves_no_history(declaration: Declaration) -> None:
    task = declaration.tasks.get(block="tasks")
    Task.objects.filter(pk=task.pk).update(name=task.name)
    Indicator.objects.update(level1="")
    assert len(history_of(task)) == 1

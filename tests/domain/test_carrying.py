"""带入上年: last year's approved content comes in beside what is filled in."""

from typing import Any

import pytest

from declarations.domain.carrying import CarriedOver, carry_over
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.rows import TooManyRowsError, add_row
from declarations.domain.undoing import undo
from declarations.models import Declaration, Department, EventKind, Indicator, User
from declarations.queries.forms import form_of
from declarations.queries.prior_years import declared_last_year
from declarations.queries.records import load_records
from tests import factories
from tests.factories import anchors, reread, text_of, type_into
from tests.sheets.workbooks import workbook
from tests.test_queries import counted

FORM = workbook(
    {
        "A1:H1": "绩效目标表",
        "A2": "职能",
        "B2:H2": "{{text.functions}}",
        "A3": "日期",
        "B3:H3": "{{text.day}}",
        "A4": "项目",
        "B4:D4": "内容",
        "E4": "金额（万元）",
        "F4": "预期目标",
        "G4:H4": "科室",
        "A5": "{{projects.name}}",
        "B5:D5": "{{projects.content}}",
        "E5": "{{projects.amount}}",
        "F5": "{{projects.expected}}",
        "G5:H5": "{{projects.extra.office}}",
        "A6": "目标",
        "B6": "一级",
        "C6": "二级",
        "D6": "三级",
        "E6": "前年",
        "F6": "上年",
        "G6": "当年",
        "H6": "依据",
        "A7": "{{goals.name}}",
        "B7": "{{goals.indicators.level1}}",
        "C7": "{{goals.indicators.level2}}",
        "D7": "{{goals.indicators.level3}}",
        "E7": "{{goals.indicators.prior2}}",
        "F7": "{{goals.indicators.prior1}}",
        "G7": "{{goals.indicators.target}}",
        "H7": "{{goals.indicators.basis}}",
    },
    lines=[1],
    fields=[
        ["标签", "类型", "选项"],
        ["text.day", "日期", ""],
        ["goals.indicators.basis", "选项", "历史数据、计划数据"],
    ],
)
OTHER_CHOICES = workbook(
    {
        "A1:C1": "绩效目标表",
        "A2": "目标",
        "B2": "三级",
        "C2": "依据",
        "A3": "{{goals.name}}",
        "B3": "{{goals.indicators.level3}}",
        "C3": "{{goals.indicators.basis}}",
    },
    lines=[1],
    fields=[["标签", "类型", "选项"], ["goals.indicators.basis", "选项", "行业标准"]],
)
"""A later form: other choices, no prior years, and no second level."""

INDICATOR = {
    "level1": "产出指标",
    "level2": "数量指标",
    "level3": "培训人数",
    "prior2": "120人",
    "prior1": "130人",
    "target": "140人",
    "basis": "历史数据",
}


@pytest.fixture
def last(department: Department, filer: User, reviewer: User) -> Declaration:
    """Last year's: a passage, a date, two projects, and a goal with two indicators; approved."""
    declaration = factories.declaration_for(department, FORM, year=2022)
    add_row(filer, declaration_id=declaration.pk, list_anchor="projects")
    goal = anchors(declaration, "goals.name")[0].removesuffix("/name")
    add_row(filer, declaration_id=declaration.pk, list_anchor=f"{goal}/indicators")
    one, two = (a.rpartition("/")[0] for a in anchors(declaration, "projects.name"))
    first, second = (a.rpartition("/")[0] for a in anchors(declaration, "goals.indicators.level3"))
    type_into(
        filer,
        declaration,
        **{"text/functions": "为残疾人服务", "text/day": "2022-01-05"},
        **{f"{one}/name": "康复经费", f"{one}/content": "儿童康复救助", f"{one}/amount": "662.8"},
        **{f"{one}/expected": "162人得到救助", f"{one}/extra.office": "康复科"},
        **{f"{two}/name": "就业经费", f"{two}/amount": "80"},
        **{f"{goal}/name": "残联发展目标"},
        **{f"{first}/{column}": text for column, text in INDICATOR.items()},
        **{f"{second}/level3": "满意度", f"{second}/target": "90%"},
    )
    return factories.approved(filer, reviewer, declaration)


@pytest.fixture
def declaration(department: Department, last: Declaration) -> Declaration:
    """This year's, on the same form, still blank."""
    return factories.declaration_for(department, FORM, year=2023)


def bring(actor: User, declaration: Declaration) -> CarriedOver:
    return carry_over(actor, declaration_id=declaration.pk)


def content(declaration: Declaration) -> dict[str, Any]:
    return load_records(reread(declaration), form_of(declaration.round.template)).to_json()


def listed(declaration: Declaration, list_name: str, *columns: str) -> list[list[str]]:
    """What the form shows of a list: one row per row, these columns."""
    cells = [anchors(declaration, f"{list_name}.{column}") for column in columns]
    return [[text_of(declaration, a) for a in row] for row in zip(*cells, strict=True)]


PROJECT = ("name", "content", "amount", "expected", "extra.office")


def test_last_years_rows_come_with_targets_and_amounts_blank(filer, declaration) -> None:
    done = bring(filer, declaration)
    assert listed(declaration, "projects", *PROJECT) == [
        ["康复经费", "儿童康复救助", "", "", "康复科"],
        ["就业经费", "", "", "", ""],
    ]
    assert listed(declaration, "goals", "name") == [["残联发展目标"]]
    assert listed(declaration, "goals.indicators", *INDICATOR) == [
        ["产出指标", "数量指标", "培训人数", "130人", "140人", "", "历史数据"],
        ["", "", "满意度", "", "90%", "", ""],
    ]
    assert text_of(declaration, "text/functions") == "为残疾人服务"
    assert text_of(declaration, "text/day") == ""
    assert str(done) == "已带入2022年的内容：新增 3 行，填入 1 格"


def test_it_is_an_event_with_its_source(filer, last, declaration) -> None:
    done = bring(filer, declaration)
    event = declaration.events.get(kind=EventKind.CARRIED_OVER)
    assert event == done.event
    assert event.actor == filer
    assert event.data["source"] == last.revision_id
    assert reread(declaration).edited_by == filer


def test_the_history_of_what_was_brought_names_the_person(filer, declaration) -> None:
    bring(filer, declaration)
    row = Indicator.objects.get(declaration=declaration, level3="满意度")
    events = Indicator.pgh_event_model.objects.filter(pgh_obj=row)  # type: ignore[attr-defined]
    assert {e.pgh_context["name"] for e in events} == {filer.name}


def test_what_is_filled_in_stays(filer, declaration) -> None:
    goal = anchors(declaration, "goals.name")[0].removesuffix("/name")
    row = anchors(declaration, "goals.indicators.level3")[0].rpartition("/")[0]
    typed = {
        "text/functions": "新写的职能",
        f"{goal}/name": "残联 发展目标",
        f"{row}/level2": "数量指标",
        f"{row}/level3": "培训人数",
        f"{row}/prior2": "135人",
        f"{row}/target": "150人",
    }
    type_into(filer, declaration, **typed)
    done = bring(filer, declaration)
    assert {a: text_of(declaration, a) for a in typed} == typed
    assert listed(declaration, "goals.indicators", *INDICATOR) == [
        ["", "数量指标", "培训人数", "135人", "140人", "150人", ""],
        ["", "", "满意度", "", "90%", "", ""],
    ]
    assert (done.rows, done.cells) == (3, 1)  # two projects and an indicator; one prior value


def test_rows_of_this_year_stand_first(filer, declaration) -> None:
    type_into(filer, declaration, **{anchors(declaration, "projects.name")[0]: "文化经费"})
    bring(filer, declaration)
    names = [name for (name,) in listed(declaration, "projects", "name")]
    assert names == ["文化经费", "康复经费", "就业经费"]


def test_a_second_time_there_is_nothing_to_bring(filer, declaration) -> None:
    bring(filer, declaration)
    before = content(declaration)
    with pytest.raises(RefusedError, match="2022年的内容都已经在表中"):
        bring(filer, declaration)
    assert content(declaration) == before
    assert declaration.events.filter(kind=EventKind.CARRIED_OVER).count() == 1


def test_it_can_be_undone(filer, declaration) -> None:
    type_into(filer, declaration, **{anchors(declaration, "projects.name")[0]: "文化经费"})
    before = content(declaration)
    done = bring(filer, declaration)
    assert undo(filer, declaration_id=declaration.pk, event_id=done.event.pk) == "已撤销带入上年"
    assert content(declaration) == before


def test_what_was_filled_in_since_survives_undoing(filer, declaration) -> None:
    done = bring(filer, declaration)
    amount = anchors(declaration, "projects.amount")[0]
    type_into(filer, declaration, **{amount: "700"})
    said = undo(filer, declaration_id=declaration.pk, event_id=done.event.pk)
    assert said == "已撤销带入上年，其中 1 格后来又改过，予以保留"
    projects = listed(declaration, "projects", "name", "amount")
    assert projects == [["", ""], ["康复经费", "700"]]  # the blank row that was there is back


def test_what_this_years_form_does_not_accept_is_left_out(filer, department, last) -> None:
    declaration = factories.declaration_for(department, OTHER_CHOICES, year=2023)
    bring(filer, declaration)
    assert listed(declaration, "goals.indicators", "level3", "basis") == [
        ["培训人数", ""],
        ["满意度", ""],
    ]


def test_what_was_frozen_is_brought_not_what_is_stored(filer, last, declaration) -> None:
    last.tasks.filter(block="projects").update(name="后来改的")
    bring(filer, declaration)
    assert listed(declaration, "projects", "name") == [["康复经费"], ["就业经费"]]


# Which declaration it is brought from


def test_without_an_approved_one_of_last_year_there_is_nothing(filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, FORM, year=2023)
    older = factories.declaration_for(department, FORM, year=2021)
    factories.approved(filer, reviewer, older)
    factories.submitted(filer, factories.declaration_for(department, FORM, year=2022))
    with pytest.raises(RefusedError, match="本部门上年没有审核通过的申报"):
        bring(filer, declaration)


def test_another_departments_is_none_of_ones_own(reviewer, department, last) -> None:
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    declaration = factories.declaration_for(other, FORM, year=2023)
    assert declared_last_year(declaration) is None


def test_the_one_on_the_same_form_goes_first(filer, reviewer, department, last) -> None:
    template = factories.template_for(department.bureau, OTHER_CHOICES, "other")
    later = factories.round_for(template, department, year=2022).declarations.get()
    type_into(filer, later, **{"goals.name": "另一张表的目标"})
    factories.approved(filer, reviewer, later)
    same = factories.declaration_for(department, FORM, year=2023)
    assert declared_last_year(same) == last
    new = factories.round_for(template, department, year=2023).declarations.get()
    assert declared_last_year(new) == later


# Who may, and when


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_brings_it(request, declaration, who: str) -> None:
    before = content(declaration)
    with pytest.raises(NotPermittedError):
        bring(request.getfixturevalue(who), declaration)
    assert content(declaration) == before


def test_not_while_it_is_reviewed(filer, declaration) -> None:
    factories.submitted(filer, declaration)
    with pytest.raises(WrongStateError):
        bring(filer, declaration)


def test_a_list_that_would_get_too_long_stays_as_it_is(filer, declaration) -> None:
    goal = declaration.tasks.get(block="goals")
    type_into(filer, declaration, **{f"task/{goal.pk}/name": "残联发展目标"})
    Indicator.objects.bulk_create(
        Indicator(declaration=declaration, task=goal, position=n, level3=f"指标{n}")
        for n in range(1, 1_000)
    )
    before = content(declaration)
    with pytest.raises(TooManyRowsError):
        bring(filer, declaration)
    assert content(declaration) == before


@pytest.mark.parametrize("more", [0, 50])
def test_many_rows_take_as_many_queries_as_few(
    filer, reviewer, department, last, more: int
) -> None:
    fuller = factories.declaration_for(department, FORM, year=2023)
    bring(filer, fuller)
    goal = fuller.tasks.get(block="goals")
    Indicator.objects.bulk_create(
        Indicator(declaration=fuller, task=goal, level3=f"服务第{n}街道", position=n)
        for n in range(10, 10 + more)
    )
    targets = anchors(fuller, "goals.indicators.target")
    type_into(filer, fuller, **dict.fromkeys(targets, "140人"))
    factories.approved(filer, reviewer, fuller)
    declaration = factories.declaration_for(department, FORM, year=2024)
    form_of(declaration.round.template)
    with counted() as queries:
        bring(filer, declaration)
    assert len(queries) == 23

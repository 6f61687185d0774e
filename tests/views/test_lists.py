"""GET /declarations/: filtered, sorted, paged; and the same list as a workbook."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from declarations import workflow
from declarations.domain.adjusting import begin_adjustment
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.models import (
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    Role,
    Round,
    State,
    User,
)
from declarations.queries import lists
from declarations.queries.phases import CLOSING, PHASE, is_late, phase_of
from tests import factories


def shown(client: Any, **filters: Any) -> str:
    answer = client.get(reverse("declarations"), filters)
    assert answer.status_code == 200
    return answer.content.decode()


def departments(client: Any, **filters: Any) -> list[str]:
    """The departments that the list shows, from top to bottom."""
    answer = client.get(reverse("declarations"), filters)
    return [row.declaration.department.name for row in answer.context["rows"]]


@pytest.fixture
def bureau_round(department: Department) -> Round:
    """Panyu's form called on by five departments in as many states: see `STATES`."""
    others = [
        factories.DepartmentFactory.create(bureau=department.bureau, code=code, name=name)
        for code, name in (
            ("a-culture", "区文化馆"),
            ("b-health", "区卫生局"),
            ("c-school", "区教育局"),
            ("d-roads", "区公路局"),
        )
    ]
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(template, department, *others)
    reviewer = factories.UserFactory.create(bureau=department.bureau, username="somebody")
    found = {d.department.code: d for d in round_.declarations.select_related("department")}
    filers = {code: factories.filer_of(d.department) for code, d in found.items()}
    factories.type_into(filers["a-culture"], found["a-culture"], **{"text.overall_goal": "目标"})
    factories.submitted(filers["b-health"], found["b-health"])
    factories.returned(filers["c-school"], reviewer, found["c-school"])
    factories.approved(filers["d-roads"], reviewer, found["d-roads"])
    return round_


STATES = {
    "not_started": "广州市番禺区残疾人联合会",
    "filling": "区文化馆",
    "submitted": "区卫生局",
    "returned": "区教育局",
    "approved": "区公路局",
}


@pytest.mark.parametrize(("state", "name"), STATES.items())
def test_filtering_by_state(as_user, reviewer, bureau_round, state: str, name: str) -> None:
    assert departments(as_user(reviewer), state=state) == [name]


def test_what_is_late_is_owed_and_out_of_time(as_user, reviewer, bureau_round) -> None:
    client = as_user(reviewer)
    assert departments(client, state="late") == []
    factories.reschedule(bureau_round.declarations.first(), opens_at=-20, deadline=-1)
    assert departments(client, state="late", sort="department") == [
        "区文化馆",
        "广州市番禺区残疾人联合会",
    ]
    late = bureau_round.declarations.get(department__code="a-culture")
    Declaration.objects.filter(pk=late.pk).update(
        extended_until=timezone.now() + timedelta(hours=1)
    )
    assert departments(client, state="late") == ["广州市番禺区残疾人联合会"]
    assert "逾期" in shown(client, state="late")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("卫生", ["区卫生局"]),
        ("区 局", ["区卫生局", "区教育局", "区公路局"]),
        ("c-sch", ["区教育局"]),
        ("C-Sch", ["区教育局"]),
        ("ktv", ["KTV管理办"]),
        ("100%", []),
        ("_", []),
    ],
)
def test_departments_are_found_by_words_of_two_characters(
    as_user, reviewer, bureau_round, words: str, names: list[str]
) -> None:
    with_latin = factories.DepartmentFactory.create(bureau=reviewer.bureau, name="KTV管理办")
    factories.round_for(bureau_round.template, with_latin, year=2024)
    assert departments(as_user(reviewer), department=words, sort="department") == names


def test_filtering_by_year_round_stage_group_and_reviewer(
    as_user, reviewer, bureau_round, department
) -> None:
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="教科文")
    Department.objects.filter(code="a-culture").update(group=group)
    other = factories.round_for(bureau_round.template, department, year=2024)
    waiting = bureau_round.declarations.get(state=State.SUBMITTED)
    client = as_user(reviewer)
    assert departments(client, reviewer="nobody") == ["区卫生局"]
    claim(reviewer, declaration_id=waiting.pk)
    assert departments(client, reviewer="nobody") == []
    assert departments(client, reviewer=reviewer.pk) == ["区卫生局"]
    assert departments(client, stage="财政局审核") == ["区卫生局"]
    assert departments(client, group=group.pk) == ["区文化馆"]
    assert departments(client, year=2024) == [department.name]
    assert departments(client, round=other.pk) == [department.name]
    assert len(departments(client)) == 6


def test_sorting_by_every_column_both_ways(as_user, reviewer, bureau_round) -> None:
    client = as_user(reviewer)
    for column in lists.COLUMNS:
        rising = departments(client, sort=column.name)
        falling = departments(client, sort=f"-{column.name}")
        assert sorted(rising) == sorted(falling) == sorted(STATES.values())
    assert departments(client, sort="department")[:2] == ["区文化馆", "区卫生局"]
    assert departments(client, sort="-department")[0] == "广州市番禺区残疾人联合会"
    in_order = ["not_started", "filling", "returned", "submitted", "approved"]
    assert departments(client, sort="state") == [STATES[state] for state in in_order]
    handed_in = departments(client, sort="-handed_in")
    assert handed_in[:3] == ["区公路局", "区教育局", "区卫生局"]
    assert set(handed_in[3:]) == {"广州市番禺区残疾人联合会", "区文化馆"}


def test_the_sorted_column_says_so_and_sorts_the_other_way_next(
    as_user, reviewer, bureau_round
) -> None:
    text = shown(as_user(reviewer), sort="closing", state="filling", page=1)
    assert text.count("aria-sort") == 1
    assert 'aria-sort="ascending"><a href="?sort=-closing&amp;state=filling">截止时间' in text
    assert "aria-sort" not in shown(as_user(reviewer), sort="no-such-column")


def test_wrong_filters_filter_nothing_and_say_so(as_user, reviewer, bureau_round) -> None:
    client = as_user(reviewer)
    for wrong in ({"year": "abc"}, {"state": "nowhere"}, {"round": "9" * 30}, {"reviewer": "-1"}):
        assert len(departments(client, **wrong)) == 5
        assert "选择一个有效的选项" in shown(client, **wrong)
    assert len(departments(client, page="x")) == len(departments(client, page="99")) == 5


def test_nothing_found_offers_to_clear_the_filters(as_user, reviewer, bureau_round) -> None:
    text = shown(as_user(reviewer), department="没有这样的")
    assert "没有符合条件的申报。" in text
    assert f'<a href="{reverse("declarations")}">清除筛选</a>' in text
    assert "导出 Excel" not in text


def test_fifty_on_a_page(as_user, reviewer, department) -> None:
    more = factories.DepartmentFactory.create_batch(52, bureau=department.bureau)
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    factories.round_for(template, *more)
    client = as_user(reviewer)
    first = departments(client, sort="department")
    second = departments(client, sort="department", page=2)
    assert (len(first), len(second)) == (50, 2)
    assert not set(first) & set(second)
    text = shown(client, sort="department", page=2)
    assert "第 2 页，共 2 页" in text
    assert '<a class="btn btn-secondary" rel="prev" href="?sort=department&amp;page=1">' in text


def test_a_department_sees_its_own_alone(as_user, filer, stranger, declaration) -> None:
    text = shown(as_user(filer))
    assert declaration.round.name in text
    assert "审核人" not in text
    assert "还没有申报。" in shown(as_user(stranger))


def test_another_bureau_sees_nothing(as_user, outsider, bureau_round) -> None:
    assert departments(as_user(outsider)) == []
    text = shown(as_user(outsider), round=bureau_round.pk)
    assert "区卫生局" not in text
    assert bureau_round.name not in text


@pytest.mark.parametrize("role", [Role.SECURITY, Role.AUDITOR])
def test_who_reads_no_declarations_has_no_list(as_user, department, role: Role) -> None:
    client = as_user(factories.UserFactory.create(bureau=department.bureau, role=role))
    assert client.get(reverse("declarations")).status_code == 404
    assert client.post(reverse("declarations-export")).status_code == 404


def test_the_bureau_does_not_know_when_a_department_submitted_to_its_own_head(
    as_user, reviewer, filer, declaration
) -> None:
    declaration.round.stages.update(by_head=True, name="部门负责人审核")
    factories.submitted(filer, declaration)
    (row,) = as_user(reviewer).get(reverse("declarations")).context["rows"]
    assert row.handed_in_at is None
    (row,) = as_user(filer).get(reverse("declarations")).context["rows"]
    assert row.handed_in_at is not None


# What SQL counts and sorts by is what the pages say


def in_every_state(filer: User, reviewer: User, declaration: Declaration) -> Any:
    """The declaration, state after state."""
    yield
    factories.type_into(filer, declaration, **{"text.overall_goal": "目标"})
    yield
    factories.returned(filer, reviewer, declaration)
    yield
    factories.submitted(filer, declaration)
    yield
    pass_on(reviewer, declaration_id=declaration.pk)
    yield
    begin_adjustment(filer, declaration_id=declaration.pk, reason="追加预算。")
    yield
    factories.type_into(filer, declaration, **{"text.overall_goal": "调整后的目标"})
    factories.submitted(filer, declaration)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请补充。")
    yield


def test_phase_time_limit_and_lateness_are_the_same_in_sql(filer, reviewer, declaration) -> None:
    later = timezone.now() + timedelta(days=30)
    Round.objects.update(adjustments_until=later)
    moments = [timezone.now() + timedelta(days=days) for days in (0, 12, 17, 25, 35)]
    for _ in in_every_state(filer, reviewer, declaration):
        for extended in (None, timezone.now() + timedelta(days=15)):
            Declaration.objects.update(extended_until=extended)
            for now in moments:
                assert_same_in_sql(reviewer, declaration, now)


def assert_same_in_sql(user: User, declaration: Declaration, now: datetime) -> None:
    of_this = Declaration.objects.filter(pk=declaration.pk)
    phase, closing = of_this.annotate(phase=PHASE, closing=CLOSING).values_list("phase", "closing")[
        0
    ]
    found = factories.reread(declaration)
    (row,) = lists.rows([found], user, now)
    assert (phase, closing) == (phase_of(found), workflow.closing_time(found))
    if found.state in workflow.EDITABLE:
        assert of_this.filter(is_late(now)).exists() == row.late


# As a workbook


def exported(client: Any, **filters: Any) -> list[tuple[Any, ...]]:
    answer = client.post(reverse("declarations-export", query=filters))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet.freeze_panes == "A2"
    return list(sheet.iter_rows(values_only=True))


def test_the_workbook_has_every_row_of_the_filtered_list(as_user, reviewer, bureau_round) -> None:
    head, *rows = exported(as_user(reviewer), state="submitted")
    (row,) = rows
    told = dict(zip(head, row, strict=True))
    declaration = bureau_round.declarations.get(state=State.SUBMITTED)
    at = timezone.localtime(declaration.handed_in.submitted_at).replace(tzinfo=None)
    assert told["部门"] == "区卫生局"
    assert told["年度"] == 2023
    assert told["版本"] == 1
    assert told["状态"] == "已提交"
    assert told["审核环节"] == "财政局审核"
    assert isinstance(told["提交时间"], datetime)
    assert abs(told["提交时间"] - at) < timedelta(seconds=1)
    (event,) = Event.objects.filter(kind=EventKind.EXPORTED)
    assert event.actor == reviewer
    assert event.data["filters"] == {"state": "submitted"}
    assert event.data["rows"] == 1


def test_the_workbook_has_more_than_a_page(as_user, reviewer, department) -> None:
    more = factories.DepartmentFactory.create_batch(60, bureau=department.bureau)
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    factories.round_for(template, *more)
    _, *rows = exported(as_user(reviewer), sort="-department")
    assert len(rows) == 60
    codes = [row[0] for row in rows]
    assert codes == sorted(codes, reverse=True)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "#N/A"])
def test_a_name_that_looks_like_a_formula_stays_text(
    as_user, reviewer, declaration, name: str
) -> None:
    Department.objects.filter(pk=declaration.department_id).update(name=name)
    answer = as_user(reviewer).post(reverse("declarations-export"))
    cell = load_workbook(BytesIO(answer.content)).active["B2"]
    assert (cell.value, cell.data_type) == (name, "s")


def test_a_department_takes_its_own_list(as_user, filer, declaration) -> None:
    head, row = exported(as_user(filer))
    assert "审核人" not in head
    assert declaration.round.name in row


def test_exporting_is_a_post(as_user, reviewer) -> None:
    assert as_user(reviewer).get(reverse("declarations-export")).status_code == 405
